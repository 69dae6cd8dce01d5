// SPDX-License-Identifier: Apache-2.0
// How a command reaches the Hub.
#include "cli/hub_settings.hpp"

#include "cli/context.hpp"
#include "hub/route.hpp"
#include "support/error.hpp"
#include "support/secrets.hpp"

#include <string_view>

namespace skw::cli {
namespace {

hub::Settings with_trace(hub::Settings settings, Context& context)
{
    if (context.output().manner().verbose) {
        settings.trace = [&output = context.output()](std::string_view line) { output.detail(line); };
    }
    return settings;
}

hub::Settings settings_for(Context& context, hub::StoredLogin stored)
{
    hub::Settings settings = hub::read_settings(context.environment(), stored);
    if (!settings.token.empty() && hub::sends_in_clear_text(settings.endpoint)) {
        context.output().warning("HF_ENDPOINT is not https: the token crosses the network unencrypted");
    }
    return with_trace(std::move(settings), context);
}

} // namespace

hub::Settings reading_settings(Context& context)
{
    return settings_for(context, hub::StoredLogin::use);
}

hub::Settings publishing_settings(Context& context)
{
    hub::Settings settings = settings_for(context, hub::StoredLogin::ignore);
    if (settings.token.empty()) {
        throw Error(
            ErrorCode::not_authorised, "", "HF_TOKEN is required for non-dry-run publishing",
            "set HF_TOKEN to a token with write access to the target, or look at the plan with --dry-run");
    }
    hide_from_other_processes(); // the tools that run next are such
    return settings;
}

hub::Settings examining_settings(Context& context, bool for_publishing)
{
    constexpr int tries = 3; // whoever looks wants to know how it is now
    hub::Settings settings =
        with_trace(hub::read_settings(context.environment(),
                                      for_publishing ? hub::StoredLogin::ignore : hub::StoredLogin::use),
                   context);
    settings.attempts = tries;
    return settings;
}

} // namespace skw::cli

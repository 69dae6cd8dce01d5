// SPDX-License-Identifier: Apache-2.0
// What a `publish` was asked to do, out of its options.
#include "cli/publish_request.hpp"

#include "cli/arguments.hpp"
#include "cli/context.hpp"
#include "cli/select_options.hpp"
#include "cli/set_option.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

void check_artifact(const std::string& artifact, const publish::Kinds& kinds)
{
    std::vector<std::string> choices = kinds.names();
    choices.push_back("all");
    // A kind whose plugin cannot be used is no wrong word: planning says what is wrong with the plugin.
    if (std::find(choices.begin(), choices.end(), artifact) != choices.end() ||
        kinds.inventory().find(artifact) != nullptr) {
        return;
    }
    std::string quoted;
    for (const std::string& choice : choices) {
        quoted += (quoted.empty() ? "" : ", ") + python_repr(choice);
    }
    const std::string near = nearest_name(artifact, choices);
    throw WrongUsage{"publish",
                     "argument --artifact: invalid choice: " + python_repr(artifact) + " (choose from " +
                         quoted + ")",
                     near.empty() ? "" : "did you mean " + near + "?"};
}

// In publishing order, whatever order they were named in; empty = all.
std::vector<std::string> read_artifacts(const Arguments& arguments, const publish::Kinds& kinds)
{
    std::vector<std::string> named;
    for (const std::string& list : arguments.all("artifact")) {
        for (std::size_t begin = 0; !list.empty() && begin <= list.size();) {
            const std::size_t end = std::min(list.find(',', begin), list.size());
            named.push_back(list.substr(begin, end - begin));
            check_artifact(named.back(), kinds);
            begin = end + 1;
        }
    }
    if (std::find(named.begin(), named.end(), "all") != named.end()) {
        return {};
    }
    std::vector<std::string> ordered;
    for (const std::string& kind : kinds.names()) {
        if (std::erase(named, kind) > 0) {
            ordered.push_back(kind);
        }
    }
    ordered.insert(ordered.end(), named.begin(), named.end()); // of plugins that cannot be used
    return ordered;
}

} // namespace

std::vector<publish::Request> read_requests(const Arguments& arguments, Context& context)
{
    const publish::Selection selection = read_selection(arguments, "publish");
    if (selects_nothing(selection)) {
        throw WrongUsage{"publish", "the following arguments are required: --model",
                         "or take a whole tier with --tier, or the whole catalog with --all"};
    }
    const publish::Kinds& kinds = context.kinds();
    const std::vector<std::string> artifacts = read_artifacts(arguments, kinds);
    const std::vector<publish::Setting> settings = read_set_option(arguments, "publish", kinds);
    std::vector<publish::Request> requests;
    for (catalog::Entry& entry : publish::select_entries(context.catalog(), selection)) {
        publish::Request request;
        request.entry = std::move(entry);
        request.artifacts = artifacts;
        request.pass_over = artifacts.empty() || selection.keys.empty();
        as_usage("publish", [&] { publish::apply_settings(settings, request.entry, kinds); });
        request.force = arguments.has("force");
        request.scratch = context.scratch_root(arguments.get("scratch"));
        request.collection = collection::decide_policy(request.entry.hf_collection,
                                                       context.environment()("SKULK_WEIGHTS_COLLECTION"));
        requests.push_back(std::move(request));
    }
    return requests;
}

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// `doctor`: whether this machine, this configuration and this token can publish; one line a check.
#include "publish/doctor.hpp"

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/hub_settings.hpp"
#include "cli/progress.hpp"
#include "cli/select_options.hpp"
#include "support/programs.hpp"
#include "support/secrets.hpp"
#include "support/version.hpp"

#include <iterator>

namespace skw::cli {
namespace {

using publish::Check;
using publish::Checks;
using Status = Check::Status;

// Shows each check as soon as it is known, and keeps all of them.
class Told {
public:
    explicit Told(Output& output) : output_(output) {}

    void add(Check check)
    {
        switch (check.status) {
        case Status::ok:
        case Status::skipped: output_.text(check.text + "\n"); break;
        case Status::warning: output_.warning(check.text); break;
        case Status::failed: output_.problem(check.text); break;
        }
        if (check.status == Status::failed || check.status == Status::warning) {
            output_.next_step(check.hint);
        }
        passed_ = passed_ && check.status != Status::failed;
        all_.push_back(std::move(check));
    }
    void add(Checks checks)
    {
        for (Check& check : checks) {
            add(std::move(check));
        }
    }
    bool passed() const noexcept { return passed_; }
    const Checks& all() const noexcept { return all_; }

private:
    Output& output_;
    Checks all_;
    bool passed_ = true;
};

struct Asked {
    bool publish = false, online = false;
    publish::Selection selection;
    bool selected = false;
};

// The selected entries, else all; a wrong key is a check that failed.
std::vector<catalog::Entry> read_entries(const Asked& asked, Context& context, Told& told)
{
    if (!asked.selected) {
        return context.catalog().entries;
    }
    try {
        return publish::select_entries(context.catalog(), asked.selection);
    } catch (const Error& error) {
        told.add({Status::failed, "selection", error.what(), std::string(error.hint())});
        return {};
    }
}

void check_hub(const Asked& asked, hub::Settings settings, const std::vector<catalog::Entry>& entries,
               Context& context, Told& told)
{
    const bool has_token = !settings.token.empty();
    hub::Client hub(std::move(settings), context.stop());
    publish::Reached reached = publish::check_reach(hub);
    told.add(std::move(reached.checks));
    if (!reached.ok) {
        told.add({Status::skipped, "account", "token, rights and sources: not known while the Hub does not answer",
                  {}});
        told.add(publish::check_space(context.scratch_root(""), std::nullopt, "while the Hub does not answer"));
        return;
    }
    std::optional<hub::Account> account;
    if (has_token) {
        publish::Who who = publish::check_account(hub);
        told.add(std::move(who.check));
        account = std::move(who.account);
    } else {
        told.add({Status::skipped, "account", "token: none, so the Hub is asked as nobody", {}});
    }
    const std::vector<publish::Target> targets = publish::find_targets(
        entries, context.kinds(), [&](const catalog::Entry& entry, const Error& error) {
            told.add({Status::failed, "plan-" + entry.key, entry.key + ": " + error.what(),
                      std::string(error.hint())});
        });
    if (asked.publish && account) {
        told.add(publish::check_rights(hub, *account, targets, !asked.selection.keys.empty()));
    }
    if (asked.publish) {
        told.add(publish::check_collections(hub, targets));
    }
    if (!asked.selected) {
        told.add(publish::check_space(context.scratch_root(""), std::nullopt,
                                      "while no entry is named: add --model, --tier or --all"));
        return;
    }
    ProgressView view(context.output());
    publish::Sources sources =
        publish::check_sources(hub, entries, targets, context.kinds(), context.stop(), view);
    told.add(std::move(sources.checks));
    told.add(publish::check_space(context.scratch_root(""), sources.need, {}));
}

// The first six lines are the contract's, in its order; two of them were about Python packages.
std::optional<hub::Settings> check_machine(const Asked& asked, Context& context, Told& told)
{
    const std::string root = context.scratch_root("");
    if (asked.publish) {
        told.add(publish::check_command("larql", find_program("larql")));
    }
    told.add({Status::ok, "program", "YAML reader built in (skulk-weights " SKW_VERSION ")",
              {}, {{"version", SKW_VERSION}}});
    if (asked.publish) {
        told.add(publish::check_token(context.environment()));
    }
    std::optional<hub::Settings> settings;
    try {
        settings = examining_settings(context, asked.publish);
        if (asked.publish || asked.online) {
            told.add({Status::ok, "endpoint", "Hub client built in, for " + settings->endpoint, {},
                      {{"endpoint", settings->endpoint}}});
        }
    } catch (const Error& error) {
        told.add({Status::failed, "endpoint", error.what(), std::string(error.hint())});
    }
    told.add(publish::check_scratch(root, root));
    told.add(publish::check_catalog(context.manifest(),
                                    [&]() -> const catalog::Catalog& { return context.catalog(); }));
    return settings;
}

int run(const Arguments& arguments, Context& context)
{
    Asked asked{arguments.has("publish"), arguments.has("online"), read_selection(arguments, "doctor"), false};
    asked.selected = !selects_nothing(asked.selection);
    Told told(context.output());
    std::optional<hub::Settings> settings = check_machine(asked, context, told);
    const bool has_catalog = told.all().back().status == Status::ok;
    const std::vector<catalog::Entry> entries =
        has_catalog ? read_entries(asked, context, told) : std::vector<catalog::Entry>();
    told.add(publish::check_plugins(context.kinds()));
    if (asked.publish) {
        hide_from_other_processes(); // the tools that are asked next are such
        told.add(publish::check_plugin_machine(context.kinds(), entries, context.stop()));
    }
    if (settings) {
        told.add(publish::check_route(*settings));
    }
    if (asked.online && settings) {
        check_hub(asked, std::move(*settings), entries, context, told);
    } else {
        told.add(publish::check_space(context.scratch_root(""), std::nullopt, "without --online"));
        told.add({Status::skipped, "hub",
                  asked.online ? "Hub: not asked, for the settings above are wrong"
                               : "Hub, clock and what the token may do: not known without --online",
                  {}});
    }
    if (told.passed()) {
        context.output().text("doctor checks passed\n");
    }
    context.output().document(publish::doctor_json(told.all(), asked.publish, asked.online));
    return told.passed() ? exit_code::ok : exit_code::failed;
}

} // namespace

const Command doctor_command{
    "doctor",
    "check this machine, the catalog and the plugins; with --online also the Hub and the token",
    "",
    {{"publish", "", "also what publishing takes: larql, its flags, the token and its rights"},
     {"online", "", "ask the Hub: whether it answers, its clock, whose the token is; nothing is changed there"},
     select_options[0],
     select_options[1],
     select_options[2]},
    {{"skulk-weights doctor", "scratch, catalog and plugins; no network"},
     {"skulk-weights doctor --publish", "and larql, the token, proxy and certificates"},
     {"skulk-weights doctor --publish --online --model foxlight/qwen3-5-9b-full-q4-k",
      "and whether the token may publish this entry, its sources can be read, and the disk has room"},
     {"skulk-weights doctor --publish --online --json", "the same for programs; exit 1 if a check failed"}},
    run};

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// `publish`: plans the artifacts of one entry, prints the plan, and makes and publishes them.
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/hub_settings.hpp"
#include "cli/progress.hpp"
#include "cli/set_option.hpp"
#include "publish/run.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>

namespace skw::cli {
namespace {

std::string checked_artifact(const std::string& artifact, const publish::Kinds& kinds)
{
    std::vector<std::string> choices = kinds.names();
    choices.push_back("all");
    // A kind whose plugin cannot be used is no wrong word: planning says what is wrong with the plugin.
    if (std::find(choices.begin(), choices.end(), artifact) == choices.end() &&
        kinds.inventory().find(artifact) == nullptr) {
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
    return artifact;
}

publish::Request make_request(const Arguments& arguments, Context& context)
{
    publish::Request request;
    request.artifact = checked_artifact(arguments.get("artifact", "all"), context.kinds());
    request.entry = context.entry(arguments.get("model"));
    const std::vector<publish::Setting> settings = read_set_option(arguments, "publish", context.kinds());
    as_usage("publish", [&] { publish::apply_settings(settings, request.entry, context.kinds()); });
    request.force = arguments.has("force");
    request.scratch = context.scratch_root(arguments.get("scratch"));
    request.collection = collection::decide_policy(request.entry.hf_collection,
                                                   context.environment()("SKULK_WEIGHTS_COLLECTION"));
    return request;
}

// How long a tool may neither print nor compute before it is taken to hang.
std::chrono::seconds tool_idle_limit(const hub::Environment& environment)
{
    static constexpr const char* variable = "SKULK_WEIGHTS_TOOL_IDLE_SECONDS";
    static constexpr unsigned standard = 900, most = 1'000'000;
    const std::string text = environment(variable).value_or("");
    unsigned seconds = standard;
    if (!text.empty()) {
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (failure != std::errc() || end != text.data() + text.size() || seconds == 0 || seconds > most) {
            throw Error(ErrorCode::bad_input, variable, "must be a number of seconds from 1 to 1000000",
                        "unset it for the standard of 900");
        }
    }
    return std::chrono::seconds(seconds);
}

int run(const Arguments& arguments, Context& context)
{
    const publish::Plan plan = publish::plan_publish(make_request(arguments, context), context.kinds());
    Output& output = context.output();
    output.text(publish::plan_text(plan));
    if (arguments.has("dry-run")) {
        output.text("dry run complete\n");
        output.document(publish::plan_json(plan));
        return exit_code::ok;
    }
    hub::Settings settings = publishing_settings(context);
    publish::check_runnable(plan);
    hub::Client hub(std::move(settings), context.stop());
    ProgressView view(output);
    publish::RunOptions options;
    options.scratch = std::filesystem::absolute(plan.request.scratch);
    options.now = std::chrono::system_clock::now();
    options.stop = context.stop();
    options.keep_going = arguments.has("keep-going");
    options.tool_idle_limit = tool_idle_limit(context.environment());
    const publish::Report report = publish::run_publish(plan, context.kinds(), hub, options, view);
    if (report.artifacts.size() > 1) {
        output.note(publish::summary_text(report));
    }
    output.document(publish::report_json(report));
    return report.exit_code();
}

} // namespace

const Command publish_command{
    "publish",
    "publish the artifacts of one catalog entry",
    "",
    {{"model", "KEY", "the catalog entry", 0, true},
     {"artifact", "KIND", "vindex, mtp, vision, another plugin's kind, or all (default: all)", 0, false},
     {"dry-run", "", "print the plan and stop: no network, no token, nothing written", 0, false},
     {"force", "", "make it again even if it is published already", 0, false},
     {"keep-going", "", "after a failed artifact go on with the next one", 0, false},
     set_option,
     {"scratch", "PATH", "folder for intermediate files (default: $SKULK_WEIGHTS_SCRATCH, else ./.scratch)",
      0, false}},
    {{"skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp --dry-run",
      "see what would be done"},
     {"HF_TOKEN=hf_... skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp", "do it"},
     {"HF_ENDPOINT=http://127.0.0.1:8080 HF_TOKEN=hf_local skulk-weights publish --model KEY --artifact mtp",
      "rehearse it on a local Hub"}},
    run};

} // namespace skw::cli

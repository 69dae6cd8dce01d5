// SPDX-License-Identifier: Apache-2.0
// `publish`: plans the artifacts of the selected entries, prints the plans, and makes and publishes them.
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/hub_settings.hpp"
#include "cli/progress.hpp"
#include "cli/publish_online.hpp"
#include "cli/publish_request.hpp"
#include "cli/report_file.hpp"
#include "cli/select_options.hpp"
#include "cli/set_option.hpp"
#include "publish/reviewed_plan.hpp"
#include "publish/run.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

#include <charconv>

namespace skw::cli {
namespace {

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

// A blank line between entries; one entry is printed as it always was.
void print_plans(const std::vector<publish::Plan>& plans, Output& output)
{
    for (const publish::Plan& plan : plans) {
        output.text((&plan == &plans.front() ? "" : "\n") + publish::plan_text(plan));
    }
}

// reviewed: what the plans were made of; null: the command line.
int publish_now(const std::vector<publish::Plan>& plans, const publish::ReviewedPlan* reviewed,
                const Arguments& arguments, Context& context)
{
    Output& output = context.output();
    hub::Settings settings = publishing_settings(context);
    publish::check_runnable(plans);
    const std::string report_file = arguments.get("report");
    check_writable_file(report_file, "report", "--report");
    hub::Client hub(std::move(settings), context.stop());
    if (reviewed != nullptr) {
        output.note("plan: " + reviewed->sha256);
        output.note("plan hub: " + reviewed->endpoint);
        publish::require_unchanged(plans, context.kinds(), hub);
    }
    ProgressView view(output);
    publish::RunOptions options;
    options.scratch = Context::absolute_scratch(plans.front().request.scratch);
    options.now = std::chrono::system_clock::now();
    options.stop = context.stop();
    options.keep_going = arguments.has("keep-going");
    options.tool_idle_limit = tool_idle_limit(context.environment());
    publish::Report report = publish::run_publish(plans, context.kinds(), hub, options, view);
    report.interrupted_code = context.interrupted_code();
    report.plan_digest = reviewed != nullptr ? reviewed->sha256 : "";
    if (report.artifacts().size() > 1) {
        output.note(publish::summary_text(report));
    }
    const json::value document = publish::report_json(report);
    const bool written = write_report_file(report_file, document, output);
    output.document(document);
    return written || report.exit_code() != exit_code::ok ? report.exit_code() : exit_code::failed;
}

// `publish --plan FILE`: what the file says and nothing else.
int run_reviewed(const Arguments& arguments, Context& context)
{
    Output& output = context.output();
    const publish::ReviewedPlan reviewed = publish::read_reviewed_plan(arguments.get("plan"));
    publish::require_same_hub(
        reviewed, hub::read_settings(context.environment(), hub::StoredLogin::ignore).endpoint);
    const std::vector<publish::Plan> plans =
        publish::plan_reviewed(reviewed, context.catalog(), context.kinds(),
                               context.environment()("SKULK_WEIGHTS_COLLECTION"));
    print_plans(plans, output);
    if (!arguments.has("dry-run")) {
        return publish_now(plans, &reviewed, arguments, context);
    }
    hub::Client hub(reading_settings(context), context.stop());
    publish::require_unchanged(plans, context.kinds(), hub);
    output.text("plan hub: " + reviewed.endpoint + "\nplan sha256: " + reviewed.sha256 +
                "\nplan still holds\ndry run complete\n");
    json::value document = publish::plan_json(plans);
    document.as_object()["plan_hub"] = reviewed.endpoint;
    document.as_object()["plan_sha256"] = reviewed.sha256;
    output.document(document);
    return exit_code::ok;
}

int run(const Arguments& arguments, Context& context)
{
    check_plan_options(arguments);
    if (!arguments.get("plan").empty()) {
        return run_reviewed(arguments, context);
    }
    std::vector<publish::Plan> plans;
    for (publish::Request& request : read_requests(arguments, context)) {
        if (!arguments.get("plan-out").empty()) { // it may be run from another folder
            request.scratch = lexically_clean(Context::absolute_scratch(request.scratch).string());
        }
        plans.push_back(publish::plan_publish(request, context.kinds()));
    }
    if (asks_to_look(arguments)) {
        return look_ahead(plans, arguments, context);
    }
    Output& output = context.output();
    print_plans(plans, output);
    if (arguments.has("dry-run")) {
        output.text("dry run complete\n");
        output.document(publish::plan_json(plans));
        return exit_code::ok;
    }
    return publish_now(plans, nullptr, arguments, context);
}

} // namespace

const Command publish_command{
    "publish",
    "publish the artifacts of catalog entries",
    "",
    {select_options[0],
     select_options[1],
     select_options[2],
     {"artifact", "KIND", "vindex, mtp, vision, another plugin's kind, or all (default: all); repeatable, or "
                          "several with commas",
      0, false, Values::artifacts},
     {"dry-run", "", "print the plan and stop: no network, no token, nothing written"},
     {"online", "", "with --dry-run: look at the Hub too, and tell what would be met and moved"},
     {"plan-out", "FILE", "look as --dry-run --online does, and write the plan down for review", 0, false,
      Values::files},
     {"plan", "FILE", "run exactly this reviewed plan, or stop if anything has changed since", 0, false,
      Values::files},
     {"force", "", "make it again even if it is published already"},
     {"keep-going", "", "after a failure go on with the next artifact and the next entry"},
     {"report", "FILE", "write what was done: commits, SHA-256, bytes, durations (JSON)", 0, false,
      Values::files},
     set_option,
     {"scratch", "PATH", "folder for intermediate files (default: $SKULK_WEIGHTS_SCRATCH, else ./.scratch)",
      0, false, Values::folders}},
    {{"skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp --dry-run",
      "see what would be done"},
     {"HF_TOKEN=hf_... skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp", "do it"},
     {"HF_TOKEN=hf_... skulk-weights publish --tier smoke --keep-going --report report.json",
      "all entries of a tier, with a report of what became of each"},
     {"skulk-weights publish --tier smoke --plan-out plan.json", "write down what would be done, for review"},
     {"HF_TOKEN=hf_... skulk-weights publish --plan plan.json", "do exactly what was reviewed"},
     {"HF_ENDPOINT=http://127.0.0.1:8080 HF_TOKEN=hf_local skulk-weights publish --model KEY --artifact mtp",
      "rehearse it on a local Hub"}},
    run,
    Values::anything,
    false,
    {{exit_code::stale_plan, "what a reviewed plan was made for has changed: make a new one with --plan-out"},
     {exit_code::partial, "some of several artifacts failed; the report says which"},
     {exit_code::unfiled, "everything is published, but not filed into its collection"}}};

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// `publish --dry-run --online` and `--plan-out`.
#include "cli/publish_online.hpp"

#include "cli/arguments.hpp"
#include "cli/context.hpp"
#include "cli/hub_settings.hpp"
#include "cli/progress.hpp"
#include "cli/report_file.hpp"
#include "cli/set_option.hpp"
#include "publish/reviewed_plan.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace skw::cli {
namespace {

std::vector<publish::EntryLook> look(const std::vector<publish::Plan>& plans, Context& context)
{
    publish::LookOptions options;
    options.scratch = Context::absolute_scratch(plans.front().request.scratch);
    // What reads with the machine's own login does not say what HF_TOKEN may.
    options.has_token = !hub::read_settings(context.environment(), hub::StoredLogin::ignore).token.empty();
    options.stop = context.stop();
    hub::Client hub(reading_settings(context), context.stop());
    ProgressView view(context.output());
    return publish::look_online(plans, context.kinds(), hub, options, view);
}

void print(const publish::Plan& plan, const publish::EntryLook& look, bool several, Output& output)
{
    output.text(publish::plan_text(plan));
    for (const publish::ArtifactLook& artifact : look.artifacts) {
        output.text(publish::look_text(artifact));
    }
    for (const publish::ArtifactLook& artifact : look.artifacts) {
        for (const Error& problem : artifact.problems) {
            output.problem((several ? look.key + ": " : "") + artifact.kind + " problem: " + problem.what());
            output.next_step(problem.hint());
        }
    }
}

json::object document_of(const std::vector<publish::Plan>& plans,
                         const std::vector<publish::EntryLook>& looks)
{
    json::value document = publish::plan_json(plans);
    json::array& entries = document.at("entries").as_array();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        json::array& artifacts = entries[i].at("artifacts").as_array();
        for (std::size_t j = 0; j < artifacts.size(); ++j) {
            artifacts[j].as_object()["online"] = publish::look_json(looks[i].artifacts[j]);
        }
    }
    return std::move(document.as_object());
}

} // namespace

bool asks_to_look(const Arguments& arguments)
{
    return arguments.has("online") || !arguments.get("plan-out").empty();
}

void check_plan_options(const Arguments& arguments)
{
    if (!arguments.get("plan").empty()) {
        for (const char* other :
             {"model", "tier", "all", "artifact", "force", "set", "scratch", "plan-out", "online"}) {
            if (arguments.has(other)) {
                throw WrongUsage{
                    "publish", std::string("argument --plan: not allowed with argument --") + other,
                    "the plan says what is done and where; to do something else, make another one "
                    "with --plan-out"};
            }
        }
    }
    if (arguments.has("online") && !arguments.has("dry-run") && arguments.get("plan-out").empty()) {
        throw WrongUsage{"publish", "argument --online: not allowed without argument --dry-run",
                         "add --dry-run to look only, or leave --online out to publish"};
    }
    if (!arguments.get("report").empty() && (arguments.has("dry-run") || asks_to_look(arguments))) {
        throw WrongUsage{"publish",
                         std::string("argument --report: not allowed with argument --") +
                             (arguments.has("dry-run") ? "dry-run" : "plan-out"),
                         "a report says what was published; a look prints what it finds with --json"};
    }
}

int look_ahead(const std::vector<publish::Plan>& plans, const Arguments& arguments, Context& context)
{
    const std::string file = arguments.get("plan-out");
    check_writable_file(file, "plan", "--plan-out");
    Output& output = context.output();
    const std::vector<publish::EntryLook> looks = look(plans, context);
    for (std::size_t i = 0; i < plans.size(); ++i) {
        output.text(i == 0 ? "" : "\n");
        print(plans[i], looks[i], plans.size() > 1, output);
    }
    json::object document = document_of(plans, looks);
    if (publish::has_problems(looks)) {
        if (!file.empty()) {
            output.problem("no plan was written: what the plan says would not be done");
        }
        output.document(document);
        return publish::exit_code_of(looks);
    }
    if (!file.empty()) {
        const std::vector<publish::Setting> settings = read_set_option(arguments, "publish", context.kinds());
        const std::string endpoint =
            hub::read_settings(context.environment(), hub::StoredLogin::ignore).endpoint;
        const json::object plan =
            publish::make_reviewed_plan({plans, looks, context.catalog(), context.kinds(), settings, endpoint,
                                         std::chrono::system_clock::now()});
        const std::string digest(plan.at("sha256").as_string());
        write_named_file(file, publish::reviewed_plan_text(plan));
        output.text("plan written: " + file + "\nplan hub: " + endpoint + "\nplan sha256: " + digest + "\n");
        document["plan_file"] = file;
        document["plan_hub"] = endpoint;
        document["plan_sha256"] = digest;
    }
    output.text("dry run complete\n");
    output.document(document);
    return exit_code::ok;
}

} // namespace skw::cli

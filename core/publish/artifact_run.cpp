// SPDX-License-Identifier: Apache-2.0
// One artifact from its plan to its commit and its collection.
#include "publish/artifact_run.hpp"

#include "plugin/folders.hpp"
#include "plugin/staging.hpp"
#include "publish/plan_checks.hpp"
#include "publish/target_guard.hpp"
#include "publish/tool_upload.hpp"
#include "support/error.hpp"
#include "support/programs.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

std::vector<std::string> up_to_date_messages(const json::object& plan)
{
    std::vector<std::string> messages;
    if (const json::value* nothing_left = plan.if_contains("up_to_date")) {
        for (const json::value& message : nothing_left->at("messages").as_array()) {
            messages.push_back(printable(std::string_view(message.as_string())));
        }
    }
    return messages;
}

} // namespace

void ArtifactRun::publish()
{
    const json::object& shown = work_.offline.document.as_object();
    check_target(shown, work_.request, work_.artifact.plugin());
    require_tools();
    Facts facts = read_facts(work_.hub, shown);
    report_.repo = facts.target.repo.text();
    if (const PinnedInput* source = find_source(facts, shown)) {
        report_.source_repo = source->tree.repo.text();
        report_.source_revision = source->tree.commit.text();
    }
    const json::object plan = pinned_plan(facts);
    if (plan.contains("up_to_date")) {
        note_up_to_date(plan, facts.target);
    } else {
        if (!work_.request.force) {
            plugin::refuse_existing_folders(plan, work_.artifact.plugin().id, work_.options.scratch,
                                            work_.request.scratch);
        }
        refuse_foreign_target(facts.target, plan, work_.request.force);
        require_rights(facts.target); // before gigabytes are read for nothing
        make(plan, facts);
        if (facts.target.is_private && !uploads_by_tool(plan)) {
            work_.warn("hf://" + report_.repo + " is private; others cannot load it");
        }
    }
    if (work_.request.collection.on()) {
        file(facts.target.repo);
    }
}

void ArtifactRun::require_tools() const
{
    const json::value* tools = work_.offline.document.as_object().if_contains("tools");
    for (const json::value& tool : tools != nullptr ? tools->as_array() : json::array()) {
        const std::string name(tool.as_string());
        if (!find_program(name)) {
            throw Error(ErrorCode::not_found, "", name + " is required for " + work_.kind() + " publishing",
                        "install " + name + " and put its folder on PATH");
        }
    }
}

void ArtifactRun::require_rights(const TargetState& target) const
{
    if (target.head) {
        work_.hub.check_write(target.repo);
    } else {
        work_.hub.check_create(target.repo.owner());
    }
}

json::object ArtifactRun::pinned_plan(const Facts& facts)
{
    json::value plan = work_.artifact.plan(plan_request(work_.request, work_.kind(), facts.document));
    check_same_work(work_.offline.document.as_object(), plan.as_object(), work_.artifact.plugin());
    for (const json::value& warning :
         plan.as_object().contains("warnings") ? plan.at("warnings").as_array() : json::array()) {
        work_.warn(printable(std::string_view(warning.as_string())));
    }
    return std::move(plan.as_object());
}

void ArtifactRun::note_up_to_date(const json::object& plan, const TargetState& target)
{
    report_.outcome = Outcome::up_to_date;
    report_.messages = up_to_date_messages(plan);
    for (const std::string& message : report_.messages) {
        work_.line(message);
    }
    if (uploads_by_tool(work_.offline.document.as_object()) && complete_hidden(work_, target)) {
        work_.line("hf://" + target.repo.text() + " is public now");
    } else if (target.is_private) {
        work_.warn("hf://" + target.repo.text() + " is private; others cannot load it");
    }
    remove_leftovers(work_.offline.document.as_object());
}

// What a run that was killed after its commit has staged. Another run that is at work keeps its files.
void ArtifactRun::remove_leftovers(const json::object& plan) const
{
    std::error_code ignored;
    const json::value* folders = plan.if_contains("folders");
    for (const json::value& folder : folders != nullptr ? folders->as_array() : json::array()) {
        const std::string shown = work_.request.scratch + "/" + std::string(folder.as_string());
        if (std::filesystem::exists(work_.options.scratch / std::string_view(folder.as_string()), ignored)) {
            work_.line(shown + " is left from an earlier run; nothing needs it any more, so remove it");
        }
    }
    for (const json::value& output : plan.at("outputs").as_array()) {
        const std::filesystem::path file =
            work_.options.scratch / std::string_view(output.at("file").as_string());
        if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(file, ignored))) {
            continue;
        }
        try {
            const std::shared_ptr<const void> lease = plugin::lease_scratch_root(work_.options.scratch);
            std::filesystem::remove(file, ignored);
        } catch (const Error& error) {
            work_.observer.detail(work_.kind() + ": " + file.string() +
                                  " is left where it is: " + std::string(error.reason()));
        }
    }
}

// The artifact is published whatever comes of this: a failure is told beside it.
void ArtifactRun::file(const RepoId& target)
{
    const std::string& title = work_.offline.kind.collection_title;
    try {
        const collection::Filed filed =
            title.empty() ? collection::file_by_slug(work_.hub, target, *work_.request.collection.slug)
                          : collection::file_by_title(work_.hub, target, title);
        report_.collection = filed.slug;
        work_.observer.detail(work_.kind() + ": " + (filed.newly_added ? "filed in " : "already filed in ") +
                              filed.slug);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        report_.filing_error = error;
        work_.observer.failed(error);
    }
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// One artifact from its plan to its commit and its collection.
#include "publish/artifact_run.hpp"

#include "plugin/folders.hpp"
#include "plugin/staging.hpp"
#include "publish/pins.hpp"
#include "publish/plan_checks.hpp"
#include "publish/preconditions.hpp"
#include "publish/target_guard.hpp"
#include "publish/tool_upload.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace skw::publish {
void ArtifactRun::publish()
{
    const json::object& shown = work_.offline.document.as_object();
    check_target(shown, work_.request, work_.artifact.plugin());
    require_tools(shown, work_.kind());
    Facts facts = read_facts(work_.hub, shown);
    report_.repo = facts.target.repo.text();
    if (work_.offline.pins) {
        require_pins(*work_.offline.pins, facts, work_.kind());
    }
    if (const PinnedInput* source = find_source(facts, shown)) {
        report_.source_repo = source->tree.repo.text();
        report_.source_revision = source->tree.commit.text();
    }
    const json::object plan = pinned_plan(facts);
    if (work_.offline.pins) {
        require_same_plan(*work_.offline.pins, plan, work_.kind());
    }
    if (plan.contains("up_to_date")) {
        note_up_to_date(plan, facts.target);
    } else {
        if (!work_.request.force) {
            plugin::refuse_existing_folders(plan, work_.artifact.plugin().id, work_.options.scratch,
                                            work_.request.scratch);
        }
        refuse_foreign_target(facts.target, plan, work_.request.force);
        require_rights(work_.hub, facts.target); // before gigabytes are read for nothing
        make(plan, facts);
        if (facts.target.is_private && !uploads_by_tool(plan)) {
            work_.warn("hf://" + report_.repo + " is private; others cannot load it");
        }
    }
    if (work_.request.collection.on()) {
        file(facts.target.repo);
    }
}

json::object ArtifactRun::pinned_plan(const Facts& facts)
{
    json::object plan =
        make_pinned_plan(work_.request, work_.offline.document.as_object(), work_.artifact, facts);
    for (const json::value& warning :
         plan.contains("warnings") ? plan.at("warnings").as_array() : json::array()) {
        work_.warn(printable(std::string_view(warning.as_string())));
    }
    return plan;
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

// SPDX-License-Identifier: Apache-2.0
// One artifact from its plan to its commit and its collection.
#include "publish/artifact_run.hpp"

#include "plugin/folders.hpp"
#include "plugin/staging.hpp"
#include "publish/card_facts.hpp"
#include "publish/committing.hpp"
#include "publish/mirror.hpp"
#include "publish/plan_checks.hpp"
#include "publish/target_guard.hpp"
#include "publish/telling.hpp"
#include "publish/tool_upload.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/programs.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

// The staged files of an execution, removed at the end whatever happens.
class StagedFiles {
public:
    explicit StagedFiles(const std::vector<plugin::StagedOutput>& outputs) : outputs_(outputs) {}
    ~StagedFiles()
    {
        for (const plugin::StagedOutput& output : outputs_) {
            std::error_code ignored;
            std::filesystem::remove(output.file, ignored);
        }
    }
    StagedFiles(const StagedFiles&) = delete;
    StagedFiles& operator=(const StagedFiles&) = delete;

private:
    std::vector<plugin::StagedOutput> outputs_;
};

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

bool uploads_by_tool(const json::object& plan)
{
    return std::ranges::any_of(plan.at("steps").as_array(), [](const json::value& step) {
        const json::value* uploads = step.as_object().if_contains("uploads");
        return uploads != nullptr && uploads->is_string();
    });
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
            plugin::refuse_existing_folders(plan, work_.options.scratch, work_.request.scratch);
            refuse_foreign_target(facts.target, plan);
        }
        require_rights(facts.target); // before gigabytes are read for nothing
        make(plan, facts);
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
    if (target.is_private) {
        work_.warn("hf://" + target.repo.text() + " is private; others cannot load it");
    }
    remove_leftovers(work_.offline.document.as_object());
}

// What a run that was killed after its commit has staged. Another run that is at work keeps its files.
void ArtifactRun::remove_leftovers(const json::object& plan) const
{
    std::error_code ignored;
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

// A plugin knows its input by an id; which repo at which commit that is stands here.
plugin::Execution ArtifactRun::execute(const json::object& plan, const Facts& facts,
                                       plugin::ToolTarget* target)
{
    HubSources sources(work_.hub, facts.inputs);
    Telling events(work_.observer, work_.kind(), plan);
    plugin::ExecuteRequest request;
    request.plan = plan;
    request.scratch_root = work_.options.scratch;
    request.shown_scratch = work_.request.scratch;
    request.sources = &sources;
    request.events = &events;
    request.stop = work_.options.stop;
    request.target = target;
    request.replace_folders = work_.request.force;
    request.idle_limit = work_.options.tool_idle_limit;
    try {
        return work_.artifact.execute(request);
    } catch (const Error& error) {
        const std::string repo = report_.source_repo.value_or("");
        if (error.code() == ErrorCode::cancelled ||
            std::string_view(error.what()).find(repo) != std::string_view::npos) {
            throw;
        }
        throw error.inside(repo + "@" + report_.source_revision.value_or("").substr(0, 12));
    }
}

void ArtifactRun::make(const json::object& plan, Facts& facts)
{
    std::error_code error;
    std::filesystem::create_directories(work_.options.scratch, error);
    if (error) {
        throw Error(ErrorCode::io, work_.options.scratch.string(),
                    "cannot make the scratch folder: " + error.message(),
                    "choose another one with --scratch");
    }
    ToolUpload upload(work_, plan, facts);
    const bool by_tool = uploads_by_tool(plan);
    try {
        // Its lease of the scratch folder holds until the staged files are sent.
        const plugin::Execution execution = execute(plan, facts, by_tool ? &upload : nullptr);
        const StagedFiles staged(execution.outputs);
        check_outputs(plan, execution, work_.artifact.plugin());
        if (const json::value* metrics = execution.result.as_object().if_contains("metrics")) {
            report_.metrics = *metrics;
        }
        if (!by_tool) {
            commit(plan, facts, execution);
            return;
        }
        if (!execution.uploaded) {
            throw Error(ErrorCode::contract, "plugin " + work_.artifact.plugin().id,
                        "ended without running the step that uploads", "this is a fault of the plugin");
        }
        const CommitResult result = upload.finish(*execution.uploaded, execution.card);
        report_.outcome = Outcome::published;
        report_.commit = std::string(result.commit.text());
        report_.files = result.files;
        plugin::remove_folders(execution.folders);
        work_.line("published hf://" + report_.repo + " at " + *report_.commit);
    } catch (const Error&) {
        if (upload.opened()) {
            work_.warn("hf://" + report_.repo +
                       " may be incomplete; running the same command again completes it");
        }
        throw;
    }
}

void ArtifactRun::commit(const json::object& plan, Facts& facts, const plugin::Execution& execution)
{
    const RepoId& target = facts.target.repo;
    const Mirror mirror = compare_mirror(plan, facts, execution.mirrored);
    card::CardFacts card = make_card_facts(work_, plan, facts, execution.card);
    if (execution.outputs.empty() && mirror.changes_nothing() && !work_.request.force && facts.target.head &&
        says_the_same(facts.target, card)) {
        report_.outcome = Outcome::unchanged;
        report_.messages = {
            "unchanged: hf://" + target.text() +
            " holds these files already; nothing was committed (pass --force to do it anyway)"};
        work_.line(report_.messages.front());
        return;
    }
    Change change;
    change.summary = plan.at("target").at("commit_message").as_string();
    change.removals = mirror.removals;
    std::string first_path;
    for (const json::value& output : plan.at("outputs").as_array()) {
        const auto staged =
            std::find_if(execution.outputs.begin(), execution.outputs.end(),
                         [&](const plugin::StagedOutput& o) { return o.id == output.at("id").as_string(); });
        const RepoPath path = RepoPath::parse(output.at("path").as_string()).value();
        change.additions.push_back({path, staged->file, staged->size, staged->sha256});
        card.files.push_back({path.text(), staged->size, staged->sha256.hex()});
        first_path = first_path.empty() ? "/" + path.text() : first_path;
    }
    MirrorContent content(work_.hub, target);
    for (const MirrorPiece& piece : mirror.pieces) {
        hub::Addition addition = content.read(piece);
        card.files.push_back({piece.file.path.text(), addition.size, addition.sha256.hex()});
        if (piece.at_target) {
            report_.files.push_back({piece.file.path.text(), addition.size, addition.sha256.hex(),
                                     std::string(name_of(hub::Way::unchanged))});
        } else {
            change.additions.push_back(std::move(addition));
        }
    }
    const std::string readme = checked_card(work_, card);
    change.additions.push_back(
        {RepoPath::parse("README.md").value(), readme, readme.size(), sha256_of(readme)});
    work_.line("atomically publishing weights and card to hf://" + target.text());
    ensure_target(work_, facts.target);
    const CommitResult result = commit_change(work_, facts.target, std::move(change));
    report_.outcome = Outcome::published;
    report_.commit = std::string(result.commit.text());
    report_.files.insert(report_.files.end(), result.files.begin(), result.files.end());
    for (const RepoPath& path : mirror.removals) {
        report_.removed.push_back(path.text());
        work_.line("removed " + path.text() + ", which the source no longer has");
    }
    check_mirror(mirror, work_.hub.read_tree(target, result.commit));
    work_.line("published hf://" + target.text() + first_path + " at " + *report_.commit);
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

// SPDX-License-Identifier: Apache-2.0
// The second half of one artifact's run: making it, and the commit.
#include "publish/artifact_run.hpp"

#include "plugin/folders.hpp"
#include "plugin/scratch_root.hpp"
#include "publish/card_facts.hpp"
#include "publish/mirror.hpp"
#include "publish/plan_checks.hpp"
#include "publish/target_guard.hpp"
#include "publish/telling.hpp"
#include "publish/tool_upload.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <map>

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

// "7 file(s): 2 copied, 5 inlined"
std::string ways_text(const std::vector<PublishedFile>& files)
{
    std::map<std::string, std::size_t> counts;
    for (const PublishedFile& file : files) {
        ++counts[file.way];
    }
    std::string text = std::to_string(files.size()) + " file(s)";
    const char* mark = ": ";
    for (const auto& [way, count] : counts) {
        text += mark + std::to_string(count) + " " + way;
        mark = ", ";
    }
    return text;
}

} // namespace

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
        const bool has_folders = plan.contains("folders"); // what is wrong may be what a tool made
        if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::conflict || has_folders ||
            std::string_view(error.what()).find(repo) != std::string_view::npos ||
            std::string_view(error.what()).find(report_.repo) != std::string_view::npos) {
            throw;
        }
        throw error.inside(repo + "@" + report_.source_revision.value_or("").substr(0, 12));
    }
}

void ArtifactRun::make(const json::object& plan, Facts& facts)
{
    plugin::make_scratch_root(work_.options.scratch);
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
        work_.line("published hf://" + report_.repo + " at " + *report_.commit);
        clear(execution.folders);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            note_unfinished_folders(plan);
        }
        if (upload.opened() && report_.outcome != Outcome::published) {
            work_.warn("hf://" + report_.repo +
                       " is not complete, and its card says so until a later run completes it");
        }
        throw;
    }
}

// What the next run will find in its way.
void ArtifactRun::note_unfinished_folders(const json::object& plan) const
{
    try {
        plugin::refuse_existing_folders(plan, work_.artifact.plugin().id, work_.options.scratch,
                                        work_.request.scratch);
    } catch (const Error&) {
        work_.warn(
            "what the tool has written so far is not finished and stays; run again with --force to make it "
            "anew from what is staged already");
    }
}

// The artifact is published: what cannot be removed here is no failure of it.
void ArtifactRun::clear(const std::vector<std::filesystem::path>& folders) const
{
    try {
        plugin::remove_folders(folders);
    } catch (const Error& error) {
        work_.warn("is published, but what it was made from stays: " + std::string(error.what()));
    }
}

CommitResult ArtifactRun::commit_first(const TargetState& target, Change change, bool is_new) const
{
    try {
        return commit_change(work_, target, std::move(change));
    } catch (const Error& error) {
        if (is_new && error.code() != ErrorCode::cancelled) {
            work_.warn(
                "hf://" + target.repo.text() +
                " was made for this and is empty; a later run fills it, or delete it on its settings page");
        }
        throw;
    }
}

void ArtifactRun::commit(const json::object& plan, Facts& facts, const plugin::Execution& execution)
{
    const RepoId& target = facts.target.repo;
    const Mirror mirror = compare_mirror(plan, facts, execution.mirrored, hash_small_files(work_.hub));
    card::CardFacts card = make_card_facts(work_, plan, facts, execution.card);
    if (execution.outputs.empty() && mirror.changes_nothing() && !work_.request.force && facts.target.head &&
        says_the_same(facts.target, card)) {
        report_.outcome = Outcome::unchanged;
        report_.messages = {
            "unchanged: hf://" + target.text() +
            " holds these files already; nothing was committed (pass --force to do it anyway)"};
        work_.line(report_.messages.front());
        for (const MirrorPiece& piece : mirror.pieces) { // by the listing: no byte of them was read
            report_.files.push_back({piece.file.path.text(), piece.file.size,
                                     piece.file.sha256 ? piece.file.sha256->hex() : "",
                                     std::string(name_of(hub::Way::unchanged))});
        }
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
        const std::string path = piece.file.path.text();
        if (piece.at_target) {
            const std::string sha256 = content.hash(piece).hex();
            card.files.push_back({path, piece.file.size, sha256});
            report_.files.push_back(
                {path, piece.file.size, sha256, std::string(name_of(hub::Way::unchanged))});
        } else {
            hub::Addition addition = content.read(piece);
            card.files.push_back({path, addition.size, addition.sha256.hex()});
            change.additions.push_back(std::move(addition));
        }
    }
    const std::string readme = checked_card(card, change.summary);
    change.additions.push_back(
        {RepoPath::parse("README.md").value(), readme, readme.size(), sha256_of(readme)});
    work_.line("atomically publishing weights and card to hf://" + target.text());
    const bool is_new = !facts.target.head;
    ensure_target(work_, facts.target);
    const CommitResult result = commit_first(facts.target, std::move(change), is_new);
    report_.outcome = Outcome::published;
    report_.commit = std::string(result.commit.text());
    report_.files.insert(report_.files.end(), result.files.begin(), result.files.end());
    for (const RepoPath& path : mirror.removals) {
        report_.removed.push_back(path.text());
        work_.line("removed " + path.text() + ", which the source no longer has");
    }
    if (!mirror.pieces.empty()) {
        check_mirror(mirror, work_.hub.read_tree(target, result.commit));
    }
    if (!execution.mirrored.empty()) {
        work_.line(ways_text(report_.files));
    }
    work_.line("published hf://" + target.text() + first_path + " at " + *report_.commit);
}

} // namespace skw::publish

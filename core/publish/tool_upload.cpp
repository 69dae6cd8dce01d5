// SPDX-License-Identifier: Apache-2.0
// Artifacts that a tool uploads by itself.
#include "publish/tool_upload.hpp"

#include "publish/card_facts.hpp"
#include "publish/license_files.hpp"
#include "publish/target_guard.hpp"
#include "support/clock.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/letters.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace skw::publish {
namespace {

constexpr std::string_view public_hub = "https://huggingface.co";
constexpr std::uint64_t spot_bytes = 64u << 10;
constexpr std::uint64_t largest_small_file = 10u << 20;

Error not_as_sent(const hub::Tree& tree, const std::string& what)
{
    return Error(
        ErrorCode::failed, "hf://" + tree.repo.text() + "@" + std::string(tree.commit.text().substr(0, 12)),
        "is not what lies here: " + what,
        "run the same command again to go on with the upload, or with --force to make everything anew");
}

bool is_same(const hub::RemoteFile& there, const plugin::UploadedFile& here)
{
    if (there.size != here.size) {
        return false;
    }
    return there.sha256 ? *there.sha256 == here.sha256
                        : here.size <= largest_small_file &&
                              there.blob_id == git_blob_id(read_file(here.file, largest_small_file));
}

hub::Addition readme_of(const std::string& text)
{
    return {RepoPath::parse("README.md").value(), text, text.size(), sha256_of(text)};
}

void compare(const hub::Tree& tree, const std::vector<plugin::UploadedFile>& uploaded)
{
    std::string odd;
    std::size_t count = 0;
    for (const plugin::UploadedFile& here : uploaded) {
        const hub::RemoteFile* there = tree.find(here.path);
        const bool same = there != nullptr && is_same(*there, here);
        if (!same && ++count <= 10) {
            odd += (odd.empty() ? "" : ", ") + printable(here.path, 200) +
                   (there == nullptr ? " is missing" : " has other content");
        }
    }
    if (count > 0) {
        throw not_as_sent(tree, odd + (count > 10 ? " and " + std::to_string(count - 10) + " more" : ""));
    }
}

// The last two steps: everybody may see it, and its card no longer says that they may not.
CommitId make_public(const Work& work, const TargetState& hidden, const std::string& card)
{
    work.hub.set_private(hidden.repo, false);
    if (work.hub.read_repo(hidden.repo).is_private) {
        throw Error(ErrorCode::failed, "hf://" + hidden.repo.text(),
                    "is complete, but stayed private although it was asked to be public",
                    "make it public on its settings page, then run the same command again");
    }
    return commit_change(work, hidden, {"Show the repository", {readme_of(card)}, {}, true}).commit;
}

} // namespace

TargetState ToolUpload::make_private_repo()
{
    const RepoId& repo = facts_.target.repo;
    TargetState target{repo, {}, true, {}, {}};
    work_.hub.create_repo(repo, true);
    const hub::RepoInfo info = work_.hub.read_repo(repo);
    target.head = info.head;
    // It was not there when this run began, and is empty: ours, whatever became of the reply to its making.
    refuse_if_filled(work_.hub.read_tree(repo, info.head));
    is_hidden_ = info.is_private;
    return target;
}

void ToolUpload::mark(const TargetState& target)
{
    card::CardFacts card;
    card.repo = target.repo.text();
    card.artifact_type = plan_.at("card").at("artifact_type").as_string();
    card.source_repo = plan_.at("card").at("source_repo").as_string();
    card.catalog_key = work_.request.entry.key;
    card.generated_at = utc_text(work_.options.now);
    commit_change(work_, target,
                  {"Begin publishing", {readme_of(card::make_unfinished_card(card, is_hidden_))}, {}});
}

std::vector<plugin::EnvironmentVariable> ToolUpload::open(std::string_view endpoint_variable)
{
    const hub::Settings& settings = work_.hub.settings();
    if (settings.endpoint != public_hub && endpoint_variable.empty()) {
        throw Error(ErrorCode::unsupported, settings.endpoint,
                    "the tool that uploads this artifact knows the public Hub only",
                    "unset HF_ENDPOINT, or choose another artifact");
    }
    const RepoId& repo = facts_.target.repo;
    const std::string account = work_.hub.read_account();
    if (!equal_ignoring_case(account, repo.owner())) {
        stray_ = RepoId::parse(account + "/" + std::string(repo.name()));
        if (stray_ && work_.hub.find_repo(*stray_)) {
            stray_.reset(); // it has been there before: not the tool's doing
        }
    }
    opened_ = true;
    is_hidden_ = facts_.target.is_private && facts_.target.foxlight("made_private") == "true";
    const TargetState target = facts_.target.head ? facts_.target : make_private_repo();
    try {
        mark(target);
    } catch (const Error& error) {
        // Somebody else was faster, so nothing is marked, and nothing begun.
        opened_ = error.code() != ErrorCode::conflict && error.code() != ErrorCode::stale_plan;
        throw;
    }
    std::vector<plugin::EnvironmentVariable> variables;
    variables.push_back({"HF_TOKEN", std::string(settings.token.reveal())});
    if (settings.endpoint != public_hub) {
        variables.push_back({std::string(endpoint_variable), settings.endpoint});
    }
    return variables;
}

// Old versions of larql make the repo without its owner, which puts it under the token's account.
void ToolUpload::look_for_stray()
{
    if (stray_ && work_.hub.find_repo(*stray_)) {
        work_.warn("the tool has made an empty repo hf://" + stray_->text() +
                   " by mistake; delete it on its settings page");
    }
}

std::vector<RepoPath> ToolUpload::find_leftovers(const hub::Tree& tree,
                                                 const std::vector<plugin::UploadedFile>& uploaded,
                                                 const Mirror& licenses) const
{
    std::set<std::string_view> wanted;
    for (const plugin::UploadedFile& file : uploaded) {
        wanted.insert(file.path);
    }
    for (const MirrorPiece& piece : licenses.pieces) {
        wanted.insert(piece.file.path.text());
    }
    std::vector<RepoPath> leftovers;
    for (const hub::RemoteFile& file : tree.files) {
        const std::string& path = file.path.text();
        if (path != "README.md" && path.front() != '.' && !is_license_file(path) && !wanted.contains(path)) {
            leftovers.push_back(file.path);
        }
    }
    return leftovers;
}

void ToolUpload::read_back(const hub::Tree& tree, const std::vector<plugin::UploadedFile>& uploaded) const
{
    const auto largest = std::ranges::max_element(uploaded, {}, &plugin::UploadedFile::size);
    if (largest == uploaded.end() || largest->size == 0) {
        return;
    }
    const File local = File::open_read(largest->file);
    const std::uint64_t length = std::min(spot_bytes, largest->size);
    for (const std::uint64_t offset : {std::uint64_t{0}, largest->size - length}) {
        std::vector<std::byte> here(static_cast<std::size_t>(length)), there(here.size());
        local.read_at(offset, here);
        work_.hub.read_range(tree.repo, tree.commit, *tree.find(largest->path), offset, there);
        if (here != there) {
            throw not_as_sent(tree, printable(largest->path, 200) + " reads back with other bytes");
        }
    }
}

CommitResult ToolUpload::finish(const std::vector<plugin::UploadedFile>& uploaded,
                                const plugin::CardNotes& notes)
{
    look_for_stray();
    TargetState target{facts_.target.repo, {}, is_hidden_, {}, {}};
    target.head = work_.hub.read_repo(target.repo).head;
    const hub::Tree tree = work_.hub.read_tree(target.repo, *target.head);
    target.files = tree.files;
    compare(tree, uploaded);
    read_back(tree, uploaded);

    // The licence files against what is there now: a tool may have pruned those of an earlier run.
    const Facts now{facts_.inputs, target, {}};
    const Mirror licenses = compare_mirror(plan_, now, {}, hash_small_files(work_.hub));
    MirrorContent content(work_.hub, target.repo);
    Change change;
    change.describes = true;
    change.summary = plan_.at("target").at("commit_message").as_string();
    change.removals = find_leftovers(tree, uploaded, licenses);
    card::CardFacts card = make_card_facts(work_, plan_, now, notes);
    std::vector<PublishedFile> files;
    for (const plugin::UploadedFile& file : uploaded) {
        card.files.push_back({file.path, file.size, file.sha256.hex()});
        files.push_back({file.path, file.size, file.sha256.hex(), "tool"});
    }
    for (const MirrorPiece& piece : licenses.pieces) {
        hub::Addition addition = content.read(piece);
        card.files.push_back({piece.file.path.text(), addition.size, addition.sha256.hex()});
        change.additions.push_back(std::move(addition));
    }
    const std::string readme = checked_card(card, change.summary);
    change.additions.push_back(readme_of(is_hidden_ ? card::mark_hidden(readme) : readme));
    work_.observer.line("card", "uploading model card to hf://" + target.repo.text() + "/README.md");
    CommitResult result = commit_change(work_, target, std::move(change));
    work_.observer.line("card", "published model card to hf://" + target.repo.text() + "/README.md");
    result.files.insert(result.files.begin(), files.begin(), files.end());
    if (is_hidden_) {
        target.head = result.commit;
        result.commit = make_public(work_, target, readme);
    } else if (work_.hub.read_repo(target.repo).is_private) {
        work_.warn("hf://" + target.repo.text() + " is private, as it was before; others cannot load it");
    }
    return result;
}

bool complete_hidden(const Work& work, const TargetState& target)
{
    if (target.foxlight("state") != "complete" || target.foxlight("made_private") != "true" || !target.head) {
        return false;
    }
    const hub::RemoteFile* readme = target.find("README.md");
    make_public(
        work, target,
        card::unmark_hidden(work.hub.read_file(target.repo, *target.head, *readme, largest_small_file)));
    return true;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// Files that go unchanged from a source into the target.
#include "publish/mirror.hpp"

#include "plugin/rights.hpp"
#include "publish/license_files.hpp"
#include "publish/target_guard.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <set>

namespace skw::publish {
namespace {

constexpr std::uint64_t most_in_memory = 4u << 20;
constexpr std::uint64_t largest_small_file = 10u << 20; // the Hub takes no larger ones outside of LFS

// One file of one listing.
struct Listed {
    const RepoId& repo;
    const CommitId& commit;
    const hub::RemoteFile& file;
};

// Whether two listings speak of the same content: by SHA-256, or by git's id of a small file.
bool is_same(const Listed& a, const Listed& b, const HashSmall& hash_small)
{
    if (a.file.size != b.file.size) {
        return false;
    }
    if (!a.file.sha256 && !b.file.sha256) {
        return a.file.blob_id == b.file.blob_id;
    }
    const auto hash = [&](const Listed& one) {
        return one.file.sha256 ? *one.file.sha256 : hash_small(one.repo, one.commit, one.file);
    };
    return a.file.size <= largest_small_file || (a.file.sha256 && b.file.sha256) ? hash(a) == hash(b) : false;
}

const PinnedInput& input_of(const Facts& facts, std::string_view id)
{
    const auto found = std::find_if(facts.inputs.begin(), facts.inputs.end(),
                                    [&](const PinnedInput& input) { return input.id == id; });
    if (found == facts.inputs.end()) {
        throw Error(ErrorCode::contract, "", "the input " + python_repr(id) + " is not in the plan");
    }
    return *found;
}

std::set<std::string, std::less<>> planned_outputs(const json::object& plan)
{
    std::set<std::string, std::less<>> paths;
    for (const json::value& output : plan.at("outputs").as_array()) {
        paths.emplace(output.at("path").as_string());
    }
    return paths;
}

// What the plan's globs select at the target and nobody brings.
std::vector<RepoPath> find_removals(const json::object& plan, const TargetState& target,
                                    const std::set<std::string, std::less<>>& brought)
{
    std::vector<RepoPath> removals;
    const json::value* mirrors = plan.if_contains("mirrors");
    if (mirrors == nullptr) {
        return removals;
    }
    const auto is_managed = [&](std::string_view path) {
        return std::ranges::any_of(mirrors->as_array(), [&](const json::value& mirror) {
            return std::ranges::any_of(mirror.at("prune").as_array(), [&](const json::value& glob) {
                return plugin::matches(std::string_view(glob.as_string()), path);
            });
        });
    };
    for (const hub::RemoteFile& file : target.files) {
        const std::string& path = file.path.text();
        if (path != "README.md" && path != ".gitattributes" && !is_license_file(path) &&
            !brought.contains(path) && is_managed(path)) {
            removals.push_back(file.path);
        }
    }
    return removals;
}

} // namespace

bool Mirror::changes_nothing() const
{
    return removals.empty() && std::all_of(pieces.begin(), pieces.end(),
                                           [](const MirrorPiece& piece) { return piece.at_target; });
}

HashSmall hash_small_files(hub::Client& hub)
{
    return [&hub](const RepoId& repo, const CommitId& commit, const hub::RemoteFile& file) {
        return sha256_of(hub.read_file(repo, commit, file, largest_small_file));
    };
}

Mirror compare_mirror(const json::object& plan, const Facts& facts,
                      const std::vector<plugin::MirroredFile>& declared, const HashSmall& hash_small)
{
    Mirror mirror;
    std::set<std::string, std::less<>> brought = planned_outputs(plan);
    const auto add = [&](const PinnedInput& input, const hub::RemoteFile& file, bool is_license) {
        if (brought.insert(file.path.text()).second) {
            const hub::RemoteFile* there = facts.target.find(file.path.text());
            const bool same =
                there != nullptr && is_same({facts.target.repo, facts.target.head.value(), *there},
                                            {input.tree.repo, input.tree.commit, file}, hash_small);
            mirror.pieces.push_back({&input, file, same, is_license});
        }
    };
    for (const plugin::MirroredFile& one : declared) {
        const PinnedInput& input = input_of(facts, one.input);
        const hub::RemoteFile* file = input.tree.find(one.file.path);
        if (file == nullptr) {
            throw Error(ErrorCode::contract, one.file.path,
                        "is declared as mirrored, but the input lacks it");
        }
        add(input, *file, is_license_file(one.file.path));
    }
    if (const PinnedInput* source = find_source(facts, plan)) {
        for (const hub::RemoteFile& file : source->license_files) {
            add(*source, file, true);
        }
    }
    std::ranges::sort(mirror.pieces, {}, [](const MirrorPiece& piece) { return piece.file.path.text(); });
    if (is_ours(facts.target, plan)) {
        mirror.removals = find_removals(plan, facts.target, brought);
    }
    return mirror;
}

hub::Addition MirrorContent::read(const MirrorPiece& piece)
{
    const hub::Tree& tree = piece.input->tree;
    const hub::RemoteFile& file = piece.file;
    if (file.sha256) {
        // Whoever owns the source may pass it on as they like; others only as the Hub allows.
        const bool copy_only = piece.input->info.gated && tree.repo.owner() != target_.owner();
        return {file.path, hub::RemoteContent{tree.repo, tree.commit, file, copy_only}, file.size,
                *file.sha256};
    }
    std::string content = hub_.read_file(tree.repo, tree.commit, file, largest_small_file);
    const Sha256 sha256 = sha256_of(content);
    const std::uint64_t size = content.size();
    if (in_memory_ + size <= most_in_memory) {
        in_memory_ += size;
        return {file.path, std::move(content), size, sha256};
    }
    if (!folder_) {
        folder_.emplace();
    }
    const std::filesystem::path kept = folder_->path() / std::to_string(files_++);
    File::create(kept).write(std::as_bytes(std::span(content)));
    return {file.path, kept, size, sha256};
}

Sha256 MirrorContent::hash(const MirrorPiece& piece)
{
    const hub::Tree& tree = piece.input->tree;
    return piece.file.sha256
               ? *piece.file.sha256
               : sha256_of(hub_.read_file(tree.repo, tree.commit, piece.file, largest_small_file));
}

void check_mirror(const Mirror& mirror, const hub::Tree& target)
{
    std::string odd;
    std::size_t count = 0;
    const auto name = [&](const std::string& path, const char* what) {
        if (++count <= 10) {
            odd += (odd.empty() ? "" : ", ") + printable(path, 200) + " " + what;
        }
    };
    for (const MirrorPiece& piece : mirror.pieces) {
        const hub::RemoteFile* there = target.find(piece.file.path.text());
        if (there == nullptr) {
            name(piece.file.path.text(), "is missing");
        } else if (there->size != piece.file.size ||
                   (there->sha256 && piece.file.sha256 && *there->sha256 != *piece.file.sha256) ||
                   (!there->sha256 && !piece.file.sha256 && there->blob_id != piece.file.blob_id)) {
            name(piece.file.path.text(), "has other content");
        }
    }
    for (const RepoPath& path : mirror.removals) {
        if (target.find(path.text()) != nullptr) {
            name(path.text(), "is still there");
        }
    }
    if (count > 0) {
        throw Error(ErrorCode::failed, "hf://" + target.repo.text() + "@" + std::string(target.commit.text()),
                    "is not what the source has: " + odd +
                        (count > 10 ? " and " + std::to_string(count - 10) + " more" : ""),
                    "look at the repo's history, then run the same command again");
    }
}

} // namespace skw::publish

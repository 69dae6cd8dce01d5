// SPDX-License-Identifier: Apache-2.0
// Writes a sample into a root: objects first, then one commit.
#include "localhub/seed.hpp"

#include "localhub/patterns.hpp"
#include "localhub/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace skw::localhub {
namespace {

constexpr std::size_t synced_one_by_one = 64; // more objects are synced to the disk together

} // namespace

Seeded seed(const std::filesystem::path& root, const SampleRepo& sample,
            const std::function<void(std::string_view, std::uint64_t)>& progress)
{
    Store store(root);
    if (!sample.synthetic && sample.bytes() > read_free_space(store.root())) {
        throw Error(ErrorCode::no_space, store.root().string(),
                    "has no room for " + std::to_string(sample.bytes()) + " bytes of shards",
                    "add --synthetic: they are then computed when they are read");
    }
    RepoPtr repo = store.find("models", sample.repo);
    if (!repo) {
        repo = store.create("models", sample.repo, false, "local");
    }
    const auto writing = repo->write();
    const std::string head = *repo->find_ref("refs/heads/main");
    const Objects& objects = store.objects();
    const LfsRules rules(first_gitattributes());
    const bool together = sample.shards.size() > synced_one_by_one;
    Tree tree{{".gitattributes", keep_regular_file(objects, first_gitattributes())}};
    const auto add_lfs_file = [&](const std::string& path, const std::string& oid, std::uint64_t size) {
        repo->add_lfs(oid, Repo::Stored::in_new_storage);
        tree[path] = {.oid = git_blob_id(lfs_pointer(oid, size)), .size = size, .sha256 = oid, .lfs = true};
    };
    for (const auto& [path, text] : sample.texts) {
        if (rules.covers(path)) {
            Objects::Incoming incoming = objects.receive();
            incoming.write(std::as_bytes(std::span(text)));
            add_lfs_file(path, *incoming.keep({}, !together), text.size());
        } else {
            tree[path] = keep_regular_file(objects, text);
        }
    }
    for (const auto& [path, shard] : sample.shards) {
        if (progress) {
            progress(path, shard.bytes());
        }
        if (sample.synthetic) {
            add_lfs_file(path, objects.keep_synthetic(shard, !together), shard.bytes());
            continue;
        }
        Objects::Incoming incoming = objects.receive();
        shard.write([&](std::span<const std::byte> bytes) { incoming.write(bytes); });
        add_lfs_file(path, *incoming.keep({}, !together), shard.bytes());
    }
    if (together) {
        objects.sync_all();
    }
    if (*repo->tree(head) == tree) {
        return {.repo = repo->settings().id, .commit = head, .unchanged = true};
    }
    const std::string commit = repo->add_commit(head, tree, "Sample checkpoint", "", "local");
    repo->set_ref("refs/heads/main", commit);
    return {.repo = repo->settings().id, .commit = commit, .unchanged = false};
}

} // namespace skw::localhub

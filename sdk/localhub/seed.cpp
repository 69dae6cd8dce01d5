// SPDX-License-Identifier: Apache-2.0
// Writes a sample into a root: objects first, then one commit.
#include "localhub/seed.hpp"

#include "localhub/patterns.hpp"
#include "localhub/store.hpp"
#include "support/error.hpp"

namespace skw::localhub {
namespace {

constexpr std::size_t synced_one_by_one = 64; // more objects are synced to the disk together

} // namespace

std::uint64_t SampleRepo::mtp_bytes() const
{
    std::uint64_t sum = 0;
    for (const auto& [path, shard] : shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            sum += tensor.name.starts_with("mtp.") ? tensor.bytes() : 0;
        }
    }
    return sum;
}

std::uint64_t SampleRepo::bytes() const
{
    std::uint64_t sum = 0;
    for (const auto& [path, shard] : shards) {
        sum += shard.bytes();
    }
    return sum;
}

Seeded seed(const std::filesystem::path& root, const SampleRepo& sample,
            const std::function<void(std::string_view, std::uint64_t)>& progress)
{
    Store store(root);
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
    const auto add_lfs_file = [&](const std::string& path, Objects::Incoming incoming) {
        const std::uint64_t size = incoming.size();
        const std::string oid = *incoming.keep({}, !together);
        repo->add_lfs(oid, Repo::Stored::in_new_storage);
        tree[path] = {.oid = git_blob_id(lfs_pointer(oid, size)), .size = size, .sha256 = oid, .lfs = true};
    };
    for (const auto& [path, text] : sample.texts) {
        if (rules.covers(path)) {
            Objects::Incoming incoming = objects.receive();
            incoming.write(std::as_bytes(std::span(text)));
            add_lfs_file(path, std::move(incoming));
        } else {
            tree[path] = keep_regular_file(objects, text);
        }
    }
    for (const auto& [path, shard] : sample.shards) {
        if (progress) {
            progress(path, shard.bytes());
        }
        Objects::Incoming incoming = objects.receive();
        shard.write([&](std::span<const std::byte> bytes) { incoming.write(bytes); });
        add_lfs_file(path, std::move(incoming));
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

// SPDX-License-Identifier: Apache-2.0
// Writes a sample into a root: objects first, then one commit.
#include "localhub/seed.hpp"

#include "localhub/patterns.hpp"
#include "localhub/store.hpp"
#include "support/error.hpp"

namespace skw::localhub {

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
    Tree tree{{".gitattributes", keep_regular_file(objects, first_gitattributes())}};
    for (const auto& [path, text] : sample.texts) {
        tree[path] = keep_regular_file(objects, text);
    }
    for (const auto& [path, shard] : sample.shards) {
        if (progress) {
            progress(path, shard.bytes());
        }
        Objects::Incoming incoming = objects.receive();
        shard.write([&](std::span<const std::byte> bytes) { incoming.write(bytes); });
        const std::uint64_t size = incoming.size();
        const std::string oid = *incoming.keep();
        repo->add_lfs(oid);
        tree[path] = {.oid = git_blob_id(lfs_pointer(oid, size)), .size = size, .sha256 = oid, .lfs = true};
    }
    if (*repo->tree(head) == tree) {
        return {.repo = repo->settings().id, .commit = head, .unchanged = true};
    }
    const std::string commit = repo->add_commit(head, tree, "Sample checkpoint", "", "local");
    repo->set_ref("refs/heads/main", commit);
    return {.repo = repo->settings().id, .commit = commit, .unchanged = false};
}

} // namespace skw::localhub

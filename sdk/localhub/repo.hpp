// SPDX-License-Identifier: Apache-2.0
// One repo in its folder: refs, commits, listings, settings, discussions.
//
//   settings.json             {"id", "_id", "created", "private", "gated", "access", "duplication", "region",
//                             "storage"}
//   refs/<name, %-encoded>    40 hex: "refs%2Fheads%2Fmain"; replaced last, by rename
//   commits/<id>.json         parent, tree, title, message, author, date
//   trees/<id>.json           a whole listing; commits without a change share it
//   lfs/<sha256>              empty: this repo may name the object
//   xet/<sha256>              empty: its copy of that object is in the new storage
//   discussions.json          pull requests and discussions
#pragma once

#include "localhub/objects.hpp"
#include "support/json.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct TreeFile {
    std::string oid;        // git's blob id; of the pointer for an LFS file
    std::uint64_t size = 0; // of the content
    std::string sha256;
    bool lfs = false;
    bool operator==(const TreeFile&) const = default;
};
using Tree = std::map<std::string, TreeFile, std::less<>>;

struct CommitRecord {
    std::string id, parent, tree, title, message, author, date;
};

struct RepoSettings {
    std::string id;       // canonical "owner/name"
    std::string internal; // "_id": 24 hex
    std::string created;
    bool is_private = false;
    std::string gated;               // "", "auto" or "manual"
    std::vector<std::string> access; // accounts that may read a gated repo
    bool duplication = true;         // others may copy its content by the Hub's own means
    std::string region = "us";
    bool new_storage = false; // whatever was uploaded counts as moved to the new storage by now
};
bool is_region(std::string_view text); // "us", "eu", "us-east-1"
std::string settings_text(const RepoSettings& settings);
RepoSettings settings_of(const json::value& value, const std::filesystem::path& place); // Error(bad_input)

// Threads: every function locks for itself; write() is the lock that a change of several steps holds.
class Repo {
public:
    Repo(std::filesystem::path folder, std::string kind); // of a folder that is there; Error(bad_input)
    // Makes the folder with the settings; the first commit is the caller's.
    static void make(const std::filesystem::path& folder, const RepoSettings& settings);

    const std::string& kind() const noexcept { return kind_; } // "models", "datasets", "spaces"
    const std::filesystem::path& folder() const noexcept { return folder_; }
    RepoSettings settings() const;
    void set_settings(RepoSettings settings);
    std::unique_lock<std::mutex> write(); // Error(not_found) once the repo was retired
    void retire() { gone_ = true; }       // deleted or moved; with write() held

    std::map<std::string, std::string> refs() const; // "refs/heads/main" -> commit
    std::optional<std::string> find_ref(const std::string& full_name) const;
    void set_ref(const std::string& full_name, const std::string& commit);
    bool delete_ref(const std::string& full_name);
    // A branch, a tag, "HEAD", "refs/...", a commit id or 7 and more digits of one.
    std::optional<std::string> find_commit(std::string_view revision) const;

    CommitRecord commit(const std::string& id) const;
    std::shared_ptr<const Tree> tree(const std::string& commit_id) const;
    // Writes listing and commit, and moves no ref. Gives the new id.
    std::string add_commit(const std::string& parent, const Tree& tree, const std::string& title,
                           const std::string& message, const std::string& author);

    enum class Stored { plainly, in_new_storage };
    bool has_lfs(std::string_view sha256) const;
    void add_lfs(const std::string& sha256, Stored how = Stored::plainly);
    // Of an object that this repo has in the new storage; nullopt for any other.
    std::optional<std::string> storage_hash(std::string_view sha256) const;

    json::array discussions() const;
    // Adds one; the number is the next of this repo.
    std::uint64_t add_discussion(const std::string& title, const std::string& description,
                                 const std::string& author, bool pull_request);

private:
    std::shared_ptr<const Tree> read_tree(const std::string& tree_id) const;
    std::filesystem::path folder_;
    std::string kind_;
    std::mutex write_;
    bool gone_ = false; // guarded by write_: whoever waited for it must not write into another repo's folder
    mutable std::mutex mutex_; // of all below
    RepoSettings settings_;
    std::map<std::string, std::string> refs_;
    std::set<std::string, std::less<>> lfs_, xet_;
    mutable std::map<std::string, std::shared_ptr<const Tree>> trees_; // a few, by tree id
    json::array discussions_;
};

// The text of the pointer that git keeps for an LFS object.
std::string lfs_pointer(std::string_view sha256, std::uint64_t size);
// The name of a content in the new storage: fixed by the content, and another one than its SHA-256.
std::string storage_hash_of(std::string_view sha256);
std::string now_text(); // "2026-08-20T10:00:00.000Z"

} // namespace skw::localhub

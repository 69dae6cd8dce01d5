// SPDX-License-Identifier: Apache-2.0
// A root folder: its repos by name, its objects, its key, and the lock that keeps a second server out.
#pragma once

#include "localhub/access.hpp"
#include "localhub/objects.hpp"
#include "localhub/repo.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

using RepoPtr = std::shared_ptr<Repo>; // a request may hold a repo that another one deletes

// Throws Error(conflict) when another process uses the root, Error(io) and Error(bad_input) otherwise.
class Store {
public:
    explicit Store(std::filesystem::path root);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    const std::filesystem::path& root() const noexcept { return root_; }
    const Objects& objects() const noexcept { return *objects_; }
    const Signer& signer() const noexcept { return *signer_; }
    const Accounts& accounts() const noexcept { return *accounts_; }
    std::filesystem::path uploads() const { return root_ / "uploads"; }

    // Names compare without case; the repo knows its canonical spelling.
    RepoPtr find(std::string_view kind, std::string_view id) const; // nullptr when absent
    std::optional<std::string> moved_to(std::string_view kind, std::string_view id) const;
    std::vector<RepoPtr> all(std::string_view kind) const; // by id
    // With its first commit, which holds .gitattributes. nullptr: there is one already.
    RepoPtr create(const std::string& kind, const std::string& id, bool is_private, const std::string& author,
                   const std::string& region = "us");
    bool remove(const std::string& kind, const std::string& id);
    // False: the new name is taken.
    bool move(const RepoPtr& repo, const std::string& new_id);
    RepoPtr duplicate(const RepoPtr& repo, const std::string& new_id, bool is_private);

private:
    std::filesystem::path place_of(std::string_view kind, std::string_view id) const;
    RepoPtr adopt(const std::filesystem::path& made, const std::string& kind, const std::string& id);
    void save_moved() const;

    std::filesystem::path root_;
    int lock_ = -1;
    std::unique_ptr<Objects> objects_;
    std::unique_ptr<Signer> signer_;
    std::unique_ptr<Accounts> accounts_;
    mutable std::mutex mutex_;
    std::map<std::string, RepoPtr> repos_;     // "models/owner/name" in lower case
    std::map<std::string, std::string> moved_; // the same form -> canonical new id
};

// Puts one file into a tree: the content goes to the objects, the listing's entry comes back.
TreeFile keep_regular_file(const Objects& objects, std::string_view content, bool sync = true);

} // namespace skw::localhub

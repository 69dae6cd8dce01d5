// SPDX-License-Identifier: Apache-2.0
// The root folder. A repo appears and goes by one rename; what a kill left between is removed at the start.
#include "localhub/store.hpp"

#include "localhub/patterns.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace skw::localhub {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kinds{"models", "datasets", "spaces"};

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return out;
}

std::string key_of(std::string_view kind, std::string_view id)
{
    return std::string(kind) + "/" + lower(id);
}

// Files that write_file_atomically() leaves when its process is killed.
void remove_leftovers(const fs::path& folder)
{
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().filename().string().find(".tmp-") != std::string::npos) {
            found.push_back(entry.path());
        }
    }
    for (const fs::path& path : found) {
        fs::remove(path);
    }
}

} // namespace

TreeFile keep_regular_file(const Objects& objects, std::string_view content, bool sync)
{
    return {.oid = git_blob_id(content),
            .size = content.size(),
            .sha256 = objects.keep_text(content, sync),
            .lfs = false};
}

Store::Store(fs::path root) : root_(std::move(root))
{
    std::error_code error;
    fs::create_directories(root_, error);
    const fs::path asked = root_; // canonical() gives an empty path for what cannot be
    root_ = fs::canonical(asked, error);
    const fs::path lock_file = root_ / "lock";
    lock_ = error ? -1 : ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) {
        throw Error(ErrorCode::io, asked.string(),
                    "cannot use this folder: " +
                        (error ? error.message() : std::string(std::strerror(errno))),
                    "choose a folder that you may write, with --root");
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock_);
        throw Error(ErrorCode::conflict, root_.string(), "another skulk-hub uses this folder",
                    "stop that one, or choose another folder with --root");
    }
    try {
        objects_ = std::make_unique<Objects>(root_ / "objects");
        signer_ = std::make_unique<Signer>(root_ / "key");
        accounts_ = std::make_unique<Accounts>(root_ / "tokens.json");
        for (const char* part : {"repos", "uploads", "collections"}) {
            fs::create_directories(root_ / part);
            remove_leftovers(root_ / part);
        }
        for (const auto& entry : fs::directory_iterator(root_)) {
            if (entry.path().filename().string().starts_with("unfinished-")) {
                fs::remove_all(entry.path());
            }
        }
        for (const char* kind : kinds) {
            fs::create_directories(root_ / "repos" / kind);
            for (const auto& owner : fs::directory_iterator(root_ / "repos" / kind)) {
                for (const auto& folder : fs::directory_iterator(owner.path())) {
                    const auto repo = std::make_shared<Repo>(folder.path(), kind);
                    repos_[key_of(kind, repo->settings().id)] = repo;
                }
            }
        }
        if (fs::exists(root_ / "moved.json")) {
            const json::value moved = parse_json(read_file(root_ / "moved.json", 64u << 20), "moved.json");
            for (const auto& [from, to] : moved.as_object()) {
                moved_[std::string(from)] = std::string(to.as_string());
            }
        }
    } catch (...) {
        ::close(lock_);
        throw;
    }
}

Store::~Store()
{
    ::close(lock_);
}

fs::path Store::place_of(std::string_view kind, std::string_view id) const
{
    return root_ / "repos" / kind / id;
}

RepoPtr Store::find(std::string_view kind, std::string_view id) const
{
    const std::lock_guard lock(mutex_);
    const auto at = repos_.find(key_of(kind, id));
    return at == repos_.end() ? nullptr : at->second;
}

std::optional<std::string> Store::moved_to(std::string_view kind, std::string_view id) const
{
    const std::lock_guard lock(mutex_);
    const auto at = moved_.find(key_of(kind, id));
    return at == moved_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<RepoPtr> Store::all(std::string_view kind) const
{
    const std::lock_guard lock(mutex_);
    std::vector<RepoPtr> out;
    for (const auto& [key, repo] : repos_) {
        if (key.starts_with(std::string(kind) + "/")) {
            out.push_back(repo);
        }
    }
    return out;
}

// Moves a complete folder to its place. With the mutex held.
RepoPtr Store::adopt(const fs::path& made, const std::string& kind, const std::string& id)
{
    const fs::path place = place_of(kind, id);
    fs::create_directories(place.parent_path());
    fs::rename(made, place);
    sync_folder(place.parent_path());
    auto repo = std::make_shared<Repo>(place, kind);
    repos_[key_of(kind, id)] = repo;
    if (moved_.erase(key_of(kind, id)) != 0) {
        save_moved();
    }
    return repo;
}

RepoPtr Store::create(const std::string& kind, const std::string& id, bool is_private,
                      const std::string& author, const std::string& region)
{
    const std::lock_guard lock(mutex_);
    if (repos_.contains(key_of(kind, id))) {
        return nullptr;
    }
    const fs::path made = root_ / ("unfinished-" + random_hex(16));
    Repo::make(made, {.id = id,
                      .internal = random_hex(24),
                      .created = now_text(),
                      .is_private = is_private,
                      .gated = {},
                      .access = {},
                      .region = region});
    Repo first(made, kind);
    const Tree tree{{".gitattributes", keep_regular_file(*objects_, first_gitattributes())}};
    first.set_ref("refs/heads/main", first.add_commit("", tree, "initial commit", "", author));
    return adopt(made, kind, id);
}

bool Store::remove(const std::string& kind, const std::string& id)
{
    const fs::path grave = root_ / ("unfinished-" + random_hex(16));
    {
        const std::lock_guard lock(mutex_);
        const auto at = repos_.find(key_of(kind, id));
        if (at == repos_.end()) {
            return false;
        }
        const RepoPtr repo = at->second; // outlives the lock below
        const auto writing = repo->write();
        fs::rename(repo->folder(), grave);
        repo->retire();
        repos_.erase(at);
    }
    fs::remove_all(grave);
    return true;
}

bool Store::move(const RepoPtr& repo, const std::string& new_id)
{
    const std::lock_guard lock(mutex_);
    const auto writing = repo->write();
    RepoSettings settings = repo->settings();
    const std::string old_key = key_of(repo->kind(), settings.id);
    const std::string new_key = key_of(repo->kind(), new_id);
    if (new_key != old_key && repos_.contains(new_key)) {
        return false;
    }
    settings.id = new_id;
    repo->set_settings(settings);
    repos_.erase(old_key);
    repo->retire();
    adopt(repo->folder(), repo->kind(), new_id);
    if (new_key != old_key) {
        moved_[old_key] = new_id;
        save_moved();
    }
    return true;
}

RepoPtr Store::duplicate(const RepoPtr& repo, const std::string& new_id, bool is_private)
{
    const std::lock_guard lock(mutex_);
    if (repos_.contains(key_of(repo->kind(), new_id))) {
        return nullptr;
    }
    const auto writing = repo->write();
    const fs::path made = root_ / ("unfinished-" + random_hex(16));
    fs::copy(repo->folder(), made, fs::copy_options::recursive);
    Repo copy(made, repo->kind());
    copy.set_settings({.id = new_id,
                       .internal = random_hex(24),
                       .created = now_text(),
                       .is_private = is_private,
                       .gated = {},
                       .access = {},
                       .region = repo->settings().region,
                       .new_storage = repo->settings().new_storage});
    return adopt(made, repo->kind(), new_id);
}

void Store::save_moved() const
{
    json::object out;
    for (const auto& [from, to] : moved_) {
        out[from] = to;
    }
    write_file_atomically(root_ / "moved.json", pretty_json(out));
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// A repo's files. Whatever a ref leads to is written before the ref, so a killed server leaves the old state.
#include "localhub/repo.hpp"

#include "localhub/access.hpp"
#include "localhub/target.hpp"
#include "support/clock.hpp"
#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hex.hpp"
#include "support/ids.hpp"

#include <algorithm>
#include <utility>

namespace skw::localhub {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_record = 256u << 20;
constexpr std::size_t cached_trees = 16;

json::value read_record(const fs::path& path)
{
    return parse_json(read_file(path, largest_record), path.string(),
                      {.bytes = largest_record, .depth = 16, .values = 20'000'000});
}

bool is_commit_id(std::string_view text)
{
    return text.size() == 40 && is_lower_hex(text);
}

} // namespace

std::string lfs_pointer(std::string_view sha256, std::uint64_t size)
{
    return "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(sha256) + "\nsize " +
           std::to_string(size) + "\n";
}

std::string storage_hash_of(std::string_view sha256)
{
    return sha256_of("storage hash of " + std::string(sha256)).hex();
}

std::string now_text()
{
    std::string text = utc_text(std::chrono::system_clock::now());
    return text.substr(0, text.size() - 1) + ".000Z"; // clients parse dates with a fraction
}

void Repo::make(const fs::path& folder, const RepoSettings& settings)
{
    for (const char* part : {"refs", "commits", "trees", "lfs", "xet"}) {
        fs::create_directories(folder / part);
    }
    write_file_atomically(folder / "settings.json", settings_text(settings));
}

Repo::Repo(fs::path folder, std::string kind) : folder_(std::move(folder)), kind_(std::move(kind))
{
    settings_ = settings_of(read_record(folder_ / "settings.json"), folder_ / "settings.json");
    for (const auto& entry : fs::directory_iterator(folder_ / "refs")) {
        const auto name = percent_decoded(entry.path().filename().string());
        std::string id = read_file(entry.path(), 100);
        while (id.ends_with('\n')) {
            id.pop_back();
        }
        if (!name || !is_commit_id(id)) {
            throw Error(ErrorCode::bad_input, entry.path().string(), "is not a ref of a local Hub");
        }
        refs_[*name] = id;
    }
    fs::create_directories(folder_ / "xet"); // a root of an older version has none
    for (const auto& [name, marks] : {std::pair("lfs", &lfs_), std::pair("xet", &xet_)}) {
        for (const auto& entry : fs::directory_iterator(folder_ / name)) {
            marks->insert(entry.path().filename().string());
        }
    }
    if (fs::exists(folder_ / "discussions.json")) {
        discussions_ = read_record(folder_ / "discussions.json").as_array();
    }
}

std::unique_lock<std::mutex> Repo::write()
{
    std::unique_lock lock(write_);
    if (gone_) {
        throw Error(ErrorCode::not_found, settings().id, "was deleted or moved");
    }
    return lock;
}

RepoSettings Repo::settings() const
{
    const std::lock_guard lock(mutex_);
    return settings_;
}

void Repo::set_settings(RepoSettings settings)
{
    const std::lock_guard lock(mutex_);
    write_file_atomically(folder_ / "settings.json", settings_text(settings));
    settings_ = std::move(settings);
}

std::map<std::string, std::string> Repo::refs() const
{
    const std::lock_guard lock(mutex_);
    return refs_;
}

std::optional<std::string> Repo::find_ref(const std::string& full_name) const
{
    const std::lock_guard lock(mutex_);
    const auto at = refs_.find(full_name);
    return at == refs_.end() ? std::nullopt : std::optional(at->second);
}

void Repo::set_ref(const std::string& full_name, const std::string& commit)
{
    const std::lock_guard lock(mutex_);
    write_file_atomically(folder_ / "refs" / encode_segment(full_name), commit + "\n");
    sync_folder(folder_ / "refs");
    refs_[full_name] = commit;
}

bool Repo::delete_ref(const std::string& full_name)
{
    const std::lock_guard lock(mutex_);
    fs::remove(folder_ / "refs" / encode_segment(full_name));
    return refs_.erase(full_name) != 0;
}

std::optional<std::string> Repo::find_commit(std::string_view revision) const
{
    const std::string name(revision == "HEAD" ? "main" : revision);
    for (const char* prefix : {"refs/heads/", "refs/tags/", ""}) {
        if (auto found = find_ref(prefix + name)) {
            return found;
        }
    }
    if (name.size() < 7 || name.size() > 40 || !is_lower_hex(name)) {
        return std::nullopt;
    }
    if (is_commit_id(name)) {
        return fs::exists(folder_ / "commits" / (name + ".json")) ? std::optional(name) : std::nullopt;
    }
    std::optional<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "commits")) {
        const std::string id = entry.path().stem().string();
        if (id.starts_with(name) && is_commit_id(id)) {
            if (found) {
                return std::nullopt; // two begin with it
            }
            found = id;
        }
    }
    return found;
}

CommitRecord Repo::commit(const std::string& id) const
{
    const json::value value = read_record(folder_ / "commits" / (id + ".json"));
    Findings findings("commit " + id);
    const Reader reader(value, findings);
    CommitRecord record{.id = id,
                        .parent = reader.string("parent"),
                        .tree = reader.string("tree"),
                        .title = reader.string("title"),
                        .message = reader.string("message"),
                        .author = reader.string("author"),
                        .date = reader.string("date")};
    findings.throw_if_any();
    return record;
}

std::shared_ptr<const Tree> Repo::tree(const std::string& commit_id) const
{
    return read_tree(commit(commit_id).tree);
}

std::shared_ptr<const Tree> Repo::read_tree(const std::string& tree_id) const
{
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = trees_.find(tree_id); at != trees_.end()) {
            return at->second;
        }
    }
    auto tree = std::make_shared<Tree>();
    const json::value value = read_record(folder_ / "trees" / (tree_id + ".json"));
    Findings findings("tree " + tree_id);
    Reader(value, findings).each("files", [&](const Reader& file) {
        (*tree)[file.string("path")] = TreeFile{.oid = file.string("oid"),
                                                .size = file.size("size"),
                                                .sha256 = file.string("sha256"),
                                                .lfs = file.boolean("lfs", false)};
        return 0;
    });
    findings.throw_if_any();
    const std::lock_guard lock(mutex_);
    if (trees_.size() >= cached_trees) {
        trees_.clear();
    }
    trees_[tree_id] = tree;
    return tree;
}

std::string Repo::add_commit(const std::string& parent, const Tree& tree, const std::string& title,
                             const std::string& message, const std::string& author)
{
    json::array files;
    for (const auto& [path, file] : tree) {
        files.push_back(json::object{{"path", path},
                                     {"oid", file.oid},
                                     {"size", file.size},
                                     {"sha256", file.sha256},
                                     {"lfs", file.lfs}});
    }
    const std::string listing = canonical_json(json::object{{"files", std::move(files)}});
    const std::string tree_id = git_blob_id(listing);
    const fs::path place = folder_ / "trees" / (tree_id + ".json");
    if (!fs::exists(place)) {
        write_file_atomically(place, listing);
    }
    // The nonce keeps two equal commits of one second apart.
    const std::string record = pretty_json(json::object{{"parent", parent},
                                                        {"tree", tree_id},
                                                        {"title", title},
                                                        {"message", message},
                                                        {"author", author},
                                                        {"date", now_text()},
                                                        {"nonce", random_hex(16)}});
    std::string id = git_blob_id(record);
    write_file_atomically(folder_ / "commits" / (id + ".json"), record);
    return id;
}

bool Repo::has_lfs(std::string_view sha256) const
{
    const std::lock_guard lock(mutex_);
    return lfs_.contains(sha256);
}

void Repo::add_lfs(const std::string& sha256, Stored how)
{
    const std::lock_guard lock(mutex_);
    // A kill between the two leaves an object that was uploaded plainly.
    if (!lfs_.contains(sha256)) {
        File::create(folder_ / "lfs" / sha256);
        lfs_.insert(sha256);
    }
    if (how == Stored::in_new_storage && !xet_.contains(sha256)) {
        File::create(folder_ / "xet" / sha256);
        xet_.insert(sha256);
    }
}

std::optional<std::string> Repo::storage_hash(std::string_view sha256) const
{
    const std::lock_guard lock(mutex_);
    if (!lfs_.contains(sha256) || !(settings_.new_storage || xet_.contains(sha256))) {
        return std::nullopt;
    }
    return storage_hash_of(sha256);
}

json::array Repo::discussions() const
{
    const std::lock_guard lock(mutex_);
    return discussions_;
}

std::uint64_t Repo::add_discussion(const std::string& title, const std::string& description,
                                   const std::string& author, bool pull_request)
{
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = discussions_.size() + 1;
    json::array next = discussions_;
    next.push_back(json::object{{"num", number},
                                {"title", title},
                                {"description", description},
                                {"author", author},
                                {"isPullRequest", pull_request},
                                {"status", pull_request ? "draft" : "open"},
                                {"createdAt", now_text()}});
    write_file_atomically(folder_ / "discussions.json", pretty_json(next));
    discussions_ = std::move(next);
    return number;
}

} // namespace skw::localhub

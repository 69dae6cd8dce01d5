// SPDX-License-Identifier: Apache-2.0
// Listings: the tree of a revision, page by page, and facts about single paths.
#include "localhub/api.hpp"
#include "support/digest.hpp"
#include "support/hex.hpp"

#include <algorithm>
#include <set>

namespace skw::localhub {
namespace {

constexpr std::size_t most_paths = 1000;
constexpr std::size_t expanded_page = 50; // these entries cost a walk through the history

std::string hex_of(std::string_view text)
{
    return to_hex(std::as_bytes(std::span(text)));
}

std::string text_of_hex(std::string_view hex)
{
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const unsigned high = hex_value(hex[i]), low = hex_value(hex[i + 1]);
        if (high > 15 || low > 15) {
            throw Refusal(400, "\"cursor\" is not one of this Hub");
        }
        out += static_cast<char>(16 * high + low);
    }
    return out;
}

// What stands at a path: the file's id, or for a folder one over all below it; "" for nothing.
std::string id_at(const Tree& tree, const std::string& path)
{
    if (const auto file = tree.find(path); file != tree.end()) {
        return file->second.oid;
    }
    std::string below;
    for (auto at = tree.lower_bound(path + "/"); at != tree.end() && at->first.starts_with(path + "/");
         ++at) {
        below += at->first + '\0' + at->second.oid;
    }
    return below.empty() ? below : git_blob_id(below);
}

json::object last_commit_of(const Repo& repo, const std::string& from, const std::string& path)
{
    CommitRecord commit = repo.commit(from);
    std::string here = id_at(*repo.tree(commit.id), path);
    while (!commit.parent.empty()) {
        const CommitRecord parent = repo.commit(commit.parent);
        if (parent.tree != commit.tree && id_at(*repo.tree(parent.id), path) != here) {
            break;
        }
        commit = parent;
    }
    return {{"id", commit.id}, {"title", commit.title}, {"date", commit.date}};
}

// What a listing tells of storage hashes: nothing, that there is one, or the hash. The Hub shows listings of
// gated repos to all and masks what would lead to the content.
class StorageHashes {
public:
    StorageHashes(const Call& call, const Repo& repo)
        : repo_(repo),
          told_(call.hub.storage_hash),
          masked_(told_ && !call.may_read_content(repo))
    {
    }
    void add(json::object& item, std::string_view sha256) const
    {
        if (const auto hash = told_ ? repo_.storage_hash(sha256) : std::nullopt) {
            item["xetHash"] = masked_ ? std::string(hash->size(), '*') : *hash;
        }
    }

private:
    const Repo& repo_;
    bool told_, masked_;
};

json::object entry(const Tree& tree, const std::string& path, const StorageHashes& hashes)
{
    const auto found = tree.find(path);
    if (found == tree.end()) {
        return {{"type", "directory"}, {"oid", id_at(tree, path)}, {"size", 0}, {"path", path}};
    }
    const TreeFile& file = found->second;
    json::object out{{"type", "file"}, {"oid", file.oid}, {"size", file.size}, {"path", path}};
    if (file.lfs) {
        out["lfs"] = {{"oid", file.sha256},
                      {"size", file.size},
                      {"pointerSize", lfs_pointer(file.sha256, file.size).size()}};
        hashes.add(out, file.sha256);
    }
    return out;
}

void expand(json::object& item, const Repo& repo, const std::string& commit)
{
    item["lastCommit"] = last_commit_of(repo, commit, std::string(item.at("path").as_string()));
    if (item.at("type") == "file") {
        item["securityFileStatus"] = {{"status", "safe"}, {"avScan", nullptr}, {"pickleImportScan", nullptr}};
    }
}

bool is_true(std::string text)
{
    return text == "true" || text == "True" || text == "1";
}

HttpReply list_tree(Call& call, const Repo& repo, std::size_t at)
{
    const Revision revision = revision_at(call, at);
    const std::string commit = call.commit_of(repo, revision.name);
    const auto tree = repo.tree(commit);
    const std::string folder = call.target.rest(revision.next);
    const std::string prefix = folder.empty() ? "" : folder + "/";
    const bool recursive = is_true(call.target.parameter("recursive"));
    const bool with_history = is_true(call.target.parameter("expand"));
    std::set<std::string> paths;
    for (auto file = tree->lower_bound(prefix); file != tree->end() && file->first.starts_with(prefix);
         ++file) {
        const std::string& path = file->first;
        for (std::size_t slash = path.find('/', prefix.size()); slash != std::string::npos;
             slash = path.find('/', slash + 1)) {
            paths.insert(path.substr(0, slash));
            if (!recursive) {
                break;
            }
        }
        if (recursive || path.find('/', prefix.size()) == std::string::npos) {
            paths.insert(path);
        }
    }
    if (paths.empty() && !folder.empty()) {
        throw entry_not_found(folder, commit);
    }
    const std::string cursor = text_of_hex(call.target.parameter("cursor"));
    const std::size_t limit = with_history ? std::min(call.page_size(), expanded_page) : call.page_size();
    const StorageHashes hashes(call, repo);
    json::array out;
    auto next = cursor.empty() ? paths.begin() : paths.upper_bound(cursor);
    for (; next != paths.end() && out.size() < limit; ++next) {
        json::object item = entry(*tree, *next, hashes);
        if (with_history) {
            expand(item, repo, commit);
        }
        out.push_back(std::move(item));
    }
    HttpReply reply = json_reply(out);
    reply.add("X-Repo-Commit", commit);
    if (next != paths.end()) {
        reply.add("Link", call.next_link(hex_of(*std::prev(next))));
    }
    return reply;
}

// A form body or a JSON one, as the client likes.
void read_paths(Call& call, std::vector<std::string>& paths, bool& with_history)
{
    if (call.http.header("content-type").find("json") != std::string_view::npos) {
        const json::object body = read_json_body(call.http);
        const json::value* list = body.if_contains("paths");
        if (list != nullptr && list->is_string()) {
            paths.emplace_back(list->get_string());
        } else if (list != nullptr && list->is_array()) {
            for (const json::value& path : list->get_array()) {
                if (!path.is_string()) {
                    throw Refusal(400, "\"paths\" must be a list of strings");
                }
                paths.emplace_back(path.get_string());
            }
        }
        with_history = boolean_member(body, "expand", false);
        return;
    }
    const auto form = parse_form(read_body(call.http, 4u << 20));
    if (!form) {
        throw Refusal(400, "The form body cannot be decoded.");
    }
    for (const auto& [name, value] : *form) {
        if (name == "paths") {
            paths.push_back(value);
        } else if (name == "expand") {
            with_history = is_true(value);
        }
    }
}

HttpReply paths_info(Call& call, const Repo& repo, std::size_t at)
{
    const std::string commit = call.commit_of(repo, revision_at(call, at).name);
    std::vector<std::string> paths;
    bool with_history = false;
    read_paths(call, paths, with_history);
    if (paths.size() > most_paths) {
        throw Refusal(413, "At most " + std::to_string(most_paths) + " paths a request.");
    }
    const auto tree = repo.tree(commit);
    const StorageHashes hashes(call, repo);
    json::array out;
    for (std::string& path : paths) {
        while (path.ends_with('/')) {
            path.pop_back();
        }
        if (path.empty() || id_at(*tree, path).empty()) {
            continue; // what is not there is left out, without a word
        }
        json::object item = entry(*tree, path, hashes);
        if (with_history) {
            expand(item, repo, commit);
        }
        out.push_back(std::move(item));
    }
    HttpReply reply = json_reply(out);
    reply.add("X-Repo-Commit", commit);
    return reply;
}

} // namespace

MaybeReply tree_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    if (call.segment(at) == "tree" && call.http.method == "GET") {
        return list_tree(call, *repo, at + 1);
    }
    if (call.segment(at) == "paths-info" && call.http.method == "POST") {
        return paths_info(call, *repo, at + 1);
    }
    return std::nullopt;
}

} // namespace skw::localhub

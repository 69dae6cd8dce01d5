// SPDX-License-Identifier: Apache-2.0
// Commit lines: parsing within limits, and what they make of a tree.
#include "localhub/commit_lines.hpp"

#include "localhub/base64.hpp"
#include "localhub/patterns.hpp"
#include "localhub/refusal.hpp"
#include "support/error.hpp"
#include "support/hex.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

// Regular files beyond this number are synced to the disk together, not one by one.
constexpr std::size_t synced_one_by_one = 64;

Refusal too_large_file(std::string_view path)
{
    return {400, "Your push was rejected because it contains files larger than 10 MiB: " +
                     printable(path, 200) + ". Upload them by Git LFS."};
}

// Lines of a body, each within a limit.
class Lines {
public:
    Lines(BodyReader& body, std::size_t limit) : body_(body), limit_(limit), block_(256u << 10) {}

    bool next(std::string& line)
    {
        line.clear();
        for (;;) {
            const auto rest =
                std::string_view(reinterpret_cast<const char*>(block_.data()), filled_).substr(at_);
            const std::size_t end = rest.find('\n');
            line += rest.substr(0, end);
            if (line.size() > limit_) {
                throw too_large_file("a line of " + std::to_string(line.size()) + " bytes and more");
            }
            if (end != std::string_view::npos) {
                at_ += end + 1;
                return true;
            }
            at_ = 0;
            filled_ = body_.read(block_);
            if (filled_ == 0) {
                return !line.empty();
            }
        }
    }

private:
    BodyReader& body_;
    std::size_t limit_;
    std::vector<std::byte> block_;
    std::size_t filled_ = 0, at_ = 0;
};

void add_file(CommitLines& out, const json::object& value, const Objects& objects, const CommitLimits& limits,
              std::uint64_t& total)
{
    CommitChange change;
    change.path = repo_path(text_member(value, "path", ""));
    const std::string encoding = text_member(value, "encoding", "utf-8");
    std::string content = text_member(value, "content", "");
    if (encoding == "base64") {
        auto decoded = base64_decoded(content);
        if (!decoded) {
            throw Refusal(400, "Invalid base64 content of " + printable(change.path, 200));
        }
        content = std::move(*decoded);
    } else if (encoding != "utf-8") {
        throw Refusal(400, "Encoding must be base64 or utf-8: " + printable(encoding, 40));
    }
    if (content.size() > limits.regular_file) {
        throw too_large_file(change.path);
    }
    total += content.size();
    if (total > limits.regular_total) {
        throw Refusal(413, "A commit carries at most 1 GB of regular files.");
    }
    change.file = keep_regular_file(objects, content, out.additions.size() < synced_one_by_one);
    if (change.path == "README.md") {
        out.readme = std::move(content);
    }
    out.additions.push_back(std::move(change));
}

void add_lfs_file(CommitLines& out, const json::object& value)
{
    CommitChange change;
    change.path = repo_path(text_member(value, "path", ""));
    const std::string algorithm = text_member(value, "algo", "sha256");
    std::string oid = text_member(value, "oid", "");
    if (algorithm != "sha256" || oid.size() != 64 || !is_lower_hex(oid)) {
        throw Refusal(400, "The oid of an LFS file must be a SHA-256: " + printable(change.path, 200));
    }
    if (const json::value* size = value.if_contains("size")) {
        if (!size->is_int64() || size->get_int64() < 0) {
            throw Refusal(400, "\"size\" must be a whole number, 0 or more");
        }
        change.file.size = static_cast<std::uint64_t>(size->get_int64());
    } else {
        change.size_known = false;
    }
    change.file.sha256 = std::move(oid);
    change.file.lfs = true;
    out.additions.push_back(std::move(change));
}

// True once a header was among them.
void read_line(CommitLines& out, const std::string& text, const Objects& objects, const CommitLimits& limits,
               std::uint64_t& total, std::size_t& lfs_files, bool& header)
{
    json::value line;
    try {
        line = parse_json(text, "commit line", {.bytes = 64u << 20, .depth = 8, .values = 1000});
    } catch (const Error& error) {
        throw Refusal(400, "Invalid line in the commit: " + std::string(error.reason()));
    }
    const json::object* object = line.if_object();
    const json::value* value = object != nullptr ? object->if_contains("value") : nullptr;
    if (value == nullptr || !value->is_object()) {
        throw Refusal(400, "Each line of a commit must be an object with \"key\" and \"value\".");
    }
    const json::object& fields = value->get_object();
    const std::string key = text_member(*object, "key", "");
    if (key == "header") {
        header = true;
        out.title = text_member(fields, "summary", "");
        out.message = text_member(fields, "description", "");
        out.parent = text_member(fields, "parentCommit", "");
    } else if (key == "file") {
        add_file(out, fields, objects, limits, total);
    } else if (key == "lfsFile") {
        if (++lfs_files > limits.lfs_files) {
            throw Refusal(413, "A commit names at most " + std::to_string(limits.lfs_files) + " LFS files.");
        }
        add_lfs_file(out, fields);
    } else if (key == "deletedFile") {
        out.deleted_files.push_back(repo_path(text_member(fields, "path", "")));
    } else if (key == "deletedFolder") {
        std::string path = text_member(fields, "path", "");
        while (path.size() > 1 && path.ends_with('/')) {
            path.pop_back();
        }
        out.deleted_folders.push_back(repo_path(path));
    } else {
        throw Refusal(400, "Unknown key in a line of the commit: " + printable(key, 60));
    }
}

void cover_lfs_paths(Tree& tree, const CommitLines& lines, const Objects& objects, const CommitLimits& limits)
{
    const auto found = tree.find(".gitattributes");
    std::string text = found == tree.end() ? "" : objects.read(found->second.sha256, limits.regular_file);
    LfsRules rules(text);
    bool changed = false;
    for (const CommitChange& change : lines.additions) {
        if (change.file.lfs && !rules.covers(change.path)) {
            text += (text.empty() || text.ends_with('\n') ? "" : "\n") + LfsRules::line_for(change.path);
            changed = true;
        }
    }
    if (!changed) {
        return;
    }
    if (text.size() > limits.regular_file) {
        throw too_large_file(".gitattributes");
    }
    tree[".gitattributes"] = keep_regular_file(objects, text);
}

} // namespace

std::string repo_path(std::string_view path)
{
    if (path.starts_with("./")) {
        path.remove_prefix(2);
    } else if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    const auto parsed = RepoPath::parse(path);
    if (!parsed) {
        throw Refusal(422, "Invalid path in the repository: " + printable(path, 200));
    }
    return parsed->text();
}

CommitLines read_commit_lines(HttpRequest& http, const Objects& objects, const CommitLimits& limits)
{
    CommitLines out;
    Lines lines(*http.body, static_cast<std::size_t>(limits.regular_file / 3 * 4 + (128u << 10)));
    std::string line;
    std::uint64_t total = 0;
    std::size_t lfs_files = 0, count = 0;
    bool header = false;
    while (lines.next(line)) {
        if (line.empty() || line == "\r") {
            continue;
        }
        if (++count > limits.lines) {
            throw Refusal(413, "A commit has at most " + std::to_string(limits.lines) + " lines.");
        }
        read_line(out, line, objects, limits, total, lfs_files, header);
    }
    if (!header || out.title.empty()) {
        throw Refusal(400, "A commit needs a line with key \"header\" and a summary in it.");
    }
    if (out.additions.empty() && out.deleted_files.empty() && out.deleted_folders.empty()) {
        throw Refusal(400, "Add a line with the key \"lfsFile\", \"file\" or \"deletedFile\" to the commit.");
    }
    if (out.additions.size() > synced_one_by_one) {
        objects.sync_all();
    }
    return out;
}

Tree changed_tree(const Tree& before, const CommitLines& lines, const Repo& repo, const Objects& objects,
                  const std::string& head, const CommitLimits& limits)
{
    Tree tree = before;
    for (const std::string& path : lines.deleted_files) {
        if (tree.erase(path) == 0) {
            throw entry_not_found("A file with this name doesn't exist: " + path, head);
        }
    }
    for (const std::string& folder : lines.deleted_folders) {
        const std::string prefix = folder + "/";
        const auto begin = tree.lower_bound(prefix);
        const auto end = std::find_if(begin, tree.end(),
                                      [&](const auto& file) { return !file.first.starts_with(prefix); });
        if (begin == end) {
            throw entry_not_found("A folder with this name doesn't exist: " + folder, head);
        }
        tree.erase(begin, end);
    }
    for (const CommitChange& change : lines.additions) {
        TreeFile file = change.file;
        if (file.lfs) {
            if (!repo.has_lfs(file.sha256)) {
                throw Refusal(400, "The LFS object " + file.sha256 + " of " + printable(change.path, 200) +
                                       " is not in this repository; upload it first.");
            }
            const std::uint64_t size = objects.size(file.sha256);
            if (change.size_known && size != file.size) {
                throw Refusal(400, "The size of " + printable(change.path, 200) +
                                       " is not that of its LFS object.");
            }
            file.size = size;
            file.oid = git_blob_id(lfs_pointer(file.sha256, size));
        }
        tree[change.path] = std::move(file);
    }
    for (const CommitChange& change : lines.additions) {
        const std::string prefix = change.path + "/";
        const auto below = tree.lower_bound(prefix);
        bool clash = below != tree.end() && below->first.starts_with(prefix);
        for (std::size_t slash = change.path.find('/'); slash != std::string::npos && !clash;
             slash = change.path.find('/', slash + 1)) {
            clash = tree.contains(change.path.substr(0, slash));
        }
        if (clash) {
            throw Refusal(400, "A path would be a file and a folder at once: " + printable(change.path, 200));
        }
    }
    cover_lfs_paths(tree, lines, objects, limits);
    return tree;
}

} // namespace skw::localhub

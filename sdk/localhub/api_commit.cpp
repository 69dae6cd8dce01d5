// SPDX-License-Identifier: Apache-2.0
// How a file is to be uploaded, and the commit itself.
#include "localhub/api.hpp"
#include "localhub/base64.hpp"
#include "localhub/card.hpp"
#include "localhub/commit_lines.hpp"
#include "localhub/patterns.hpp"
#include "support/ids.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

constexpr std::uint64_t largest_regular = 10u << 20;
constexpr std::size_t most_files = 1000;

std::string read_small(const Objects& objects, const Tree& tree, std::string_view path)
{
    const auto found = tree.find(path);
    return found == tree.end() || found->second.lfs ? std::string()
                                                    : objects.read(found->second.sha256, largest_regular);
}

// A sample is base64; a zero byte, or what is not UTF-8, makes it binary. The sample may end inside a
// character.
bool is_binary(std::string_view base64)
{
    std::string bytes = base64_decoded(base64).value_or("");
    if (bytes.find('\0') != std::string::npos) {
        return true;
    }
    for (int cut = 0; cut < 4; ++cut) {
        if (is_utf8(bytes)) { // true for nothing at all
            return false;
        }
        bytes.pop_back();
    }
    return true;
}

bool opens_pull_request(const Call& call)
{
    const std::string asked = call.target.parameter("create_pr");
    return asked == "1" || asked == "true" || asked == "True";
}

// Where a commit may go: a branch, or a pull request's ref.
std::string ref_of(const Repo& repo, const std::string& revision)
{
    const std::string name = revision == "HEAD" ? "main" : revision;
    for (const std::string& full : {"refs/heads/" + name, name}) {
        if ((full.starts_with("refs/heads/") || full.starts_with("refs/pr/")) && repo.find_ref(full)) {
            return full;
        }
    }
    throw revision_not_found(revision);
}

HttpReply preupload(Call& call, const Repo& repo, std::size_t at)
{
    if (opens_pull_request(call)) {
        call.require_token();
    } else {
        call.require_write(repo);
    }
    const std::string commit = call.commit_of(repo, revision_at(call, at).name);
    const json::object body = read_json_body(call.http, 8u << 20);
    const json::value* files = body.if_contains("files");
    if (files == nullptr || !files->is_array()) {
        throw Refusal(400, "\"files\" must be a list");
    }
    if (files->get_array().size() > most_files) {
        throw Refusal(413, "At most " + std::to_string(most_files) + " files a request.");
    }
    const auto tree = repo.tree(commit);
    const Objects& objects = call.hub.store.objects();
    const LfsRules rules(text_member(body, "gitAttributes", read_small(objects, *tree, ".gitattributes")));
    const std::string ignore = text_member(body, "gitIgnore", read_small(objects, *tree, ".gitignore"));
    json::array out;
    for (const json::value& element : files->get_array()) {
        if (!element.is_object()) {
            throw Refusal(400, "\"files\" must be a list of objects");
        }
        const json::object& file = element.get_object();
        const std::string path = repo_path(text_member(file, "path", ""));
        const json::value* size = file.if_contains("size");
        if (size == nullptr || !size->is_int64() || size->get_int64() < 0) {
            throw Refusal(400, "\"size\" must be a whole number, 0 or more");
        }
        const bool lfs = rules.covers(path) ||
                         size->get_int64() > static_cast<std::int64_t>(largest_regular) ||
                         is_binary(text_member(file, "sample", ""));
        json::object answer{{"path", path},
                            {"uploadMode", lfs ? "lfs" : "regular"},
                            {"shouldIgnore", is_ignored(ignore, path)}};
        if (const auto there = tree->find(path); there != tree->end()) {
            answer["oid"] = there->second.lfs ? there->second.sha256 : there->second.oid;
        }
        out.push_back(std::move(answer));
    }
    return json_reply(json::object{{"commitOid", commit}, {"files", std::move(out)}});
}

Refusal head_moved()
{
    return {412, "A commit has happened since. Please refresh and try again."};
}

HttpReply commit(Call& call, Repo& repo, std::size_t at)
{
    const bool pull_request = opens_pull_request(call);
    if (pull_request) {
        call.require_token();
        if (!call.account->may_write()) {
            throw Refusal(403, "Forbidden: this token may only read.");
        }
    } else {
        call.require_write(repo);
    }
    const std::string revision = revision_at(call, at).name;
    std::string ref = ref_of(repo, revision);
    const Objects& objects = call.hub.store.objects();
    const CommitLines lines = read_commit_lines(call.http, objects);
    if (lines.readme) {
        const std::vector<std::string> problems = card_problems(*lines.readme);
        if (!problems.empty()) {
            throw Refusal(400, "Invalid metadata in README.md: " + problems.front());
        }
    }
    const auto writing = repo.write();
    std::string head = *repo.find_ref(ref);
    if (!lines.parent.empty()) {
        const auto parent = repo.find_commit(lines.parent);
        if (pull_request && parent) {
            head = *parent;
        } else if (!pull_request && parent != head) {
            throw head_moved();
        }
    }
    const Tree tree = changed_tree(*repo.tree(head), lines, repo, objects, head);
    const std::string id = repo.add_commit(head, tree, lines.title, lines.message, call.account->name);
    const std::string page = call.base + "/" + web_prefix(repo.kind()) + repo.settings().id;
    json::object out{
        {"success", true}, {"commitOid", id}, {"commitUrl", page + "/commit/" + id}, {"hookOutput", ""}};
    if (pull_request) {
        const std::uint64_t number =
            repo.add_discussion(lines.title, lines.message, call.account->name, true);
        ref = "refs/pr/" + std::to_string(number);
        out["pullRequestUrl"] = page + "/discussions/" + std::to_string(number);
    }
    repo.set_ref(ref, id); // from here on it is visible
    return json_reply(out);
}

} // namespace

MaybeReply commit_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    if (call.http.method != "POST") {
        return std::nullopt;
    }
    if (call.segment(at) == "preupload") {
        return preupload(call, *repo, at + 1);
    }
    if (call.segment(at) == "commit") {
        return commit(call, *repo, at + 1);
    }
    return std::nullopt;
}

} // namespace skw::localhub

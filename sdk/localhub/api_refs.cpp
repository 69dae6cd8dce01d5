// SPDX-License-Identifier: Apache-2.0
// History: commits, branches, tags, squashing, pull requests.
#include "localhub/api.hpp"
#include "support/text.hpp"

#include <charconv>

namespace skw::localhub {
namespace {

// The rules of git-check-ref-format, and a length that the file of the ref can carry.
void require_ref_name(std::string_view name)
{
    bool good = !name.empty() && encode_segment(name).size() <= 180 && name != "HEAD" && name != "@" &&
                !name.starts_with('-') && !name.starts_with('/') && !name.ends_with('/') &&
                !name.ends_with('.') && !name.starts_with("refs/");
    for (const char* bad : {"..", "//", "@{", "/.", ".lock", ".tmp-"}) {
        good = good && name.find(bad) == std::string_view::npos;
    }
    for (const char c : name) {
        good = good && static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
               std::string_view("~^:?*[\\").find(c) == std::string_view::npos;
    }
    if (!good || name.starts_with('.')) {
        throw Refusal(400, "Invalid name of a branch or tag: " + printable(name, 100));
    }
}

HttpReply list_commits(Call& call, const Repo& repo, std::size_t at)
{
    const std::string head = call.commit_of(repo, revision_at(call, at).name);
    const std::size_t limit = call.page_size();
    std::size_t skip = 0, total = 0;
    const std::string cursor = call.target.parameter("cursor");
    std::from_chars(cursor.data(), cursor.data() + cursor.size(), skip);
    json::array out;
    for (std::string id = head; !id.empty(); ++total) {
        const CommitRecord commit = repo.commit(id);
        if (total >= skip && out.size() < limit) {
            json::object one{{"id", commit.id},
                             {"title", commit.title},
                             {"message", commit.message},
                             {"authors", json::array{json::object{{"user", commit.author}, {"avatar", ""}}}},
                             {"date", commit.date}};
            for (const auto& [name, value] : call.target.parameters) {
                if ((name == "expand" || name == "expand[]") && value == "formatted") {
                    one["formatted"] = {{"title", commit.title}, {"message", commit.message}};
                }
            }
            out.push_back(std::move(one));
        }
        id = commit.parent;
    }
    const std::size_t next = skip + out.size();
    HttpReply reply = json_reply(out);
    reply.add("X-Total-Count", std::to_string(total));
    if (next < total && !out.empty()) {
        reply.add("Link", call.next_link(std::to_string(next)));
    }
    return reply;
}

HttpReply list_refs(Call& call, const Repo& repo)
{
    json::array branches, tags, requests;
    for (const auto& [name, commit] : repo.refs()) {
        const auto add = [&, &full = name, &id = commit](json::array& list, std::string_view prefix) {
            list.push_back(
                json::object{{"name", full.substr(prefix.size())}, {"ref", full}, {"targetCommit", id}});
        };
        if (name.starts_with("refs/heads/")) {
            add(branches, "refs/heads/");
        } else if (name.starts_with("refs/tags/")) {
            add(tags, "refs/tags/");
        } else if (name.starts_with("refs/pr/")) {
            add(requests, "refs/pr/");
        }
    }
    json::object out{
        {"branches", std::move(branches)}, {"converts", json::array()}, {"tags", std::move(tags)}};
    if (!call.target.parameter("include_prs").empty()) {
        out["pullRequests"] = std::move(requests);
    }
    return json_reply(out);
}

HttpReply create_branch(Call& call, Repo& repo, const std::string& branch)
{
    call.require_write(repo);
    require_ref_name(branch);
    json::object body;
    if (call.http.content_length != 0) {
        body = read_json_body(call.http);
    }
    const auto writing = repo.write();
    const std::string start = text_member(body, "startingPoint", "main");
    const std::string full = "refs/heads/" + branch;
    if (repo.find_ref(full) && !boolean_member(body, "overwrite", false)) {
        throw Refusal(409, "Reference already exists: " + full);
    }
    std::string commit = call.commit_of(repo, start);
    if (boolean_member(body, "emptyBranch", false)) {
        const Tree empty{{".gitattributes", repo.tree(commit)->count(".gitattributes") != 0
                                                ? repo.tree(commit)->at(".gitattributes")
                                                : keep_regular_file(call.hub.store.objects(), "")}};
        commit = repo.add_commit("", empty, "initial commit", "", call.account->name);
    }
    repo.set_ref(full, commit);
    return text_reply("OK");
}

HttpReply delete_ref(Call& call, Repo& repo, const std::string& full)
{
    call.require_write(repo);
    const auto writing = repo.write();
    if (full == "refs/heads/main") {
        throw Refusal(403, "The default branch cannot be deleted.");
    }
    if (!repo.delete_ref(full)) {
        throw revision_not_found(full);
    }
    return text_reply("OK");
}

HttpReply create_tag(Call& call, Repo& repo, std::size_t at)
{
    call.require_write(repo);
    const json::object body = read_json_body(call.http);
    const std::string tag = text_member(body, "tag", "");
    require_ref_name(tag);
    const auto writing = repo.write();
    const std::string commit = call.commit_of(repo, revision_at(call, at).name);
    const std::string full = "refs/tags/" + tag;
    if (repo.find_ref(full)) {
        throw Refusal(409, "Tag reference exists already: " + tag);
    }
    repo.set_ref(full, commit);
    return text_reply("OK");
}

HttpReply squash(Call& call, Repo& repo, const std::string& branch)
{
    call.require_write(repo);
    const json::object body = read_json_body(call.http);
    const auto writing = repo.write();
    const std::string full = "refs/heads/" + branch;
    const auto head = repo.find_ref(full);
    if (!head) {
        throw revision_not_found(branch);
    }
    const std::string title = text_member(body, "message", "Super-squash branch");
    repo.set_ref(full, repo.add_commit("", *repo.tree(*head), title, "", call.account->name));
    return text_reply("OK");
}

HttpReply create_discussion(Call& call, Repo& repo)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    const bool pull_request = boolean_member(body, "pullRequest", false);
    const std::string title = text_member(body, "title", "");
    if (title.size() < 3 || title.size() > 200) {
        throw Refusal(400, "\"title\" must have 3 to 200 characters");
    }
    if (pull_request && !call.account->may_write()) {
        throw Refusal(403, "Forbidden: this token may only read.");
    }
    const auto writing = repo.write();
    const std::string head = call.commit_of(repo, "main");
    const std::uint64_t number =
        repo.add_discussion(title, text_member(body, "description", ""), call.account->name, pull_request);
    if (pull_request) {
        repo.set_ref("refs/pr/" + std::to_string(number), head);
    }
    return json_reply(json::object{{"num", number}, {"pullRequest", pull_request}});
}

json::object shown(const json::value& stored)
{
    json::object out = stored.as_object();
    const json::value author{{"name", out["author"]}};
    out["author"] = author;
    out["events"] = json::array{
        json::object{{"id", "0"},
                     {"type", "comment"},
                     {"createdAt", out["createdAt"]},
                     {"author", author},
                     {"data",
                      {{"edited", false},
                       {"hidden", false},
                       {"latest", {{"raw", out["description"]}, {"updatedAt", out["createdAt"]}}}}}}};
    if (out["isPullRequest"] == true) {
        out["changes"] = {{"base", "refs/heads/main"}, {"mergeCommitId", nullptr}};
    }
    out["filesWithConflicts"] = json::array();
    out["diffUrl"] = nullptr;
    return out;
}

HttpReply show_discussions(const Call& call, const Repo& repo, std::size_t at)
{
    const json::array all = repo.discussions();
    const std::string& wanted = call.segment(at + 1);
    if (wanted.empty()) {
        json::array out;
        for (auto one = all.rbegin(); one != all.rend(); ++one) {
            json::object item = shown(*one);
            item["repo"] = {{"name", repo.settings().id}};
            out.push_back(std::move(item));
        }
        const std::size_t count = out.size();
        return json_reply(json::object{{"discussions", std::move(out)}, {"count", count}, {"start", 0}});
    }
    std::size_t number = 0;
    std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (number == 0 || number > all.size()) {
        throw Refusal(404, "There is no such discussion.");
    }
    return json_reply(shown(all[number - 1]));
}

} // namespace

MaybeReply refs_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    const std::string_view method = call.http.method;
    const std::string& verb = call.segment(at);
    const std::string name = call.target.rest(at + 1); // a branch may hold slashes
    if (verb == "commits" && method == "GET") {
        return list_commits(call, *repo, at + 1);
    }
    if (verb == "refs" && method == "GET") {
        return list_refs(call, *repo);
    }
    if (verb == "branch" && method == "POST") {
        return create_branch(call, *repo, name);
    }
    if (verb == "branch" && method == "DELETE") {
        return delete_ref(call, *repo, "refs/heads/" + name);
    }
    if (verb == "tag" && method == "POST") {
        return create_tag(call, *repo, at + 1);
    }
    if (verb == "tag" && method == "DELETE") {
        return delete_ref(call, *repo, "refs/tags/" + name);
    }
    if (verb == "super-squash" && method == "POST") {
        return squash(call, *repo, name);
    }
    if (verb == "discussions" && method == "POST" && name.empty()) {
        return create_discussion(call, *repo);
    }
    if (verb == "discussions" && method == "GET") {
        return show_discussions(call, *repo, at);
    }
    return std::nullopt;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// From a request to its route, and the checks that all routes share.
#include "localhub/api.hpp"

#include "support/ids.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>

namespace skw::localhub {
namespace {

bool is_kind(std::string_view text)
{
    return text == "models" || text == "datasets" || text == "spaces";
}

HttpReply unknown_route()
{
    throw Refusal(404, "The local Hub has no such route.");
}

HttpReply repo_route(Call& call)
{
    const RepoPtr repo = call.repo(call.segment(1), call.segment(2) + "/" + call.segment(3));
    for (const auto family :
         {info_reply, tree_reply, refs_reply, commit_reply, repo_settings_reply, duplicate_reply}) {
        if (MaybeReply reply = family(call, repo, 4)) {
            return std::move(*reply);
        }
    }
    return unknown_route();
}

HttpReply api_route(Call& call)
{
    const std::string& first = call.segment(1);
    const std::size_t count = call.target.segments.size();
    if (is_kind(first) && count >= 4) {
        return repo_route(call);
    }
    if (is_kind(first) && count == 2 && call.http.method == "GET") {
        return repo_list_reply(call, first);
    }
    if (is_kind(first) && count == 3) { // a repo without a namespace: there are none here
        throw repo_not_found(call.account.has_value());
    }
    if (first == "resolve-cache" && is_kind(call.segment(2)) && count >= 7) {
        return resolve_cache_reply(call, call.repo(call.segment(2), call.segment(3) + "/" + call.segment(4)),
                                   5);
    }
    if (first == "complete_multipart" && call.http.method == "POST") {
        return complete_multipart_reply(call);
    }
    for (const auto family : {account_reply, collections_reply}) {
        if (MaybeReply reply = family(call)) {
            return std::move(*reply);
        }
    }
    return unknown_route();
}

// "/owner/name/resolve/..." and "/owner/name.git/info/lfs/objects/...", with "/datasets" in front or not.
HttpReply page_route(Call& call)
{
    const bool typed = is_kind(call.segment(0)) && call.segment(0) != "models";
    const std::string kind = typed ? call.segment(0) : "models";
    const std::size_t at = typed ? 1 : 0;
    const std::string& owner = call.segment(at);
    const std::string& name = call.segment(at + 1);
    const std::string& verb = call.segment(at + 2);
    if (verb == "resolve" || verb == "raw") {
        if (call.http.method != "GET" && call.http.method != "HEAD") {
            throw Refusal(405, "Only GET and HEAD are served here.");
        }
        return resolve_reply(call, call.repo(kind, owner + "/" + name), at + 3, verb == "raw");
    }
    const std::string& action = call.segment(at + 5);
    if (name.ends_with(".git") && verb == "info" && call.segment(at + 3) == "lfs" &&
        call.segment(at + 4) == "objects" && (action == "batch" || action == "verify") &&
        call.http.method == "POST") {
        return lfs_reply(call, call.repo(kind, owner + "/" + name.substr(0, name.size() - 4)), action);
    }
    return unknown_route();
}

} // namespace

const std::string& Call::segment(std::size_t at) const
{
    static const std::string none;
    return at < target.segments.size() ? target.segments[at] : none;
}

RepoPtr Call::repo(std::string_view kind, std::string_view id) const
{
    RepoPtr found = RepoId::parse(id) ? hub.store.find(kind, id) : nullptr;
    if (!found) {
        if (const auto moved = hub.store.moved_to(kind, id)) {
            Refusal redirect(307, "The repository is now " + *moved);
            std::string place = target.path;
            const std::size_t begin = place.find(id);
            if (begin != std::string::npos) {
                place.replace(begin, id.size(), *moved);
                redirect.headers.emplace_back("Location",
                                              place + (target.query.empty() ? "" : "?" + target.query));
                throw redirect;
            }
        }
        throw repo_not_found(account.has_value());
    }
    const RepoSettings settings = found->settings();
    const std::string_view owner = std::string_view(settings.id).substr(0, settings.id.find('/'));
    if (settings.is_private && !(account && account->owns(owner))) {
        throw repo_not_found(account.has_value());
    }
    return found;
}

void Call::require_token() const
{
    if (!account) {
        throw Refusal(401, "This needs a token: send an Authorization header.");
    }
}

void Call::require_owner(std::string_view owner) const
{
    require_token();
    if (!account->may_write()) {
        throw Refusal(403, "Forbidden: this token may only read.");
    }
    if (!account->writes(owner)) {
        throw Refusal(403, "Forbidden: this token may not write to the namespace \"" + printable(owner, 100) +
                               "\".");
    }
}

void Call::require_write(const Repo& repo) const
{
    const std::string id = repo.settings().id;
    if (!account || !account->writes(id)) { // a token may hold for this repo alone
        require_owner(id.substr(0, id.find('/')));
    }
}

bool Call::may_read_content(const Repo& repo) const
{
    const RepoSettings settings = repo.settings();
    const std::string_view owner = std::string_view(settings.id).substr(0, settings.id.find('/'));
    return settings.gated.empty() ||
           (account && (account->owns(owner) || std::find(settings.access.begin(), settings.access.end(),
                                                          account->name) != settings.access.end()));
}

void Call::require_content(const Repo& repo) const
{
    if (!may_read_content(repo)) {
        throw Refusal(account ? 403 : 401,
                      "Access to model " + repo.settings().id + " is restricted. Ask for access on its page.",
                      "GatedRepo");
    }
}

std::string Call::commit_of(const Repo& repo, std::string_view revision) const
{
    const auto found = repo.find_commit(revision);
    if (!found) {
        throw revision_not_found(revision);
    }
    return *found;
}

std::size_t Call::page_size() const
{
    const std::string asked = target.parameter("limit");
    std::size_t limit = hub.page_size;
    if (!asked.empty()) {
        const auto [end, error] = std::from_chars(asked.data(), asked.data() + asked.size(), limit);
        if (error != std::errc() || end != asked.data() + asked.size() || limit == 0) {
            throw Refusal(400, "\"limit\" must be a whole number above 0");
        }
    }
    return std::min(limit, hub.page_size);
}

std::string Call::next_link(std::string_view cursor) const
{
    std::string query;
    for (const auto& [name, value] : target.parameters) {
        if (name != "cursor") {
            query += encode_segment(name) + "=" + encode_segment(value) + "&";
        }
    }
    return "<" + base + target.path + "?" + query + "cursor=" + encode_segment(cursor) + ">; rel=\"next\"";
}

Revision revision_at(const Call& call, std::size_t at)
{
    if (call.segment(at).empty()) {
        throw Refusal(400, "A revision is missing in the address.");
    }
    if (call.segment(at) == "refs" && !call.segment(at + 2).empty()) {
        return {call.target.segments[at] + "/" + call.segment(at + 1) + "/" + call.segment(at + 2), at + 3};
    }
    return {call.segment(at), at + 1};
}

std::string web_prefix(std::string_view kind)
{
    return kind == "models" ? std::string() : std::string(kind) + "/";
}

std::string kind_of_type(std::string_view type)
{
    if (type.empty() || type == "model") {
        return "models";
    }
    if (type == "dataset" || type == "space") {
        return std::string(type) + "s";
    }
    throw Refusal(400, "Repo type must be model, dataset or space.");
}

std::string new_repo_id(const Call& call, std::string_view name, std::string_view organization)
{
    std::string id(name);
    if (name.find('/') == std::string_view::npos) {
        id = (organization.empty() ? call.account->name : std::string(organization)) + "/" + id;
    }
    if (!RepoId::parse(id) || id.ends_with(".git")) {
        throw Refusal(400, "Invalid repo name: " + printable(id, 200));
    }
    return id;
}

HttpReply hub_reply(Call& call)
{
    const std::string_view method = call.http.method;
    const bool head = method == "HEAD";
    if (method != "GET" && !head && method != "POST" && method != "PUT" && method != "PATCH" &&
        method != "DELETE") {
        throw Refusal(405, "Method not allowed.");
    }
    if (call.segment(0) == "api") {
        if (head) {
            call.http.method = "GET"; // the same answer; its body is left out on the way
        }
        return api_route(call);
    }
    return page_route(call);
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Repos: read one, make one.
#include "hub/session.hpp"

#include "support/json.hpp"

namespace skw::hub {
namespace {

constexpr std::uint64_t info_limit = 8u << 20; // a repo of many files lists them all here

bool says_no_such_repo(const Reply& reply, bool has_token)
{
    const std::string_view code = error_code_of(reply);
    if (code == "RepoNotFound") {
        return true;
    }
    if (!code.empty()) {
        return false;
    }
    // Without a token the Hub answers 401 for what is not there or hidden, at times without the code. A
    // wrong token is another matter: its text says so.
    return reply.status == 404 || (reply.status == 401 && !has_token &&
                                   message_of(reply).find("Invalid credentials") == std::string::npos);
}

RepoInfo parse_info(const json::value& value, const std::string& place)
{
    Findings findings("the reply about " + place);
    const Reader in(value, findings);
    const std::string id = in.string("id");
    const std::string sha = in.string("sha");
    const auto repo = RepoId::parse(id);
    const auto head = CommitId::parse(sha);
    if (!repo) {
        in.fault("id", "is not a repo's name: " + safe(id));
    }
    if (!head) {
        in.fault("sha", "is not a commit id: " + safe(sha));
    }
    std::vector<std::string> tags = in.strings("tags");
    const bool is_private = in.boolean("private", false);
    json::object card;
    if (in.has("cardData")) {
        in.object("cardData"); // a fault, if it is something else
        const json::value& data = value.as_object().at("cardData");
        card = data.is_object() ? data.get_object() : json::object();
    }
    // false, "auto" or "manual"
    bool gated = false;
    if (in.has("gated")) {
        const json::value& data = value.as_object().at("gated");
        gated = data.is_string() || (data.is_bool() && data.get_bool());
    }
    findings.throw_if_any();
    RepoInfo info{*repo, *head, std::move(card), std::move(tags), is_private, gated};
    return info;
}

std::string place_of(const RepoId& repo, std::string_view revision)
{
    return repo.text() + "@" + safe(revision, 60);
}

} // namespace

std::optional<RepoInfo> Client::find_repo(const RepoId& repo, std::string_view revision)
{
    Session& session = state_->session;
    const std::string place = place_of(repo, revision);
    Request request = session.get(api_path(repo, "/revision/" + encode_segment(revision)));
    request.reply_limit = info_limit;
    const Reply reply = session.send(std::move(request), place);
    if (reply.status == 200) {
        return parse_info(parse_reply(reply, place), place);
    }
    if (says_no_such_repo(reply, session.has_token())) {
        return std::nullopt;
    }
    throw session.error(reply, place, repo.text());
}

RepoInfo Client::read_repo(const RepoId& repo, std::string_view revision)
{
    std::optional<RepoInfo> info = find_repo(repo, revision);
    if (!info) {
        const bool has_token = state_->session.has_token();
        throw Error(ErrorCode::not_found, place_of(repo, revision),
                    "there is no such repo, or this token may not see it",
                    has_token ? "check the name, and that the token in HF_TOKEN may read this repo"
                              : "check the name; for a private repo set HF_TOKEN");
    }
    return std::move(*info);
}

bool Client::create_repo(const RepoId& repo, bool is_private)
{
    Session& session = state_->session;
    const std::string place = "create " + repo.text();
    json::object body;
    body["name"] = repo.name();
    body["organization"] = repo.owner();
    body["type"] = "model";
    body["visibility"] = is_private ? "private" : "public";
    Tries tries(session.settings());
    for (;;) {
        // Repeatable: a second one says that the repo is there, which is what we want to know.
        const Reply reply =
            session.send(session.post("/api/repos/create", canonical_json(body)), place, tries);
        if (reply.status == 200 || reply.status == 201) {
            return true;
        }
        if (reply.status == 409 && message_of(reply).find("in progress") != std::string::npos &&
            tries.count() < session.settings().attempts) {
            session.pause(backoff(tries.count(), session.settings().first_pause, 0.5), place);
            continue;
        }
        if (reply.status == 409) {
            return false;
        }
        // A token may be allowed to write to a repo without being allowed to make one.
        if (reply.status == 401 || reply.status == 402 || reply.status == 403) {
            if (find_repo(repo)) {
                return false;
            }
        }
        throw session.error(reply, place, repo.text());
    }
}

void Client::set_private(const RepoId& repo, bool is_private)
{
    Session& session = state_->session;
    const std::string place = "settings of " + repo.text();
    json::object body;
    body["private"] = is_private;
    const Reply reply = session.send(session.put(api_path(repo, "/settings"), canonical_json(body)), place);
    if (reply.status != 200) {
        throw session.error(reply, place, repo.text());
    }
}

void Client::check_write(const RepoId& repo)
{
    Session& session = state_->session;
    const std::string place = "write to " + repo.text();
    const Reply reply = session.send(session.get(api_path(repo, "/auth-check/write")), place);
    // A mirror without this route says a plain 404; the commit will tell then.
    if (reply.status != 200 && !(reply.status == 404 && error_code_of(reply).empty())) {
        throw session.error(reply, place, repo.text());
    }
}

} // namespace skw::hub

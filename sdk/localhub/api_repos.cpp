// SPDX-License-Identifier: Apache-2.0
// The account, and repos as a whole: create, delete, move, settings, access checks.
#include "localhub/api.hpp"
#include "localhub/card.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

json::object token_facts(const Account& account)
{
    // One that may write everywhere has rights that a list of organisations cannot tell.
    const bool by_scope = account.everywhere || account.role == "fineGrained";
    json::object out{{"displayName", "local"},
                     {"role", by_scope ? "fineGrained" : account.role},
                     {"createdAt", "2024-01-01T00:00:00.000Z"}};
    if (!by_scope) {
        return out;
    }
    json::array scoped;
    for (const std::string& scope : account.scopes) {
        const bool is_repo = scope.find('/') != std::string::npos;
        const std::string_view type = is_repo ? "model" : scope == account.name ? "user" : "org";
        scoped.push_back(json::object{{"entity", {{"_id", scope}, {"type", type}, {"name", scope}}},
                                      {"permissions", {"repo.content.read", "repo.write"}}});
    }
    json::array global;
    if (account.everywhere) {
        global = {"repo.content.read", "repo.write"};
    }
    out["fineGrained"] = {
        {"canReadGatedRepos", true}, {"global", std::move(global)}, {"scoped", std::move(scoped)}};
    return out;
}

HttpReply whoami(const Call& call)
{
    if (!call.account) {
        throw Refusal(401, "Invalid username or password.");
    }
    json::array orgs;
    for (const Membership& one : call.account->orgs) {
        orgs.push_back(json::object{{"type", "org"},
                                    {"id", one.org},
                                    {"name", one.org},
                                    {"fullname", one.org},
                                    {"roleInOrg", one.role}});
    }
    const std::string& name = call.account->name;
    return json_reply(
        json::object{{"type", "user"},
                     {"id", name},
                     {"name", name},
                     {"fullname", name},
                     {"email", nullptr},
                     {"emailVerified", false},
                     {"isPro", false},
                     {"canPay", false},
                     {"periodEnd", nullptr},
                     {"avatarUrl", ""},
                     {"billingMode", "prepaid"},
                     {"orgs", std::move(orgs)},
                     {"auth", {{"type", "access_token"}, {"accessToken", token_facts(*call.account)}}}});
}

} // namespace

bool asks_private(const json::object& body, bool otherwise)
{
    const std::string visibility = text_member(body, "visibility", "");
    if (visibility.empty()) {
        return boolean_member(body, "private", otherwise);
    }
    if (visibility != "public" && visibility != "private" && visibility != "protected") {
        throw Refusal(400, "\"visibility\" must be public, private or protected");
    }
    return visibility != "public";
}

namespace {

HttpReply create(Call& call)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    const std::string kind = kind_of_type(text_member(body, "type", "model"));
    const std::string id =
        new_repo_id(call, text_member(body, "name", ""), text_member(body, "organization", ""));
    const std::string place = call.base + "/" + web_prefix(kind);
    call.require_owner(id.substr(0, id.find('/')));
    const std::string region = text_member(body, "region", "us");
    if (!is_region(region)) {
        throw Refusal(400, "\"region\" is not the name of a region: " + printable(region, 40));
    }
    const RepoPtr made =
        call.hub.store.create(kind, id, asks_private(body, false), call.account->name, region);
    if (!made) {
        const RepoPtr there = call.hub.store.find(kind, id);
        const std::string known = there ? there->settings().id : id;
        Refusal refusal(409,
                        "You already created this " + kind.substr(0, kind.size() - 1) + " repo: " + known);
        refusal.body["url"] = place + known; // clients with "exist ok" read it
        throw refusal;
    }
    return json_reply(json::object{{"url", place + id}, {"name", id}, {"id", made->settings().internal}});
}

HttpReply remove(Call& call)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    const std::string kind = kind_of_type(text_member(body, "type", "model"));
    const std::string id =
        new_repo_id(call, text_member(body, "name", ""), text_member(body, "organization", ""));
    call.require_write(*call.repo(kind, id));
    if (!call.hub.store.remove(kind, id)) {
        throw repo_not_found(true);
    }
    return text_reply("OK");
}

HttpReply move(Call& call)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    const std::string kind = kind_of_type(text_member(body, "type", "model"));
    const RepoPtr repo = call.repo(kind, text_member(body, "fromRepo", ""));
    const std::string to = new_repo_id(call, text_member(body, "toRepo", ""), "");
    call.require_write(*repo);
    call.require_owner(to.substr(0, to.find('/')));
    if (!call.hub.store.move(repo, to)) {
        throw Refusal(409, "A repository with this name exists already: " + to);
    }
    return text_reply("OK");
}

HttpReply validate_yaml(Call& call)
{
    const json::object body = read_json_body(call.http, 12u << 20);
    const std::vector<std::string> problems = card_problems(text_member(body, "content", ""));
    json::array errors;
    for (const std::string& problem : problems) {
        errors.push_back(json::object{{"message", problem}});
    }
    const int status = errors.empty() ? 200 : 400;
    HttpReply reply =
        json_reply(json::object{{"errors", std::move(errors)}, {"warnings", json::array()}}, status);
    if (status != 200) {
        reply.add("X-Error-Message", "Invalid metadata in README.md.");
    }
    return reply;
}

// Changes `is_second` if the member is there; 400 for anything but the two words.
void read_word(const json::object& body, std::string_view name, std::string_view first,
               std::string_view second, bool& is_second)
{
    const std::string word = text_member(body, name, is_second ? second : first);
    if (word != first && word != second) {
        throw Refusal(400, "\"" + std::string(name) + "\" must be " + std::string(first) + " or " +
                               std::string(second));
    }
    is_second = word == second;
}

HttpReply change_settings(Call& call, Repo& repo)
{
    call.require_write(repo);
    const json::object body = read_json_body(call.http);
    const auto writing = repo.write();
    RepoSettings settings = repo.settings();
    settings.is_private = asks_private(body, settings.is_private);
    if (const json::value* gated = body.if_contains("gated")) {
        if (gated->is_bool() && !gated->get_bool()) {
            settings.gated.clear();
        } else if (*gated == "auto" || *gated == "manual") {
            settings.gated = std::string(gated->get_string());
        } else {
            throw Refusal(400, "\"gated\" must be false, \"auto\" or \"manual\"");
        }
    }
    read_word(body, "duplication", "disabled", "enabled", settings.duplication);
    read_word(body, "storage", "lfs", "xet", settings.new_storage);
    settings.region = text_member(body, "region", settings.region);
    if (!is_region(settings.region)) {
        throw Refusal(400, "\"region\" is not the name of a region: " + printable(settings.region, 40));
    }
    repo.set_settings(settings);
    return json_reply(
        json::object{{"private", settings.is_private},
                     {"gated", settings.gated.empty() ? json::value(false) : json::value(settings.gated)},
                     {"duplication", settings.duplication ? "enabled" : "disabled"},
                     {"storage", settings.new_storage ? "xet" : "lfs"},
                     {"region", settings.region}});
}

} // namespace

MaybeReply account_reply(Call& call)
{
    const std::string_view method = call.http.method;
    const std::string& first = call.segment(1);
    const std::string& second = call.segment(2);
    const std::size_t count = call.target.segments.size();
    if (first == "whoami-v2" && count == 2 && method == "GET") {
        return whoami(call);
    }
    if (first == "validate-yaml" && count == 2 && method == "POST") {
        return validate_yaml(call);
    }
    if (first != "repos" || count != 3) {
        return std::nullopt;
    }
    if (second == "create" && method == "POST") {
        return create(call);
    }
    if (second == "delete" && method == "DELETE") {
        return remove(call);
    }
    if (second == "move" && method == "POST") {
        return move(call);
    }
    return std::nullopt;
}

MaybeReply repo_settings_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    const std::string_view method = call.http.method;
    const std::string& verb = call.segment(at);
    if (verb == "settings" && method == "PUT") {
        return change_settings(call, *repo);
    }
    if (verb == "auth-check" && method == "GET") {
        if (call.segment(at + 1) == "write") {
            call.require_write(*repo);
        } else {
            call.require_content(*repo);
        }
        return text_reply("OK");
    }
    return std::nullopt;
}

} // namespace skw::localhub

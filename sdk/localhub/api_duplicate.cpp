// SPDX-License-Identifier: Apache-2.0
// Copies that the Hub makes by itself, without a byte on the wire: of single objects, and of a whole repo.
#include "localhub/api.hpp"
#include "support/text.hpp"

namespace skw::localhub {
namespace {

constexpr std::size_t most_files = 500;

// Whether the source's owner lets its content be copied this way. Access to a gated repo does not count: who
// takes a copy from here would not have agreed to anything.
void require_copyable(const Repo& source)
{
    const RepoSettings settings = source.settings();
    if (!settings.gated.empty()) {
        throw Refusal(403,
                      "Access to model " + settings.id + " is restricted: its files cannot be duplicated.",
                      "GatedRepo");
    }
    if (!settings.duplication) {
        throw Refusal(403, "The author of " + settings.id + " has disabled duplication of this repository.");
    }
}

// Why one file cannot be copied; "" when it can.
std::string fault_of(const Call& call, const Repo& source, const Repo& target, std::string_view sha256,
                     std::string_view hash)
{
    if (!source.has_lfs(sha256)) {
        return "The file is not in the source repository.";
    }
    const auto known = source.storage_hash(sha256);
    if (!known || !call.hub.storage_hash) {
        return "The file is not in Xet storage yet.";
    }
    if (hash != *known) {
        return "xetHash and sha256 are not those of one file.";
    }
    const std::string from = source.settings().region, to = target.settings().region;
    if (from != to) {
        return "The source repository is in the storage region \"" + from + "\", the target in \"" + to +
               "\": files cannot be duplicated across regions.";
    }
    return {};
}

struct Asked {
    std::string sha256, hash;
};

Asked asked_file(const json::value& element)
{
    if (!element.is_object()) {
        throw Refusal(400, "Each file needs xetHash, sha256 and filename.");
    }
    const json::object& file = element.get_object();
    text_member(file, "filename", ""); // told for people only
    return {text_member(file, "sha256", ""), text_member(file, "xetHash", "")};
}

HttpReply duplicate_files(Call& call, const Repo& source)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    const json::value* target = body.if_contains("target");
    const json::value* files = body.if_contains("files");
    if (target == nullptr || !target->is_object() || files == nullptr || !files->is_array()) {
        throw Refusal(400, "\"target\" and \"files\" are needed.");
    }
    if (files->get_array().size() > most_files) {
        throw Refusal(413, "At most " + std::to_string(most_files) + " files a request.");
    }
    require_copyable(source);
    const json::object& place = target->get_object();
    const RepoPtr into =
        call.repo(kind_of_type(text_member(place, "type", "model")), text_member(place, "name", ""));
    call.require_write(*into);
    std::vector<Asked> asked;
    for (const json::value& element : files->get_array()) { // all of the request is read before any of it
        asked.push_back(asked_file(element));
    }
    const bool same = into.get() == &source;
    const auto writing = into->write(); // a repo that is deleted meanwhile gets nothing
    json::array failed;
    for (const Asked& one : asked) {
        std::string fault = fault_of(call, source, *into, one.sha256, one.hash);
        if (fault.empty()) {
            if (!same) {
                into->add_lfs(one.sha256, Repo::Stored::in_new_storage);
            }
        } else {
            failed.push_back(
                json::object{{"sha256", printable(one.sha256, 64)}, {"error", std::move(fault)}});
        }
    }
    const std::size_t processed = asked.size(), succeeded = processed - failed.size();
    return json_reply(json::object{{"success", failed.empty()},
                                   {"processed", processed},
                                   {"succeeded", succeeded},
                                   {"failed", std::move(failed)}});
}

HttpReply duplicate_repo(Call& call, const RepoPtr& repo)
{
    call.require_token();
    const json::object body = read_json_body(call.http);
    const std::string id = new_repo_id(call, text_member(body, "repository", ""), "");
    call.require_owner(id.substr(0, id.find('/')));
    require_copyable(*repo);
    const std::string url = call.base + "/" + web_prefix(repo->kind()) + id;
    if (!call.hub.store.duplicate(repo, id, asks_private(body, repo->settings().is_private))) {
        Refusal refusal(409, "You already created this repo: " + id);
        refusal.body["url"] = url;
        throw refusal;
    }
    return json_reply(json::object{{"url", url}});
}

} // namespace

MaybeReply duplicate_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    const std::string& verb = call.segment(at);
    if (call.http.method != "POST") {
        return std::nullopt;
    }
    if (verb == "duplicate") {
        return duplicate_repo(call, repo);
    }
    if (verb == "lfs-files" && call.segment(at + 1) == "duplicate") {
        return duplicate_files(call, *repo);
    }
    return std::nullopt;
}

} // namespace skw::localhub

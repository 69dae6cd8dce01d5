// SPDX-License-Identifier: Apache-2.0
// What the Hub tells about a repo, and the list of repos.
#include "localhub/api.hpp"
#include "localhub/card.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <set>

namespace skw::localhub {
namespace {

constexpr std::uint64_t largest_readme = 10u << 20;

const std::set<std::string, std::less<>>& known_fields()
{
    static const std::set<std::string, std::less<>> names{"author",
                                                          "baseModels",
                                                          "cardData",
                                                          "childrenModelCount",
                                                          "citation",
                                                          "config",
                                                          "createdAt",
                                                          "description",
                                                          "disabled",
                                                          "downloads",
                                                          "downloadsAllTime",
                                                          "evalResults",
                                                          "gated",
                                                          "gguf",
                                                          "gitalyUid",
                                                          "inference",
                                                          "inferenceProviderMapping",
                                                          "lastModified",
                                                          "library_name",
                                                          "likes",
                                                          "mask_token",
                                                          "model-index",
                                                          "pipeline_tag",
                                                          "private",
                                                          "resourceGroup",
                                                          "safetensors",
                                                          "sdk",
                                                          "sha",
                                                          "siblings",
                                                          "spaces",
                                                          "tags",
                                                          "transformersInfo",
                                                          "trendingScore",
                                                          "usedStorage",
                                                          "widgetData",
                                                          "xetEnabled"};
    return names;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return text;
}

json::array siblings_of(const Tree& tree, bool blobs)
{
    json::array out;
    for (const auto& [path, file] : tree) {
        json::object one{{"rfilename", path}};
        if (blobs) {
            one["size"] = file.size;
            one["blobId"] = file.oid;
            if (file.lfs) {
                one["lfs"] = {{"sha256", file.sha256},
                              {"size", file.size},
                              {"pointerSize", lfs_pointer(file.sha256, file.size).size()}};
            }
        }
        out.push_back(std::move(one));
    }
    return out;
}

// Everything this Hub knows about the repo at one commit.
json::object describe(const Hub& hub, const Repo& repo, const std::string& commit, bool blobs)
{
    const RepoSettings settings = repo.settings();
    const auto tree = repo.tree(commit);
    Card card;
    if (const auto readme = tree->find("README.md"); readme != tree->end() &&
                                                     readme->second.size <= largest_readme &&
                                                     hub.store.objects().holds(readme->second.sha256)) {
        card = read_card(hub.store.objects().read(readme->second.sha256, largest_readme));
    }
    json::array tags(card.tags.begin(), card.tags.end());
    tags.push_back(json::string("region:" + settings.region));
    std::uint64_t used = 0;
    for (const auto& [path, file] : *tree) {
        used += file.size;
    }
    json::object out{{"_id", settings.internal},
                     {"id", settings.id},
                     {"sha", commit},
                     {"author", settings.id.substr(0, settings.id.find('/'))},
                     {"lastModified", repo.commit(commit).date},
                     {"createdAt", settings.created},
                     {"private", settings.is_private},
                     {"disabled", false},
                     {"downloads", 0},
                     {"downloadsAllTime", 0},
                     {"likes", 0},
                     {"trendingScore", 0},
                     {"usedStorage", used}};
    if (repo.kind() == "models") {
        out["modelId"] = settings.id;
    }
    out["gated"] = settings.gated.empty() ? json::value(false) : json::value(settings.gated);
    out["tags"] = std::move(tags);
    for (const char* name : {"library_name", "pipeline_tag", "model-index", "sdk"}) {
        if (const json::value* found = card.data.if_contains(name)) {
            out[name] = *found;
        }
    }
    if (!card.data.empty()) {
        out["cardData"] = std::move(card.data);
    }
    out["siblings"] = siblings_of(*tree, blobs);
    return out;
}

// "expand=a", "expand[]=a" and the same with commas.
std::set<std::string> expanded(const Call& call)
{
    std::set<std::string> fields;
    for (const auto& [name, value] : call.target.parameters) {
        if (name != "expand" && name != "expand[]") {
            continue;
        }
        for (std::size_t begin = 0; begin <= value.size();) {
            const std::size_t end = std::min(value.find(',', begin), value.size());
            fields.insert(value.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    for (const std::string& field : fields) {
        if (!known_fields().contains(field)) {
            std::string message = "Invalid expand value \"" + printable(field, 60) + "\". Allowed:";
            for (const std::string& name : known_fields()) {
                message += " " + name;
            }
            throw Refusal(400, message);
        }
    }
    return fields;
}

void keep_only(json::object& object, const std::set<std::string>& fields)
{
    json::object out{{"_id", object.at("_id")}, {"id", object.at("id")}};
    for (const std::string& field : fields) {
        if (const json::value* found = object.if_contains(field)) {
            out[field] = *found;
        }
    }
    object = std::move(out);
}

} // namespace

MaybeReply info_reply(Call& call, const RepoPtr& repo, std::size_t at)
{
    const bool plain = call.target.segments.size() == at;
    if (call.http.method != "GET" || (!plain && call.segment(at) != "revision")) {
        return std::nullopt;
    }
    const std::string revision = plain ? "main" : revision_at(call, at + 1).name;
    const std::set<std::string> fields = expanded(call);
    const std::string blobs = lower(call.target.parameter("blobs"));
    const bool with_blobs = blobs == "true" || blobs == "1";
    if (with_blobs && !fields.empty()) {
        throw Refusal(400, "\"expand\" cannot be combined with \"blobs\"");
    }
    json::object out = describe(call.hub, *repo, call.commit_of(*repo, revision), with_blobs);
    if (!fields.empty()) {
        keep_only(out, fields);
    } else if (!call.target.parameter("securityStatus").empty()) {
        out["securityRepoStatus"] = {{"scansDone", true}, {"filesWithIssues", json::array()}};
    }
    return json_reply(out);
}

HttpReply repo_list_reply(Call& call, std::string_view kind)
{
    const std::string author = lower(call.target.parameter("author"));
    const std::string search = lower(call.target.parameter("search"));
    const std::string cursor = call.target.parameter("cursor");
    const std::set<std::string> fields = expanded(call);
    const bool full = !call.target.parameter("full").empty();
    const std::size_t limit = call.page_size();
    json::array out;
    std::string last;
    bool more = false;
    for (const RepoPtr& repo : call.hub.store.all(kind)) {
        const RepoSettings settings = repo->settings();
        const std::string id = lower(settings.id);
        const std::string owner = id.substr(0, id.find('/'));
        const auto head = repo->find_ref("refs/heads/main");
        if (!head || (!author.empty() && owner != author) || id.find(search) == std::string::npos ||
            (!cursor.empty() && id <= cursor) ||
            (settings.is_private && !(call.account && call.account->owns(owner)))) {
            continue;
        }
        json::object one = describe(call.hub, *repo, *head, false);
        const json::array tags = one["tags"].as_array();
        const bool wanted = std::all_of(
            call.target.parameters.begin(), call.target.parameters.end(), [&](const auto& parameter) {
                return parameter.first != "filter" ||
                       std::find(tags.begin(), tags.end(), json::value(parameter.second)) != tags.end();
            });
        if (!wanted) {
            continue;
        }
        if (out.size() == limit) {
            more = true;
            break;
        }
        if (!fields.empty()) {
            keep_only(one, fields);
        } else if (!full) {
            one.erase("siblings");
            one.erase("cardData");
        }
        out.push_back(std::move(one));
        last = id;
    }
    HttpReply reply = json_reply(out);
    if (more) {
        reply.add("Link", call.next_link(last)); // clients stop by themselves at their limit
    }
    return reply;
}

} // namespace skw::localhub

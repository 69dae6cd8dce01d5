// SPDX-License-Identifier: Apache-2.0
// The LFS batch call, its reply checked object by object.
#include "hub/lfs_batch.hpp"

#include <algorithm>
#include <charconv>

namespace skw::hub {
namespace {

constexpr std::uint64_t reply_limit = 16u << 20; // 10,000 part URLs of 1.5 KB
constexpr std::uint64_t most_parts = 10'000;

bool is_forbidden_header(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name == "host" || name == "content-length" || name == "transfer-encoding" ||
           name == "connection" || name == "accept-encoding" || name == "user-agent" || name == "expect";
}

bool is_header(std::string_view name, std::string_view value)
{
    const auto is_name_char = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), is_name_char) &&
           value.size() <= 8192 && std::none_of(value.begin(), value.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7f;
           });
}

bool is_part_number(std::string_view name)
{
    return !name.empty() && name.size() <= 9 &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class ActionParser {
public:
    ActionParser(const Session& session, std::string place) : session_(session), place_(std::move(place)) {}

    Url url(const std::string& text, const char* what) const
    {
        const auto url = session_.given_url(text);
        if (!url) {
            throw bad_reply(place_, std::string("the address for the ") + what + " cannot be used");
        }
        return *url;
    }

    UploadAction upload(const Reader& in, std::uint64_t size) const
    {
        UploadAction action;
        action.href = url(in.string("href"), "upload");
        std::vector<std::pair<std::uint64_t, Url>> parts;
        const json::value* const header = in.has("header") ? &in.value().as_object().at("header") : nullptr;
        if (header != nullptr && !header->is_object()) {
            throw bad_reply(place_, "the headers of an upload are not an object");
        }
        for (const auto& member : header != nullptr ? header->get_object() : json::object()) {
            const std::string name(member.key());
            const json::string* const text = member.value().if_string();
            if (name == "chunk_size") {
                action.chunk_size = chunk_size(member.value());
            } else if (text == nullptr || !is_header(name, *text)) {
                throw bad_reply(place_, "the header \"" + safe(name) + "\" cannot be sent");
            } else if (is_part_number(name)) {
                std::uint64_t number = 0;
                std::from_chars(name.data(), name.data() + name.size(), number);
                parts.emplace_back(number, url(std::string(*text), "part"));
            } else if (!is_forbidden_header(name)) {
                action.headers.push_back(Header{name, std::string(*text)});
            }
        }
        if (action.chunk_size != 0) {
            set_parts(action, std::move(parts), size);
        } else if (!parts.empty()) {
            throw bad_reply(place_, "parts without a chunk_size");
        }
        return action;
    }

private:
    std::uint64_t chunk_size(const json::value& value) const
    {
        std::uint64_t size = 0;
        if (const json::string* const text = value.if_string()) {
            const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), size);
            size = failure == std::errc() && end == text->data() + text->size() ? size : 0;
        } else if (const std::int64_t* const number = value.if_int64()) {
            size = *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
        }
        if (size == 0 || size > (std::uint64_t{1} << 40)) {
            throw bad_reply(place_, "chunk_size is not a size");
        }
        return size;
    }

    void set_parts(UploadAction& action, std::vector<std::pair<std::uint64_t, Url>> parts,
                   std::uint64_t size) const
    {
        const std::uint64_t count = size / action.chunk_size + (size % action.chunk_size != 0 ? 1 : 0);
        // By number: as text, part 10 would come before part 9.
        std::ranges::sort(parts, {}, [](const auto& part) { return part.first; });
        bool complete = parts.size() == count && count <= most_parts;
        for (std::size_t i = 0; complete && i < parts.size(); ++i) {
            complete = parts[i].first == i + 1;
            action.part_urls.push_back(std::move(parts[i].second));
        }
        if (!complete) {
            throw bad_reply(place_, "the upload has parts missing or too many: " +
                                        std::to_string(parts.size()) + " for " + std::to_string(count));
        }
    }

    const Session& session_;
    const std::string place_;
};

Grant parse_object(const Session& session, const Reader& in, const Addition& addition,
                   const std::string& place)
{
    Grant grant;
    grant.given = std::chrono::steady_clock::now();
    if (const auto refused = in.find_object("error")) {
        Reply as_reply; // the refusal of one object, in the words of a reply
        as_reply.status =
            static_cast<int>(std::min<std::uint64_t>(refused->find_size("code").value_or(400), 999));
        as_reply.headers.push_back(Header{"X-Error-Message", refused->find_string("message").value_or("")});
        throw session.error(as_reply, place + ": " + safe(addition.path.text()));
    }
    const auto actions = in.find_object("actions");
    if (!actions) {
        return grant;
    }
    const ActionParser parser(session, place + ": " + safe(addition.path.text()));
    if (const auto upload = actions->find_object("upload")) {
        grant.upload = parser.upload(*upload, addition.size);
    }
    if (const auto verify = actions->find_object("verify")) {
        grant.verify = parser.url(verify->string("href"), "verification");
    }
    return grant;
}

} // namespace

Request lfs_request(const Session& session, const Url& url, std::string body)
{
    Request request = session.post("/", std::move(body));
    request.url = url;
    request.headers.clear();
    request.headers.push_back(Header{"Accept", "application/vnd.git-lfs+json"});
    request.headers.push_back(Header{"Content-Type", "application/vnd.git-lfs+json"});
    return request;
}

std::vector<Grant> ask_batch(Session& session, const RepoId& repo,
                             const std::vector<const Addition*>& objects)
{
    const std::string place = "upload to " + repo.text();
    json::array wanted;
    for (const Addition* const addition : objects) {
        json::object object;
        object["oid"] = addition->sha256.hex();
        object["size"] = addition->size;
        wanted.push_back(std::move(object));
    }
    json::object body;
    body["operation"] = "upload";
    json::array transfers;
    transfers.emplace_back("basic");
    transfers.emplace_back("multipart");
    body["transfers"] = std::move(transfers);
    body["hash_algo"] = "sha256";
    json::object ref;
    ref["name"] = "main";
    body["ref"] = std::move(ref);
    body["objects"] = std::move(wanted);
    const Url target = session.get("/" + encode_path(repo.text()) + ".git/info/lfs/objects/batch").url;
    Request request = lfs_request(session, target, canonical_json(body));
    request.reply_limit = reply_limit;
    const Reply reply = session.send(std::move(request), place);
    if (reply.status != 200) {
        throw session.error(reply, place, repo.text());
    }
    const json::value document = parse_reply(reply, place);
    Findings findings(place);
    const Reader in(document, findings);
    const std::string transfer = in.find_string("transfer").value_or("basic");
    if (transfer != "basic" && transfer != "multipart") {
        throw bad_reply(place, "a way of sending that was not offered: " + safe(transfer));
    }
    std::vector<std::optional<Grant>> found(objects.size());
    in.each("objects", [&](const Reader& object) {
        const std::string oid = object.string("oid");
        for (std::size_t i = 0; i < objects.size(); ++i) {
            if (!found[i] && objects[i]->sha256.hex() == oid) {
                found[i] = parse_object(session, object, *objects[i], place);
                break;
            }
        }
        return true;
    });
    findings.throw_if_any();
    std::vector<Grant> grants;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (!found[i]) {
            throw bad_reply(place, "it says nothing about " + safe(objects[i]->path.text()));
        }
        grants.push_back(std::move(*found[i]));
    }
    return grants;
}

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Replies of the API: JSON, plain text, and refusals with the headers that clients decide by.
#include "localhub/refusal.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>

namespace skw::localhub {

Refusal repo_not_found(bool with_token)
{
    // To strangers the Hub does not tell a private repo from none.
    return {with_token ? 404 : 401, "Repository not found", "RepoNotFound"};
}

Refusal revision_not_found(std::string_view revision)
{
    return {404, "Invalid rev id: " + printable(revision, 200), "RevisionNotFound"};
}

Refusal entry_not_found(std::string_view path, std::string_view commit)
{
    Refusal refusal(404, "Entry not found: " + printable(path, 300), "EntryNotFound");
    refusal.headers.emplace_back("X-Repo-Commit", std::string(commit));
    return refusal;
}

HttpReply json_reply(const json::value& value, int status)
{
    HttpReply reply;
    reply.status = status;
    reply.add("Content-Type", "application/json; charset=utf-8");
    reply.text = json::serialize(value);
    return reply;
}

HttpReply text_reply(std::string text, int status)
{
    HttpReply reply;
    reply.status = status;
    reply.add("Content-Type", "text/plain; charset=utf-8");
    reply.text = std::move(text);
    return reply;
}

HttpReply refusal_reply(const Refusal& refusal)
{
    json::object body = refusal.body;
    body["error"] = refusal.message;
    HttpReply reply = json_reply(body, refusal.status);
    if (!refusal.code.empty()) {
        reply.add("X-Error-Code", refusal.code);
    }
    std::string ascii; // a header carries no other characters safely
    for (const char c : refusal.message) {
        ascii += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e ? '?' : c;
    }
    reply.add("X-Error-Message", ascii.substr(0, 1000));
    for (const auto& [name, value] : refusal.headers) {
        reply.add(name, value);
    }
    return reply;
}

std::string read_body(HttpRequest& request, std::size_t limit_bytes)
{
    const auto too_large = [&] {
        return Refusal(413, "The request body is larger than " + std::to_string(limit_bytes) + " bytes.");
    };
    if (request.content_length && *request.content_length > limit_bytes) {
        throw too_large();
    }
    std::string text;
    for (std::size_t done = 0;;) {
        const std::size_t room = std::min<std::size_t>(limit_bytes + 1 - done, 64u << 10);
        text.resize(done + room);
        const std::size_t got =
            request.body->read(std::as_writable_bytes(std::span(text)).subspan(done, room));
        done += got;
        text.resize(done);
        if (done > limit_bytes) {
            throw too_large();
        }
        if (got == 0) {
            return text;
        }
    }
}

json::object read_json_body(HttpRequest& request, std::size_t limit_bytes)
{
    const std::string text = read_body(request, limit_bytes);
    try {
        json::value value = parse_json(text, "request body", {.bytes = limit_bytes});
        if (value.is_object()) {
            return std::move(value.get_object());
        }
    } catch (const Error& error) {
        throw Refusal(400, "Invalid JSON body: " + std::string(error.reason()));
    }
    throw Refusal(400, "Invalid JSON body: must be an object");
}

std::string text_member(const json::object& object, std::string_view name, std::string_view otherwise)
{
    const json::value* found = object.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return std::string(otherwise);
    }
    if (!found->is_string()) {
        throw Refusal(400, "\"" + std::string(name) + "\" must be a string");
    }
    return std::string(found->get_string());
}

bool boolean_member(const json::object& object, std::string_view name, bool otherwise)
{
    const json::value* found = object.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return otherwise;
    }
    if (!found->is_bool()) {
        throw Refusal(400, "\"" + std::string(name) + "\" must be true or false");
    }
    return found->get_bool();
}

} // namespace skw::localhub

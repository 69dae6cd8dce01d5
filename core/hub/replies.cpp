// SPDX-License-Identifier: Apache-2.0
// Errors from replies.
#include "hub/replies.hpp"

#include "support/letters.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::hub {
namespace {

constexpr std::size_t error_body_limit = 256u << 10;

void append(std::string& out, std::string_view text)
{
    if (!text.empty() && out.size() < 600) {
        out += out.empty() ? "" : "; ";
        out += text;
    }
}

void append(std::string& out, const json::value& value)
{
    if (const json::string* text = value.if_string()) {
        append(out, std::string_view(*text));
    } else if (const json::array* list = value.if_array()) {
        for (const json::value& element : *list) {
            append(out, element);
        }
    } else if (const json::object* object = value.if_object()) {
        if (const json::value* message = object->if_contains("message"); message && message->is_string()) {
            append(out, *message);
        }
    }
}

std::string body_message(const Reply& reply)
{
    if (reply.body.empty() || reply.body.size() > error_body_limit) {
        return {};
    }
    std::string out;
    try {
        JsonLimits limits;
        limits.depth = 8;
        limits.values = 2'000;
        const json::value body = parse_json(reply.body, "reply", limits);
        if (const json::object* object = body.if_object()) {
            for (const char* name : {"error", "errors", "message", "error_description"}) {
                if (const json::value* value = object->if_contains(name); value != nullptr && out.empty()) {
                    append(out, *value);
                }
            }
        }
    } catch (const Error&) {
        // Not JSON: a short plain text is the next best thing, a web page is not.
        if (reply.body.size() <= 300 && reply.body.find('<') == std::string::npos) {
            out = reply.body;
        }
    }
    return out;
}

struct Meaning {
    ErrorCode code = ErrorCode::bad_input;
    std::string reason, hint;
};

Meaning meaning_of_refusal(const Reply& reply, std::string_view message, bool has_token,
                           const std::string& page)
{
    const std::string_view code = error_code_of(reply);
    if (code == "RepoNotFound") {
        return {ErrorCode::not_found, "there is no such repo, or this token may not see it",
                has_token ? "check the name, and that the token in HF_TOKEN may read this repo"
                          : "check the name; for a private repo set HF_TOKEN"};
    }
    if (code == "RevisionNotFound") {
        return {ErrorCode::not_found, "the repo has no such revision", "check the branch or the commit id"};
    }
    if (code == "EntryNotFound") {
        return {ErrorCode::not_found, "the repo has no such file at this revision", "check the file's name"};
    }
    if (code == "GatedRepo") {
        return {ErrorCode::not_authorised, "access to this repo must be asked for",
                "ask for access at " + (page.empty() ? "the repo's page" : page) +
                    (has_token ? ", then run this again" : ", and set HF_TOKEN to a token of that account")};
    }
    if (reply.status == 403 &&
        message.find("Access to this resource is disabled") != std::string_view::npos) {
        return {ErrorCode::not_authorised, "the Hub has disabled this repo", "its page says why"};
    }
    switch (reply.status) {
    case 401:
        return {ErrorCode::not_authorised, "the Hub does not accept this login",
                has_token ? "check HF_TOKEN: the token may be mistyped, expired or revoked"
                          : "set HF_TOKEN to a token of an account that may do this"};
    case 402:
        return {ErrorCode::not_authorised, "the account's quota or plan does not allow this",
                "look at the account's billing page"};
    case 403:
        return {ErrorCode::not_authorised, "the token may not do this",
                "check the token's permissions: it needs read access to this repo, or write access "
                "for its owner"};
    case 404: return {ErrorCode::not_found, "there is nothing at this address", "check the names"};
    case 409:
        return {ErrorCode::conflict, "the Hub is busy with another change of the same thing",
                "wait a moment and run the same command again"};
    case 412: return {ErrorCode::conflict, "the repo has changed meanwhile", "run the same command again"};
    case 429:
        return {ErrorCode::network, "too many requests in this time window",
                "wait some minutes and run the same command again"};
    default: break;
    }
    if (reply.status >= 500 || reply.status == 408) {
        return {ErrorCode::network, "the server could not answer", "run the same command again later"};
    }
    if (reply.status >= 400) {
        return {ErrorCode::bad_input, "the server refused the request",
                "if what the server says does not help, see every request with -v"};
    }
    return {ErrorCode::bad_input, "the server answered in an unexpected way", "check HF_ENDPOINT"};
}

} // namespace

std::string_view ReplyHead::header(std::string_view name) const noexcept
{
    for (const Header& entry : headers) {
        if (equal_ignoring_case(entry.name, name)) {
            return entry.value;
        }
    }
    return {};
}

bool ReplyHead::has(std::string_view name) const noexcept
{
    return std::any_of(headers.begin(), headers.end(),
                       [name](const Header& entry) { return equal_ignoring_case(entry.name, name); });
}

std::string_view error_code_of(const ReplyHead& reply) noexcept
{
    return reply.header("X-Error-Code");
}

std::string message_of(const Reply& reply)
{
    std::string message(reply.header("X-Error-Message"));
    if (message.empty()) {
        message = body_message(reply);
    }
    std::replace_if(
        message.begin(), message.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return safe(message, 400);
}

Error reply_error(const Reply& reply, const std::string& place, bool has_token, const std::string& page)
{
    const std::string message = message_of(reply);
    Meaning meaning = meaning_of_refusal(reply, message, has_token, page);
    std::string reason = meaning.reason + " (status " + std::to_string(reply.status);
    if (!message.empty()) {
        reason += ": " + message;
    }
    for (const char* name : {"X-Request-Id", "X-Amzn-Trace-Id", "X-Amz-Cf-Id"}) {
        if (const std::string_view id = reply.header(name); !id.empty()) {
            reason += "; request " + safe(id, 100);
            break;
        }
    }
    return Error(meaning.code, place, reason + ")", std::move(meaning.hint));
}

Error store_error(const Reply& reply, const std::string& place)
{
    const std::string message = message_of(reply);
    const std::string reason = "the object store refused the request (status " +
                               std::to_string(reply.status) + (message.empty() ? "" : ": " + message) + ")";
    const bool passing = reply.status >= 500 || reply.status == 401 || reply.status == 403 ||
                         reply.status == 408 || reply.status == 410 || reply.status == 429;
    return Error(passing ? ErrorCode::network : ErrorCode::bad_input, place, reason,
                 passing ? "run the same command again later" : "");
}

Error failure_error(const Failure& failure, const std::string& place)
{
    const std::string text = redact(failure.text);
    switch (failure.kind) {
    case FailureKind::cancelled: return Error(ErrorCode::cancelled, place, text);
    case FailureKind::timed_out:
        return Error(ErrorCode::timed_out, place, text, "check the network, then run the same command again");
    case FailureKind::no_such_host:
        return Error(ErrorCode::network, place, text, "check HF_ENDPOINT and the network");
    case FailureKind::bad_certificate:
        return Error(ErrorCode::bad_input, place, text,
                     "if a company's proxy signs connections, set SSL_CERT_FILE to its certificates");
    case FailureKind::refused_by_proxy:
        return Error(ErrorCode::not_authorised, place, text, "check HTTPS_PROXY and NO_PROXY");
    case FailureKind::bad_reply: return Error(ErrorCode::bad_input, place, text, "check HF_ENDPOINT");
    case FailureKind::local_file: return Error(ErrorCode::io, place, text);
    case FailureKind::internal: return Error(ErrorCode::internal, place, text, "please report this");
    case FailureKind::no_connection:
    case FailureKind::lost: break;
    }
    return Error(ErrorCode::network, place, text, "check the network, then run the same command again");
}

Error bad_reply(const std::string& place, const std::string& reason)
{
    return Error(ErrorCode::bad_input, place, "the server's reply is not usable: " + reason);
}

json::value parse_reply(const Reply& reply, const std::string& place)
{
    JsonLimits limits;
    limits.bytes = reply.body.size(); // bounded while it was read
    limits.depth = 32;
    limits.values = 400'000; // about as many bytes of memory each as of text
    try {
        return parse_json(reply.body, {}, limits);
    } catch (const Error& error) {
        throw bad_reply(place, safe(error.reason()));
    }
}

std::string next_link(const ReplyHead& reply)
{
    for (const Header& entry : reply.headers) {
        if (!equal_ignoring_case(entry.name, "Link")) {
            continue;
        }
        // <url>; rel="next", <url>; rel="prev": a comma may stand inside the brackets.
        std::string_view rest = entry.value;
        for (std::size_t open; (open = rest.find('<')) != std::string_view::npos;) {
            const std::size_t close = rest.find('>', open);
            if (close == std::string_view::npos) {
                break;
            }
            const std::string_view url = rest.substr(open + 1, close - open - 1);
            rest.remove_prefix(close + 1);
            const std::string_view parameters = rest.substr(0, rest.find('<'));
            if (parameters.find("rel=\"next\"") != std::string_view::npos ||
                parameters.find("rel=next") != std::string_view::npos) {
                return std::string(url);
            }
        }
    }
    return {};
}

std::string safe(std::string_view text, std::size_t limit)
{
    return printable(redact(text.substr(0, 4 * limit)), limit);
}

} // namespace skw::hub

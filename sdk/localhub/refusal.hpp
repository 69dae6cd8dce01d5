// SPDX-License-Identifier: Apache-2.0
// What the Hub says no with: a status, its X-Error-Code, and words for a person.
#pragma once

#include "localhub/http.hpp"
#include "support/json.hpp"

#include <exception>
#include <string>
#include <string_view>

namespace skw::localhub {

class Refusal : public std::exception {
public:
    Refusal(int http_status, std::string message_text, std::string error_code = {})
        : status(http_status),
          code(std::move(error_code)),
          message(std::move(message_text))
    {
    }
    const char* what() const noexcept override { return message.c_str(); }

    int status;
    std::string code; // "RepoNotFound", or ""
    std::string message;
    json::object body;  // further members of the reply
    HeaderList headers; // further headers, such as X-Repo-Commit
};

Refusal repo_not_found(bool with_token);
Refusal revision_not_found(std::string_view revision);
Refusal entry_not_found(std::string_view path, std::string_view commit);

HttpReply json_reply(const json::value& value, int status = 200);
HttpReply text_reply(std::string text, int status = 200);
HttpReply refusal_reply(const Refusal& refusal);

// The whole body as text; 413 beyond the limit.
std::string read_body(HttpRequest& request, std::size_t limit_bytes);
// The whole body as a JSON object; 400 for anything else.
json::object read_json_body(HttpRequest& request, std::size_t limit_bytes = 4u << 20);

// Members of a request body; a member of another type is a 400 that names it.
std::string text_member(const json::object& object, std::string_view name, std::string_view otherwise);
bool boolean_member(const json::object& object, std::string_view name, bool otherwise);

} // namespace skw::localhub

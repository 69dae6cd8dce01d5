// SPDX-License-Identifier: Apache-2.0
// Replies and failures as errors for people, and the parts of replies that several calls read. Nothing that a
// server wrote gets out of here unless it is printable and redacted.
#pragma once

#include "hub/http.hpp"
#include "support/error.hpp"
#include "support/json.hpp"

#include <string>
#include <string_view>

namespace skw::hub {

// The Hub's X-Error-Code: "RepoNotFound", "RevisionNotFound", "EntryNotFound", "GatedRepo"; "" = none.
std::string_view error_code_of(const ReplyHead& reply) noexcept;

// What the server says about its refusal, in one printable line; "" = nothing. From the header, else from
// {"error": text or list}, {"errors": [{"message"}]}, {"message"}, {"error_description"}, else from a short
// plain text.
std::string message_of(const Reply& reply);

// The error for a reply that is not what the call expects. has_token: changes the advice. page: the address
// of the repo, where access is asked for; may be "".
Error reply_error(const Reply& reply, const std::string& place, bool has_token, const std::string& page);
// The same for a store on another host, which knows nothing of tokens and repos: a refusal there is an
// address that has run out, or a fault of the store.
Error store_error(const Reply& reply, const std::string& place);
Error failure_error(const Failure& failure, const std::string& place);
Error bad_reply(const std::string& place, const std::string& reason);

json::value parse_reply(const Reply& reply, const std::string& place);

// The target of rel="next" in a Link header, as it stands there; "" = none.
std::string next_link(const ReplyHead& reply);

// A value that a server wrote, for use inside a message.
std::string safe(std::string_view text, std::size_t limit = 200);

} // namespace skw::hub

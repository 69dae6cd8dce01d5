// SPDX-License-Identifier: Apache-2.0
// An http(s) URL, parsed strictly, whose path and query are kept byte for byte (they may be signed).
#pragma once

#include "support/percent.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skw::hub {

struct Url {
    bool secure = false; // https
    std::string host;    // lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string target; // path and query, begins with "/"

    // nullopt: another scheme, user information, an odd host or port, blanks or control characters, or more
    // than 16 KiB. A fragment is cut off: it is never sent.
    static std::optional<Url> parse(std::string_view text);

    // What a Location or Link means when it came in reply to this URL: absolute, "//host/..", "/..", "?..",
    // or relative to the folder. An absolute one and an absolute path stay byte for byte.
    std::optional<Url> resolve(std::string_view reference) const;

    std::string authority() const; // as in Host: the port only where it is not the scheme's own
    std::string origin() const;    // "https://host[:port]"
    std::string text() const;
    std::string shown() const; // for people: without the query, safe for a terminal
    std::string query_value(std::string_view name) const; // as it stands there, "" = absent

    // Whether a credential for this one may go to the other: scheme, host and port.
    bool same_origin(const Url& other) const noexcept;
};

} // namespace skw::hub

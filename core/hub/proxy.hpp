// SPDX-License-Identifier: Apache-2.0
// Which connections go through the proxy, and how it is told who we are.
#pragma once

#include "hub/url.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skw::hub {

struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization; // "Basic ..."; "" = none

    // "" = no proxy. Throws Error(bad_argument) for anything but http://[user:password@]host[:port].
    static std::optional<Proxy> parse(std::string_view text);
};

// NO_PROXY: names divided by commas; "*" is every host, "x.org" and ".x.org" are that host and all below it,
// "x.org:8080" only that port.
bool is_exempt(const Url& url, std::string_view no_proxy);

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// How requests to the Hub would travel, as the settings say: for a doctor, which shows it. No network.
#pragma once

#include "hub/client.hpp"

#include <string>
#include <string_view>

namespace skw::hub {

struct Route {
    bool secure = false;      // by TLS
    std::string proxy;        // "http://host:port", without its user and password; "" = none is set
    bool proxy_login = false; // a user name goes to it
    bool exempt = false;      // a proxy is set, and NO_PROXY takes this Hub out
    std::string store;        // file or folder of certificates in force; both, joined by " and "
    bool system_store = false; // it is the one that the system comes with
    std::string store_problem; // why it cannot be used; "" = it can
};

// Throws Error(bad_argument) for an odd proxy.
Route find_route(const Settings& settings);

// Whether what is sent to the address crosses a network unencrypted: by plain http to another machine.
bool sends_in_clear_text(std::string_view address);

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// What can be asked of a Hub before any work: whether it answers, what its clock says, and who the token is.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace skw::hub {

// One answer of the Hub to a question that needs no token.
struct Reachability {
    int status = 0;
    bool is_hub = false; // a list in JSON, as a Hub answers; not the page of a portal in between
    std::optional<std::chrono::sys_seconds> date; // by the server's clock; nullopt = it did not say
    std::chrono::system_clock::time_point asked, answered; // by ours
    std::chrono::milliseconds took{0};
};

struct Membership {
    std::string name, role; // role: "read", "contributor", "write", "admin"; "" = not told
};

// The account of a token.
struct Account {
    std::string name;
    std::string login;       // "access_token", or another kind; "" = not told
    std::string role;        // of the token: "read", "write", "fineGrained"; "" = not told
    bool is_user = false;    // and not an organisation or an app
    bool names_orgs = false; // the reply lists them
    std::vector<Membership> orgs;
};

// Whether an account may make and change repos and collections of an owner.
struct WriteRight {
    enum class May { yes, no, unclear }; // unclear: the Hub does not tell it of this kind of token
    May may = May::unclear;
    std::string reason, hint; // of a no, and of what is unclear
};

} // namespace skw::hub

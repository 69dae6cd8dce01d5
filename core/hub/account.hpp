// SPDX-License-Identifier: Apache-2.0
// What the Hub says about the token, asked once.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace skw::hub {

class Session;

struct Membership {
    std::string name, role; // role: "read", "contributor", "write", "admin"; "" = not told
};

struct Account {
    std::string name;
    std::string login;       // "access_token", or another kind; "" = not told
    std::string role;        // of the token: "read", "write", "fineGrained"; "" = not told
    bool is_user = false;    // and not an organisation or an app
    bool names_orgs = false; // the reply lists them
    std::vector<Membership> orgs;
};

class AccountCache {
public:
    std::optional<Account> read(Session& session); // nullopt: the Hub has no such route

private:
    std::mutex mutex_;
    bool asked_ = false;
    std::optional<Account> account_;
};

} // namespace skw::hub

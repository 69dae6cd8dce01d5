// SPDX-License-Identifier: Apache-2.0
// What the Hub says about the token, asked once.
#pragma once

#include "hub/standing.hpp"

#include <mutex>
#include <optional>
#include <string_view>

namespace skw::hub {

class Session;

class AccountCache {
public:
    std::optional<Account> read(Session& session); // nullopt: the Hub has no such route

private:
    std::mutex mutex_;
    bool asked_ = false;
    std::optional<Account> account_;
};

// By what the account's reply says of the token, its owner and the organisations.
WriteRight right_to_write(const Account& account, std::string_view owner);

} // namespace skw::hub

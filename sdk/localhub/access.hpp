// SPDX-License-Identifier: Apache-2.0
// Who may do what: tokens, their accounts, and signatures of the content store's addresses.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct Membership {
    std::string org, role; // "admin", "write" or "read"
};

struct Account {
    std::string name;
    std::string role = "read"; // of the token: "read", "write" or "fineGrained"
    bool everywhere = false;   // into every namespace
    std::vector<Membership> orgs;
    std::vector<std::string> scopes; // of a fine-grained token: the namespaces and repos it may write

    bool may_write() const { return role != "read"; }  // somewhere
    bool owns(std::string_view owner) const;           // the namespace is its own or one of its orgs'
    bool writes(std::string_view owner_or_repo) const; // this namespace, or this repo
    bool manages(std::string_view owner) const;        // the namespace itself, by its role there
};

// The tokens of one root. Without a tokens.json every "hf_..." token is a write token of the user "local",
// who may write everywhere. Throws Error(bad_input) for a tokens.json that cannot be used.
class Accounts {
public:
    explicit Accounts(const std::filesystem::path& tokens_json);
    std::optional<Account> find(std::string_view token) const; // nullopt: no valid token

private:
    bool open_ = true;
    std::map<std::string, Account, std::less<>> tokens_;
};

// Signs what a URL permits with a key of the root, so that addresses survive a restart and cannot be made up.
class Signer {
public:
    explicit Signer(const std::filesystem::path& key_file); // made when absent, mode 0600
    // "<path>?<query>&Expires=N&Signature=hex" for one method.
    std::string sign(std::string_view method, std::string_view path, std::string_view query,
                     std::chrono::seconds life) const;
    enum class Verdict { good, expired, forged };
    Verdict check(std::string_view method, std::string_view path, std::string_view query) const;

private:
    std::string mac(std::string_view text) const;
    std::string key_;
};

std::string random_hex(std::size_t digits); // from the system's generator

} // namespace skw::localhub

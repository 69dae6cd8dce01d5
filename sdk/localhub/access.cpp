// SPDX-License-Identifier: Apache-2.0
// tokens.json, and HMAC-SHA-256 (RFC 2104) over method, path and query.
#include "localhub/access.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hex.hpp"
#include "support/json.hpp"

#include <sys/random.h>

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace skw::localhub {
namespace {

bool same_name(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string raw_sha256(const std::string& bytes)
{
    const std::string hex = sha256_of(bytes).hex();
    std::string raw;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        raw += static_cast<char>(16 * hex_value(hex[i]) + hex_value(hex[i + 1]));
    }
    return raw;
}

// "orgs" holds names, whose role is that of the token, or objects with a name and a role.
std::vector<Membership> read_orgs(const Reader& token, const std::string& role, Findings& findings)
{
    std::vector<Membership> out;
    const json::object* members = token.value().if_object();
    const json::value* orgs = members != nullptr ? members->if_contains("orgs") : nullptr;
    if (orgs == nullptr || !orgs->is_array()) {
        token.strings("orgs"); // reports what is not a list
        return out;
    }
    for (const json::value& org : orgs->get_array()) {
        if (org.is_string()) {
            out.push_back({std::string(org.get_string()), role == "read" ? "read" : "write"});
            continue;
        }
        const Reader reader(org, findings, "/orgs");
        out.push_back({reader.string("name"), reader.find_string("role").value_or("write")});
        if (out.back().role != "admin" && out.back().role != "write" && out.back().role != "read") {
            reader.fault("role", "must be \"admin\", \"write\" or \"read\"");
        }
    }
    return out;
}

} // namespace

bool Account::owns(std::string_view owner) const
{
    return everywhere || same_name(owner, name) ||
           std::any_of(orgs.begin(), orgs.end(),
                       [&](const Membership& one) { return same_name(one.org, owner); });
}

bool Account::manages(std::string_view owner) const
{
    return everywhere || same_name(owner, name) ||
           std::any_of(orgs.begin(), orgs.end(), [&](const Membership& one) {
               return same_name(one.org, owner) && one.role != "read";
           });
}

bool Account::writes(std::string_view owner_or_repo) const
{
    const std::string_view owner = owner_or_repo.substr(0, owner_or_repo.find('/'));
    if (role != "fineGrained") {
        return may_write() && manages(owner);
    }
    return manages(owner) && std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
               return same_name(scope, owner) || same_name(scope, owner_or_repo);
           });
}

Accounts::Accounts(const std::filesystem::path& tokens_json)
{
    if (!std::filesystem::exists(tokens_json)) {
        return;
    }
    open_ = false;
    const json::value value = parse_json(read_file(tokens_json, 1u << 20), tokens_json.string());
    Findings findings(tokens_json.string());
    const Reader reader(value, findings);
    reader.each("tokens", [&](const Reader& one) {
        const std::string token = one.string("token");
        if (!token.starts_with("hf_")) {
            one.fault("token", "must begin with hf_");
        }
        Account& account = tokens_[token];
        account.name = one.string("name");
        account.role = one.find_string("role").value_or("write");
        if (account.role != "read" && account.role != "write" && account.role != "fineGrained") {
            one.fault("role", "must be \"read\", \"write\" or \"fineGrained\"");
        }
        account.scopes = one.strings("scopes");
        account.orgs = read_orgs(one, account.role, findings);
        return 0;
    });
    findings.throw_if_any();
}

std::optional<Account> Accounts::find(std::string_view token) const
{
    if (open_) {
        if (!token.starts_with("hf_")) {
            return std::nullopt;
        }
        return Account{.name = "local", .role = "write", .everywhere = true, .orgs = {}, .scopes = {}};
    }
    const auto at = tokens_.find(token);
    return at == tokens_.end() ? std::nullopt : std::optional(at->second);
}

Signer::Signer(const std::filesystem::path& key_file)
{
    if (!std::filesystem::exists(key_file)) {
        write_file_atomically(key_file, random_hex(64) + "\n");
    }
    key_ = read_file(key_file, 4096);
    while (key_.ends_with('\n')) {
        key_.pop_back();
    }
    if (key_.size() != 64 || !is_lower_hex(key_)) {
        throw Error(ErrorCode::bad_input, key_file.string(), "is not a key of a local Hub",
                    "delete the file; a new key is made, and old download addresses end");
    }
}

std::string Signer::mac(std::string_view text) const
{
    std::string inner(64, '\x36'), outer(64, '\x5c');
    for (std::size_t i = 0; i < key_.size(); ++i) {
        inner[i] = static_cast<char>(inner[i] ^ key_[i]);
        outer[i] = static_cast<char>(outer[i] ^ key_[i]);
    }
    return sha256_of(outer + raw_sha256(inner + std::string(text))).hex();
}

std::string Signer::sign(std::string_view method, std::string_view path, std::string_view query,
                         std::chrono::seconds life) const
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto end = std::chrono::duration_cast<std::chrono::seconds>(now + life).count();
    std::string signed_query(query);
    signed_query += (query.empty() ? "Expires=" : "&Expires=") + std::to_string(end);
    const std::string text = std::string(method) + '\n' + std::string(path) + '\n' + signed_query;
    return std::string(path) + '?' + signed_query + "&Signature=" + mac(text);
}

Signer::Verdict Signer::check(std::string_view method, std::string_view path, std::string_view query) const
{
    static constexpr std::string_view mark = "&Signature=";
    const std::size_t at = query.rfind(mark);
    if (at == std::string_view::npos) {
        return Verdict::forged;
    }
    const std::string_view signed_query = query.substr(0, at);
    const std::string_view given = query.substr(at + mark.size());
    const std::string want =
        mac(std::string(method) + '\n' + std::string(path) + '\n' + std::string(signed_query));
    unsigned difference = given.size() == want.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(given.size(), want.size()); ++i) { // the same time for every guess
        difference |= static_cast<unsigned char>(given[i] ^ want[i]);
    }
    if (difference != 0) {
        return Verdict::forged;
    }
    const std::size_t expires = signed_query.rfind("Expires=");
    std::int64_t end = 0;
    if (expires != std::string_view::npos) {
        const std::string_view digits = signed_query.substr(expires + 8);
        std::from_chars(digits.data(), digits.data() + digits.size(), end);
    }
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count() > end ? Verdict::expired
                                                                               : Verdict::good;
}

std::string random_hex(std::size_t digits)
{
    std::string raw((digits + 1) / 2, '\0');
    for (std::size_t done = 0; done < raw.size();) {
        const ssize_t got = ::getrandom(raw.data() + done, raw.size() - done, 0);
        if (got > 0) {
            done += static_cast<std::size_t>(got);
        }
    }
    return to_hex(std::as_bytes(std::span(raw))).substr(0, digits);
}

} // namespace skw::localhub

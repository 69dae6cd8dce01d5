// SPDX-License-Identifier: Apache-2.0
// The account of the token, and for whom it may write.
#include "hub/account.hpp"

#include "hub/session.hpp"
#include "support/letters.hpp"

#include <algorithm>
#include <utility>

namespace skw::hub {
namespace {

constexpr const char* place = "the token's account";

Account parse_account(const json::value& value)
{
    Findings findings(place);
    const Reader in(value, findings);
    Account account;
    account.name = in.string("name");
    account.is_user = in.find_string("type").value_or("") == "user";
    account.names_orgs = in.has("orgs");
    in.each_if_any("orgs", [&](const Reader& org) {
        account.orgs.push_back(Membership{org.string("name"), org.find_string("roleInOrg").value_or("")});
        return true;
    });
    if (const auto login = in.find_object("auth")) {
        account.login = login->find_string("type").value_or("");
        if (const auto token = login->find_object("accessToken")) {
            account.role = token->find_string("role").value_or("");
        }
    }
    findings.throw_if_any();
    return account;
}

} // namespace

std::optional<Account> AccountCache::read(Session& session)
{
    const std::scoped_lock lock(mutex_); // also while it is asked for: once is enough
    if (!asked_) {
        const Reply reply = session.send(session.get("/api/whoami-v2"), place);
        if (reply.status == 200) {
            account_ = parse_account(parse_reply(reply, place));
        } else if (reply.status != 404 || !error_code_of(reply).empty()) {
            throw session.error(reply, place);
        }
        asked_ = true;
    }
    return account_;
}

std::string Client::read_account()
{
    const auto account = state_->account.read(state_->session);
    if (!account) {
        throw Error(ErrorCode::not_found, place, "this Hub does not tell it", "check HF_ENDPOINT");
    }
    return account->name;
}

WriteRight right_to_write(const Account& account, std::string_view owner)
{
    const auto no = [](std::string reason, std::string hint) {
        return WriteRight{WriteRight::May::no, std::move(reason), std::move(hint)};
    };
    if (account.role == "read") {
        return no("the token in HF_TOKEN may only read", "use a token with write permission");
    }
    // The rights of these stand nowhere in the reply, or its list of organisations is not whole.
    if (account.role == "fineGrained") {
        return {WriteRight::May::unclear, "the Hub does not tell what a fine-grained token may write",
                "see the token's permissions at the settings page of the account"};
    }
    if (!account.is_user || !account.names_orgs ||
        (!account.login.empty() && account.login != "access_token")) {
        return {WriteRight::May::unclear, "the Hub does not tell what this login may write", {}};
    }
    if (equal_ignoring_case(owner, account.name)) {
        return {WriteRight::May::yes, {}, {}};
    }
    const auto org = std::ranges::find_if(
        account.orgs, [&](const Membership& member) { return equal_ignoring_case(owner, member.name); });
    if (org == account.orgs.end()) {
        return no("the token's account " + safe(account.name, 100) +
                      " is neither this owner nor in an organisation of that name",
                  "check the owner's name, or use a token of an account that may write for it");
    }
    if (org->role == "read") {
        return no("the token's account " + safe(account.name, 100) + " may only read there",
                  "ask an administrator of the organisation for the right to write");
    }
    return {WriteRight::May::yes, {}, {}};
}

std::optional<Account> Client::find_account()
{
    return state_->account.read(state_->session);
}

void Client::check_create(std::string_view owner)
{
    const auto account = find_account();
    if (!account) {
        return; // a mirror without this route: making the repo will tell
    }
    const WriteRight right = right_to_write(*account, owner);
    if (right.may == WriteRight::May::no) {
        throw Error(ErrorCode::not_authorised, "make a repo of " + safe(owner, 100), right.reason, right.hint);
    }
}

} // namespace skw::hub

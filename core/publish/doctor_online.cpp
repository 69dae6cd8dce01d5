// SPDX-License-Identifier: Apache-2.0
// The checks of `doctor` that ask the Hub: does it answer, whose token is it, what may it do.
#include "publish/doctor.hpp"

#include "hub/account.hpp"
#include "publish/preconditions.hpp"
#include "support/error.hpp"
#include "support/letters.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace skw::publish {
namespace {

using Status = Check::Status;

// From these on a clock is told of, and is wrong: signed addresses and certificates have their times.
constexpr std::chrono::seconds odd_clock{60}, wrong_clock{300};
constexpr std::size_t most_asked = 3; // repos of one owner, for what the account does not tell

void pass_cancelled(const Error& error)
{
    if (error.code() == ErrorCode::cancelled) {
        throw error;
    }
}

Check clock_check(const hub::Reachability& answer)
{
    if (!answer.date) {
        return {Status::skipped, "clock", "clock: the Hub does not tell the time", {}};
    }
    // The Hub tells whole seconds, of some moment between question and answer.
    const auto middle = answer.asked + (answer.answered - answer.asked) / 2;
    const auto ahead =
        std::chrono::duration_cast<std::chrono::seconds>(middle - std::chrono::system_clock::time_point(*answer.date));
    const auto off = std::chrono::seconds(std::abs(ahead.count()));
    json::object facts{{"ahead_seconds", ahead.count()}};
    const std::string text =
        "clock is " + human_seconds(static_cast<std::uint64_t>(off.count())) +
        (ahead.count() > 0 ? " ahead of the Hub's" : " behind the Hub's");
    const std::string hint = "set the clock, or let a time service keep it: signed addresses and certificates "
                             "go by the time";
    if (off > wrong_clock) {
        return {Status::failed, "clock", text, hint, std::move(facts)};
    }
    if (off > odd_clock) {
        return {Status::warning, "clock", text, hint, std::move(facts)};
    }
    return {Status::ok, "clock", "clock agrees with the Hub's", {}, std::move(facts)};
}

// The owners that something is made for, in the order of their first target, with what is of each.
struct Owner {
    std::string name;
    std::set<std::string> repos, collections;
};

std::vector<Owner> owners_of(std::span<const Target> targets)
{
    std::vector<Owner> owners;
    const auto owner = [&](std::string_view name) -> Owner& {
        const auto found = std::ranges::find_if(
            owners, [&](const Owner& one) { return equal_ignoring_case(one.name, name); });
        return found != owners.end() ? *found : owners.emplace_back(Owner{std::string(name), {}, {}});
    };
    for (const Target& target : targets) {
        owner(target.repo.owner()).repos.insert(target.repo.text());
        if (!target.collection.empty()) {
            owner(target.collection_by_title ? target.repo.owner()
                                             : target.collection.substr(0, target.collection.find('/')))
                .collections.insert(target.collection);
        }
    }
    return owners;
}

std::string count_text(std::size_t count, const std::string& one)
{
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string what_of(const Owner& owner)
{
    std::string text = owner.repos.empty() ? "" : count_text(owner.repos.size(), "target");
    if (!owner.collections.empty()) {
        text += (text.empty() ? "" : ", ") + count_text(owner.collections.size(), "collection");
    }
    return text;
}

// nullopt: there is no such repo yet.
std::optional<Check> check_repo(hub::Client& hub, const RepoId& repo)
{
    const std::string id = "write-" + repo.text();
    try {
        if (!hub.find_repo(repo)) {
            return std::nullopt;
        }
        hub.check_write(repo);
        return Check{Status::ok, id, "token may write to " + repo.text(), {}, {{"repo", repo.text()}}};
    } catch (const Error& error) {
        pass_cancelled(error);
        return Check{Status::failed, id,
                     "token may not write to " + repo.text() + ": " + printable(error.reason()),
                     std::string(error.hint()), {{"repo", repo.text()}}};
    }
}

// The account does not tell: the first repos of the owner that are there do.
Check ask_repos(hub::Client& hub, const Owner& owner, const hub::WriteRight& right)
{
    std::size_t asked = 0;
    for (const std::string& name : owner.repos) {
        if (asked++ == most_asked) {
            break;
        }
        if (std::optional<Check> found = check_repo(hub, *RepoId::parse(name))) {
            found->id = "owner-" + owner.name;
            return std::move(*found);
        }
    }
    return {Status::warning, "owner-" + owner.name,
            "whether the token may write for " + owner.name + " is not known: " + right.reason, right.hint,
            {{"owner", owner.name}}};
}

} // namespace

Reached tell_reach(const hub::Reachability& answer, std::string_view endpoint)
{
    Reached reached;
    const std::string place = printable(endpoint), took = std::to_string(answer.took.count()) + " ms";
    json::object facts{{"endpoint", place}, {"status", answer.status}, {"milliseconds", answer.took.count()}};
    if (answer.is_hub) {
        reached.ok = true;
        reached.checks.push_back(
            {Status::ok, "hub", "Hub answers: " + place + " (" + took + ")", {}, std::move(facts)});
    } else if (answer.status == 429) {
        reached.ok = true;
        reached.checks.push_back({Status::warning, "hub", "Hub answers, but limits our requests for now: " + place,
                                  "wait some minutes before a publish", std::move(facts)});
    } else if (answer.status == 404 || answer.status == 401 || answer.status == 403) {
        reached.ok = true; // a mirror may lack the listing or hide it; what is really needed is asked next
        reached.checks.push_back({Status::warning, "hub",
                                  place + " answers, but not with a list of models (status " +
                                      std::to_string(answer.status) + ")",
                                  "check HF_ENDPOINT", std::move(facts)});
    } else {
        reached.checks.push_back(
            {Status::failed, "hub",
             place + " does not answer as a Hub does (status " + std::to_string(answer.status) + ")",
             answer.status >= 500 ? "the Hub has a fault: try again later"
                                  : "check HF_ENDPOINT, and whether a sign-in page or a proxy stands in between",
             std::move(facts)});
        return reached;
    }
    reached.checks.push_back(clock_check(answer));
    return reached;
}

Reached check_reach(hub::Client& hub)
{
    try {
        return tell_reach(hub.reach(), hub.settings().endpoint);
    } catch (const Error& error) {
        pass_cancelled(error);
        return {{{Status::failed, "hub",
                  "Hub cannot be reached: " + printable(hub.settings().endpoint) + ": " + printable(error.reason()),
                  error.hint().empty() ? "check the network, HF_ENDPOINT and the proxy variables"
                                       : std::string(error.hint()),
                  {{"endpoint", printable(hub.settings().endpoint)}}}},
                false};
    }
}

Who check_account(hub::Client& hub)
{
    try {
        std::optional<hub::Account> account = hub.find_account();
        if (!account) {
            return {{Status::warning, "account", "whose the token is, this Hub does not tell",
                     "check HF_ENDPOINT, unless this is a mirror"},
                    std::nullopt};
        }
        json::object facts{{"name", account->name}, {"role", account->role}};
        std::string text = "token belongs to " + printable(account->name, 100);
        text += account->role.empty() ? "" : ", role " + printable(account->role, 40);
        json::array orgs;
        std::string names;
        for (const hub::Membership& org : account->orgs) {
            names += (names.empty() ? "" : ", ") + printable(org.name, 100) +
                     (org.role.empty() ? "" : " (" + printable(org.role, 40) + ")");
            orgs.push_back(json::object{{"name", org.name}, {"role", org.role}});
        }
        facts["organisations"] = std::move(orgs);
        return {{Status::ok, "account", text + (names.empty() ? "" : "; organisations: " + names), {},
                 std::move(facts)},
                std::move(account)};
    } catch (const Error& error) {
        pass_cancelled(error);
        return {{Status::failed, "account", "the token is not accepted: " + printable(error.reason()),
                 error.hint().empty() ? "make a new token at the settings page of the account"
                                      : std::string(error.hint())},
                std::nullopt};
    }
}

Checks check_rights(hub::Client& hub, const hub::Account& account, std::span<const Target> targets,
                    bool each_repo)
{
    Checks checks;
    for (const Owner& owner : owners_of(targets)) {
        const hub::WriteRight right = hub::right_to_write(account, owner.name);
        json::object facts{{"owner", owner.name}, {"targets", owner.repos.size()},
                           {"collections", owner.collections.size()}};
        const std::string id = "owner-" + owner.name, of = owner.name + " (" + what_of(owner) + ")";
        if (right.may == hub::WriteRight::May::yes) {
            checks.push_back({Status::ok, id, "token may write for " + of, {}, std::move(facts)});
        } else if (right.may == hub::WriteRight::May::no) {
            checks.push_back({Status::failed, id, "token may not write for " + of + ": " + right.reason,
                              right.hint, std::move(facts)});
            continue; // so it is for each of its repos
        } else {
            checks.push_back(ask_repos(hub, owner, right));
        }
        if (each_repo) {
            for (const std::string& name : owner.repos) {
                if (std::optional<Check> found = check_repo(hub, *RepoId::parse(name))) {
                    checks.push_back(std::move(*found));
                }
            }
        }
    }
    return checks;
}

Checks check_collections(hub::Client& hub, std::span<const Target> targets)
{
    std::set<std::string> slugs;
    for (const Target& target : targets) {
        if (!target.collection.empty() && !target.collection_by_title) {
            slugs.insert(target.collection);
        }
    }
    Checks checks;
    for (const std::string& slug : slugs) {
        const std::string id = "collection-" + slug, name = "collection " + printable(slug, 300);
        try {
            require_collection(hub, slug);
            checks.push_back({Status::ok, id, name + " is there", {}, {{"slug", slug}}});
        } catch (const Error& error) {
            pass_cancelled(error);
            checks.push_back({Status::failed, id, name + ": " + printable(error.reason()),
                              std::string(error.hint()), {{"slug", slug}}});
        }
    }
    return checks;
}

} // namespace skw::publish

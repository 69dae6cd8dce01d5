// SPDX-License-Identifier: Apache-2.0
// The checks of `doctor`: each looks at one thing and says what it found, and what to do about it.
//
// Nothing here prints and nothing fails: what cannot be found out is a check that failed or was skipped. Only
// Error(cancelled) comes out. The functions that take a hub::Client use the network, the others do not.
#pragma once

#include "catalog/catalog.hpp"
#include "hub/client.hpp"
#include "hub/route.hpp"
#include "publish/kinds.hpp"
#include "publish/observer.hpp"
#include "publish/targets.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

struct Check {
    enum class Status { ok, failed, warning, skipped };
    Status status = Status::ok;
    std::string id;   // "scratch-root"; for programs, stable
    std::string text; // one line
    std::string hint; // what to do; "" = nothing
    json::object facts{}; // for programs: bytes, paths, names
};
using Checks = std::vector<Check>;

std::string_view name_of(Check::Status status) noexcept;
// skw.doctor/1.
json::value doctor_json(std::span<const Check> checks, bool publish, bool online);

// --- This machine ----------------------------------------------------------------------------------------

// Whether a program is found; path: as find_program gives it.
Check check_command(std::string_view name, const std::optional<std::filesystem::path>& path);
// The token as the environment has it: set to more than blanks, and made of what tokens are made of.
Checks check_token(const hub::Environment& environment);
// Makes the root with its parents and writes into it. shown: as the operator knows it.
Check check_scratch(const std::filesystem::path& root, const std::string& shown);
// Proxy, certificates, and whether the token would cross the network in clear text.
Checks check_route(const hub::Settings& settings);

// What the selected entries need of the scratch root.
struct Need {
    std::uint64_t bytes = 0;    // at most at a time
    std::string of;             // "mtp of acme/qwen": whose that is
    bool whole = true;          // false: some are not known
};
// need: nullopt = not known; why then says what would make it so.
Check check_space(const std::filesystem::path& root, const std::optional<Need>& need, std::string_view why);

// --- Catalog and plugins ---------------------------------------------------------------------------------

// manifest: the path of --manifest, "" = none. read: throws Error for a catalog that does not hold.
Check check_catalog(const std::string& manifest, const std::function<const catalog::Catalog&()>& read);
// One line a plugin: each is loaded, and described.
Checks check_plugins(const Kinds& kinds);
// What the plugins say of this machine for these entries.
Checks check_plugin_machine(const Kinds& kinds, std::span<const catalog::Entry> entries, std::stop_token stop);

// --- The Hub ---------------------------------------------------------------------------------------------

struct Reached {
    Checks checks;
    bool ok = false; // further questions make sense
};
Reached check_reach(hub::Client& hub);
// One answer as lines: "hub", then "clock".
Reached tell_reach(const hub::Reachability& answer, std::string_view endpoint);

struct Who {
    Check check;
    std::optional<hub::Account> account; // nullopt: refused, or this Hub does not tell
};
Who check_account(hub::Client& hub);

// Whether the account may write for every owner of the targets and of their collections; for what the account
// does not tell, a repo of the owner that is there is asked. each_repo: all targets that are there are asked.
Checks check_rights(hub::Client& hub, const hub::Account& account, std::span<const Target> targets,
                    bool each_repo);
// Whether the collections that are named by a slug are there.
Checks check_collections(hub::Client& hub, std::span<const Target> targets);

struct Sources {
    Checks checks; // one a target: its source is there and may be read, and what it takes
    Need need;
};
// Looks into each source by its kind's plugin; reads listings and headers.
Sources check_sources(hub::Client& hub, std::span<const catalog::Entry> entries,
                      std::span<const Target> targets, const Kinds& kinds, std::stop_token stop,
                      Observer& observer);

} // namespace skw::publish

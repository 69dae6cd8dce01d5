// SPDX-License-Identifier: Apache-2.0
// A plan that was written down to be reviewed, and what it is held to before it runs: skw.reviewed_plan/1.
#pragma once

#include "publish/online.hpp"
#include "publish/settings.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

inline constexpr std::uint64_t largest_plan_file = 64u << 20;

// Who makes an artifact: another build of a plugin may do other things by the same plan.
struct PluginIdentity {
    std::string id, version, library_sha256;
    bool operator==(const PluginIdentity&) const = default;
};

struct ReviewedArtifact {
    std::string kind;
    bool configured = false;
    PluginIdentity plugin;
    std::map<std::string, std::string> tools = {}; // of configured ones: SHA-256 by name
    std::optional<Pins> pins; // configured ones have them
};

struct ReviewedEntry {
    std::string key;
    json::object fields;            // as the catalog had them
    std::vector<std::string> asked; // kinds; none = all
    bool pass_over = false, force = false;
    std::string scratch;
    std::optional<std::string> collection;
    std::vector<ReviewedArtifact> artifacts; // in publishing order
};

struct ReviewedPlan {
    std::string sha256;            // its name
    std::string version;           // of the program that made it
    std::string endpoint;          // of the Hub that it was made for
    std::vector<Setting> settings; // --set, of every entry
    std::vector<ReviewedEntry> entries; // all with the same scratch
};

// What one is made of. The looks have no problems.
struct Reviewing {
    const std::vector<Plan>& plans;
    const std::vector<EntryLook>& looks;
    const catalog::Catalog& catalog;
    const Kinds& kinds;
    const std::vector<Setting>& settings;
    const std::string& endpoint;
    std::chrono::system_clock::time_point now;
};

// The document with its own SHA-256. Throws Error(contract) if a token stood in it.
json::object make_reviewed_plan(const Reviewing& reviewing);

// The SHA-256 of the document without that member.
std::string digest_of(const json::object& document);

// The document as a file. Throws Error(unsupported) for one that read_reviewed_plan would refuse.
std::string reviewed_plan_text(const json::object& document);

// Reads and parses a file that anybody may have written. Throws Error(io) where there is no such file, and
// Error(stale_plan) for one that is too large, damaged, edited, or no plan.
ReviewedPlan read_reviewed_plan(const std::string& path);
ReviewedPlan parse_reviewed_plan(std::string_view text, std::string_view place);

// The plan is for this Hub and was made by this program. Asked before the Hub sees a request or a token. Throws
// Error(stale_plan).
void require_same_hub(const ReviewedPlan& reviewed, const std::string& endpoint);

// The same plans as today's catalog and plugins make them, with the pins. collection_variable: as
// decide_policy takes it. Throws Error(stale_plan), each with a text of its own: an entry is gone or has
// another field, it would be filed elsewhere, other artifacts or another plugin would make them.
std::vector<Plan> plan_reviewed(const ReviewedPlan& reviewed, const catalog::Catalog& catalog,
                                const Kinds& kinds, const std::optional<std::string>& collection_variable);

// Every source and target is as it was, and the plugins plan the same: asked for all before anything is done.
// Throws Error(stale_plan); a login that the Hub refuses is no change, so that error comes as it is.
void require_unchanged(const std::vector<Plan>& plans, const Kinds& kinds, hub::Client& hub);

} // namespace skw::publish

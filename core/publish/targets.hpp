// SPDX-License-Identifier: Apache-2.0
// Where the artifacts of catalog entries would go, by their offline plans.
#pragma once

#include "catalog/catalog.hpp"
#include "publish/kinds.hpp"
#include "support/ids.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace skw::publish {

struct Target {
    std::string key;  // of the entry
    std::string kind; // of the artifact
    RepoId repo;
    std::string collection;           // title or slug it is filed into; "" = it is not filed
    bool collection_by_title = false; // of the repo's owner, made if missing
    std::optional<RepoId> source;     // of the plan's first input; nullopt: it has none
    bool stages = false;              // by files in scratch; what is only mirrored goes through memory
};

// Told of a plan that could not be made.
using PlanFailed = std::function<void(const catalog::Entry&, const Error&)>;

// Visits one target for each kind that an entry configures, with its plan (skw.plan/1), which is gone
// afterwards. A visit that says false is the last.
void visit_targets(std::span<const catalog::Entry> entries, const Kinds& kinds,
                   const std::function<bool(Target&& target, const json::value& plan)>& visit,
                   const PlanFailed& failed);

// All of them.
std::vector<Target> find_targets(std::span<const catalog::Entry> entries, const Kinds& kinds,
                                 const PlanFailed& failed);

} // namespace skw::publish

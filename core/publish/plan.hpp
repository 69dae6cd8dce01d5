// SPDX-License-Identifier: Apache-2.0
// What a publish will do, as data: one function makes it, one prints it, one runs it.
#pragma once

#include "catalog/catalog.hpp"
#include "collection/collection.hpp"
#include "publish/kinds.hpp"

#include <string>
#include <vector>

namespace skw::publish {

struct Request {
    catalog::Entry entry;
    std::string artifact = "all"; // a kind, or "all": every kind the entry configures
    bool force = false;
    std::string scratch; // the scratch root as it is shown
    collection::Policy collection;
};

// One artifact kind of the request and what its plugin plans.
struct ArtifactPlan {
    plugin::Kind kind;
    json::value document; // skw.plan/1, offline: no revision is pinned yet
    bool configured = false;
    std::string message; // not configured: what to add to the entry
    bool can_execute = false;
};

struct Plan {
    Request request;
    std::vector<ArtifactPlan> artifacts; // in publishing order
};

// Pure: no network, no disk, the same request gives the same plan. Throws Error for an unknown kind.
Plan plan_publish(const Request& request, const Kinds& kinds);

// The request that the plugin of one kind is asked with; `facts` is null for an offline plan.
json::value plan_request(const Request& request, std::string_view kind, const json::value& facts);

// The lines of the plan, each with its line break, without the closing "dry run complete".
std::string plan_text(const Plan& plan);

// The plan as a document: skw.publish.plan/1.
json::value plan_json(const Plan& plan);

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// What a publish will do, as data: one function makes it, one prints it, one runs it.
#pragma once

#include "catalog/catalog.hpp"
#include "collection/collection.hpp"
#include "publish/kinds.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace skw::publish {

struct Request {
    catalog::Entry entry;
    std::vector<std::string> artifacts; // kinds in publishing order; none = all: those the entry configures
    // A kind that the entry does not configure is passed over, as with all kinds, and no error.
    bool pass_over = false;
    bool force = false;
    std::string scratch; // the scratch root as it is shown
    collection::Policy collection;
};

// What a reviewed plan holds one artifact to.
struct Pins {
    json::value document;                         // skw.plan/1 with pinned inputs
    std::map<std::string, std::string> revisions; // of the sources, by input id: 40 hex digits
    std::optional<std::string> head;              // of the target; nullopt = there was no such repo
    bool may_be_done = false; // this run has committed to the target: nothing may be left to do
};

// One artifact kind of the request and what its plugin plans.
struct ArtifactPlan {
    plugin::Kind kind;
    json::value document; // skw.plan/1, offline: no revision is pinned yet
    bool configured = false;
    std::string message; // not configured: what to add to the entry
    bool can_execute = false;
    std::optional<Pins> pins; // of a reviewed plan: nothing else may be done
};

struct Plan {
    Request request;
    std::vector<ArtifactPlan> artifacts; // in publishing order
};

// Pure: no network, no disk, the same request gives the same plan. Throws Error for an unknown kind.
Plan plan_publish(const Request& request, const Kinds& kinds);

// The request that the plugin of one kind is asked with; `facts` is null for an offline plan.
json::value plan_request(const Request& request, std::string_view kind, const json::value& facts);

// "all", or the kinds joined by commas.
std::string artifacts_text(const Request& request);

// The lines of the plan, each with its line break, without the closing "dry run complete".
std::string plan_text(const Plan& plan);

// One entry of the document skw.publish.plan/1, and that document.
json::object plan_entry_json(const Plan& plan);
json::value plan_json(const std::vector<Plan>& plans);

} // namespace skw::publish

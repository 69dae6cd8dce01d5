// SPDX-License-Identifier: Apache-2.0
// What a run and a look ahead both ask before anything is made.
#pragma once

#include "publish/facts.hpp"
#include "publish/plan.hpp"

#include <map>
#include <string>

namespace skw::publish {

// Every program that the plan names is on PATH. Throws Error(not_found).
void require_tools(const json::object& plan, std::string_view kind);

// The SHA-256 of each tool of a plan by its name, as PATH finds it now; "" for one that is not there. Another
// build of a tool makes other files by the same words.
std::map<std::string, std::string> hash_tools(const json::object& plan);

// Whether the token may write to the target, or make it. Throws Error(not_authorised).
void require_rights(hub::Client& hub, const TargetState& target);

// The collection that a catalog names by its slug. Throws Error(not_found) where there is none.
hub::Collection require_collection(hub::Client& hub, const std::string& slug);

// What the plugin makes of the request now that the Hub's state is known; it touches nothing that the offline
// plan did not show. Throws Error.
json::object make_pinned_plan(const Request& request, const json::object& offline, plugin::Artifact& artifact,
                              const Facts& facts);

// What the plan says of why nothing is left to do, each fit for a terminal; none = it does not say so.
std::vector<std::string> up_to_date_messages(const json::object& plan);

} // namespace skw::publish

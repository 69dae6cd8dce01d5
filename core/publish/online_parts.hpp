// SPDX-License-Identifier: Apache-2.0
// The questions of a look ahead, one a function. Each fills its part of the look.
#pragma once

#include "publish/online.hpp"

namespace skw::publish {

// What all of them need of one artifact.
struct Looking {
    const Request& request;
    const ArtifactPlan& offline;
    const json::object& plan; // with pinned inputs
    const Facts& facts;
    plugin::Artifact& artifact;
    const Kinds& kinds;
    hub::Client& hub;
    const LookOptions& options;
    Observer& observer;
};

void look_at_sources(const Facts& facts, ArtifactLook& look);
// Asks the plugin what the source holds and what making it takes. Its refusals are problems.
void inspect_source(const Looking& at, ArtifactLook& look);
// By the listings: what stands at the target, what comes, what goes.
void compare_listings(const Looking& at, ArtifactLook& look);
// Whose the target is. A refusal is a problem.
void judge_target(const Looking& at, ArtifactLook& look);
void ask_rights(const Looking& at, ArtifactLook& look);
// What an earlier try of the same plan has left in scratch for this one, in bytes.
std::uint64_t staged_bytes(const Looking& at);
// What is free where the scratch root is or would be made, against what is needed.
void weigh_scratch(const Looking& at, ArtifactLook& look);
void find_filing(const Looking& at, ArtifactLook& look);

} // namespace skw::publish

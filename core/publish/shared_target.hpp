// SPDX-License-Identifier: Apache-2.0
// Artifacts of one run that go to the same repository: the same work, or one would replace the other.
#pragma once

#include "publish/plan.hpp"

#include <map>
#include <string>

namespace skw::publish {

// Asked of the artifacts in the order of a run.
class SharedTargets {
public:
    // The entry that publishes to the artifact's target before, "" = none. Throws Error(bad_input) if it
    // publishes something else there: another kind, another source, or the same one with other options.
    std::string claim(const Request& request, const ArtifactPlan& artifact);

private:
    struct Claim {
        std::string entry;
        std::string kind;
        json::object work;
    };
    std::map<std::string, Claim> claims_; // by the target
};

} // namespace skw::publish

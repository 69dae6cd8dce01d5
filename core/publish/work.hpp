// SPDX-License-Identifier: Apache-2.0
// What all parts of one artifact's publish share.
#pragma once

#include "hub/client.hpp"
#include "publish/observer.hpp"
#include "publish/plan.hpp"
#include "publish/run.hpp"

#include <string>

namespace skw::publish {

// References to what outlives the run of one artifact.
struct Work {
    const Request& request;
    const ArtifactPlan& offline; // the plan that was shown
    plugin::Artifact& artifact;
    hub::Client& hub;
    const RunOptions& options;
    Observer& observer;

    const std::string& kind() const { return offline.kind.name; }
    void line(const std::string& text) const { observer.line(kind(), text); }
    void warn(const std::string& text) const { observer.warning(kind() + ": " + text); }
};

} // namespace skw::publish

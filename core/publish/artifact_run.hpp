// SPDX-License-Identifier: Apache-2.0
// One artifact from its plan to its commit and its collection.
#pragma once

#include "publish/facts.hpp"
#include "publish/run.hpp"

namespace skw::publish {

class ArtifactRun {
public:
    ArtifactRun(const Request& request, const ArtifactPlan& offline, plugin::Artifact& artifact,
                hub::Client& hub, const RunOptions& options, Observer& observer)
        : request_(request),
          offline_(offline),
          artifact_(artifact),
          hub_(hub),
          options_(options),
          observer_(observer)
    {
    }

    // Once. Throws Error; the target repo is then as it was.
    ArtifactReport publish();

private:
    const std::string& kind() const { return offline_.kind.name; }
    void remove_leftovers(const json::object& plan) const;
    json::object pinned_plan(const Facts& facts);
    std::string card_text(const json::object& plan, const Facts& facts, const plugin::CardNotes& notes) const;
    plugin::Execution execute(const plugin::ExecuteRequest& request, const ArtifactReport& report);
    void make_and_commit(const json::object& plan, Facts& facts, ArtifactReport& report);
    CommitId commit(const json::object& plan, Facts& facts, const plugin::Execution& execution,
                    ArtifactReport& report);
    void file(const RepoId& target, ArtifactReport& report);

    const Request& request_;
    const ArtifactPlan& offline_;
    plugin::Artifact& artifact_;
    hub::Client& hub_;
    const RunOptions& options_;
    Observer& observer_;
};

} // namespace skw::publish

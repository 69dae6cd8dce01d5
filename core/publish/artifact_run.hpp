// SPDX-License-Identifier: Apache-2.0
// One artifact from its plan to its commit and its collection.
#pragma once

#include "publish/committing.hpp"
#include "publish/facts.hpp"
#include "publish/work.hpp"

namespace skw::publish {

class ArtifactRun {
public:
    ArtifactRun(const Work& work, ArtifactReport& report) : work_(work), report_(report) {}

    // Once. Fills the report as far as it gets. Throws Error; the target repo is then as it was, or, where a
    // tool uploads by itself, private and marked as unfinished if we made it.
    void publish();

private:
    json::object pinned_plan(const Facts& facts);
    void note_up_to_date(const json::object& plan, const TargetState& target);
    void remove_leftovers(const json::object& plan) const;
    plugin::Execution execute(const json::object& plan, const Facts& facts, plugin::ToolTarget* target);
    void make(const json::object& plan, Facts& facts);
    void commit(const json::object& plan, Facts& facts, const plugin::Execution& execution);
    CommitResult commit_first(const TargetState& target, Change change, bool is_new) const;
    void note_unfinished_folders(const json::object& plan) const;
    void clear(const std::vector<std::filesystem::path>& folders) const;
    void file(const RepoId& target);

    const Work& work_;
    ArtifactReport& report_;
};

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The one commit of an artifact onto the head that was looked at.
#pragma once

#include "publish/facts.hpp"
#include "publish/work.hpp"

#include <string>
#include <vector>

namespace skw::publish {

// Makes the target if it is not there yet. As late as this, so that a run which fails earlier leaves no empty
// repo behind.
void ensure_target(const Work& work, TargetState& target);

struct Change {
    std::string summary;
    std::vector<hub::Addition> additions;
    std::vector<RepoPath> removals;
    bool describes = false; // what a tool has uploaded already
};

// Commits onto target.head, and gives the files that were added with the way each took. Throws
// Error(conflict), or Error(stale_plan) under a reviewed plan, if somebody else was faster: then nothing of
// this change was committed.
struct CommitResult {
    CommitId commit;
    std::vector<PublishedFile> files;
};
CommitResult commit_change(const Work& work, const TargetState& target, Change change);

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// Brings the content of a commit's large files into the repo, each by the shortest way there is.
#pragma once

#include "hub/session.hpp"

#include <map>
#include <vector>

namespace skw::hub {

// Afterwards the repo has the objects of all these additions (large ones, none empty), and the result says
// how each came. Throws where one cannot be had, or may not be.
std::map<Sha256, Way> bring_objects(Session& session, Locations& locations, const RepoId& repo,
                                    const std::vector<const Addition*>& additions,
                                    const CommitEvents& events);

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Sends the content of large files to the repo's object store, as far as it is not there yet.
#pragma once

#include "hub/session.hpp"

#include <vector>

namespace skw::hub {

// Sends each of these additions (no two of one hash, none empty), some at a time, and says of each whether
// it was known, streamed or uploaded. Throws when one of them cannot be sent; the others end with it.
std::vector<Way> send_objects(Session& session, Locations& locations, const RepoId& repo,
                              const std::vector<const Addition*>& additions, const CommitEvents& events);

} // namespace skw::hub

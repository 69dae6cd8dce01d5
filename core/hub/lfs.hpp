// SPDX-License-Identifier: Apache-2.0
// Sends the content of large files to the repo's object store, as far as it is not there yet.
#pragma once

#include "hub/session.hpp"

#include <vector>

namespace skw::hub {

// Sends each of these additions (no two of one hash, none empty). Throws when one of them cannot be sent.
void send_objects(Session& session, const RepoId& repo, const std::vector<const Addition*>& additions,
                  const UploadProgress& progress);

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// The upload of one object that the repo does not have.
#pragma once

#include "hub/content_source.hpp"
#include "hub/lfs_batch.hpp"
#include "hub/meter.hpp"

#include <stop_token>

namespace skw::hub {

// Sends it, asks for new addresses as often as needed, and throws when it cannot be sent. stop: ends it.
void upload_object(Session& session, const RepoId& repo, const Addition& addition, Grant grant,
                   ContentSource& content, ObjectMeter& meter, std::stop_token stop);

} // namespace skw::hub

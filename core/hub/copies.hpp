// SPDX-License-Identifier: Apache-2.0
// The Hub's own copy of large files from one repo to another: no byte moves.
#pragma once

#include "hub/session.hpp"

#include <string>
#include <vector>

namespace skw::hub {

struct CopyOrder {
    const RemoteContent* content = nullptr;
    std::string problem; // why it was not copied, for a person; "" = it was
};

// Copies the objects of these files (no two of one hash) to the target, as far as the Hub can. Throws
// Error(not_authorised) where it may not: that answer is final.
void copy_objects(Session& session, const RepoId& target, std::vector<CopyOrder>& orders);

} // namespace skw::hub

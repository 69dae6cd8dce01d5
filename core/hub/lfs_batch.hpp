// SPDX-License-Identifier: Apache-2.0
// The LFS batch call: which objects the repo wants, and where they are to be sent.
#pragma once

#include "hub/session.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace skw::hub {

struct UploadAction {
    Url href;                    // the target of the one PUT, or of the completion
    std::vector<Header> headers; // to be sent along with the one PUT
    std::uint64_t chunk_size = 0;
    std::vector<Url> part_urls; // in the order of the parts; empty = one PUT
};

struct Grant {
    std::optional<UploadAction> upload; // nullopt = the repo has the object
    std::optional<Url> verify;
    std::chrono::steady_clock::time_point given;
};

// In the order asked. Throws where the server refuses one of the objects. At most 256 of them.
std::vector<Grant> ask_batch(Session& session, const RepoId& repo,
                             const std::vector<const Addition*>& objects);

// A POST with the media types of Git LFS, with the token where the URL is the Hub's own.
Request lfs_request(const Session& session, const Url& url, std::string body);

} // namespace skw::hub

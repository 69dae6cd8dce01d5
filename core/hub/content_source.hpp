// SPDX-License-Identifier: Apache-2.0
// Where the bytes of one object come from while it is sent: memory, a local file, or a file of another repo.
#pragma once

#include "hub/blocks.hpp"
#include "hub/session.hpp"

#include <memory>
#include <optional>
#include <stop_token>

namespace skw::hub {

class ContentSource {
public:
    virtual ~ContentSource() = default;
    // The object goes in parts of this length (all of it: its size), until this is called with another one.
    virtual void arrange(std::uint64_t part_bytes) = 0;
    // Waits until the part can be sent. false: the round is over.
    virtual bool await_part(std::size_t index, const std::stop_token& over) = 0;
    virtual void put_into(Request& request, std::size_t index, std::uint64_t offset,
                          std::uint64_t length) = 0;
    // Why the content itself cannot be had: says more than the request that failed for it.
    virtual std::optional<Error> failure() const = 0;
};

// The addition, the share and all else must live longer. stop: ends a stream.
std::unique_ptr<ContentSource> make_content_source(Session& session, Locations& locations,
                                                   const Addition& addition, BlockShare& blocks,
                                                   const std::stop_token& stop);

} // namespace skw::hub

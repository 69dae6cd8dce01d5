// SPDX-License-Identifier: Apache-2.0
// A large file of another repo on its way through memory, part by part.
//
// One thread reads the file in order, hashes it and hands its blocks to the PUT of the part they belong to.
// The last block is handed out when the hash of the whole is right, and not before. It remembers the hash's
// state at every part's begin; a part whose bytes are needed again after that is fetched by its own range and
// must lead from the one state to the next.
//
// Nobody waits for ever: the reader waits for a PUT that asks for the part it stands at, or for a block, and
// blocks lie only in the queues of PUTs that are being sent. A PUT that ends, however it ends, gives its
// blocks back. A worker waits for the reader to reach its part, and no longer than its round lasts.
#pragma once

#include "hub/feed.hpp"
#include "hub/ranges.hpp"
#include "hub/session.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace skw::hub {

class Stream {
public:
    // stop: ends it from outside. blocks: its memory.
    Stream(Session& session, Locations& locations, const RemoteContent& content, std::uint64_t part_bytes,
           BlockShare& blocks, std::stop_token stop);
    ~Stream(); // no feed of it may be open

    std::uint64_t part_bytes() const noexcept { return part_bytes_; }
    // Waits until this part's bytes can be had without waiting for others. false: `over` came first.
    bool await_part(std::size_t index, const std::stop_token& over);
    // The part's bytes, for one try; after await_part().
    std::shared_ptr<Feed> open(std::size_t index);
    std::optional<Error> failure() const; // why it has ended before its end

private:
    class Refetch;
    std::uint64_t begin_of(std::size_t index) const { return index * part_bytes_; }
    std::uint64_t length_of(std::size_t index) const;
    std::unique_ptr<RangeReader> read_from(std::uint64_t offset, std::uint64_t length,
                                           const std::stop_token& stop) const;
    bool fill(RangeReader& source, Block& block, std::uint64_t most, const std::stop_token& stop) const;
    void run(const std::stop_token& stop);
    bool read_part(const std::stop_token& stop); // false: that was the last one
    bool pass(std::size_t index);
    void fail(const Error& error);

    Session& session_;
    Locations& locations_;
    const RemoteContent& content_;
    const std::uint64_t part_bytes_;
    const std::size_t count_;
    BlockShare& blocks_;
    const std::string place_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<Sha256Stream> starts_; // the hash's states at the begins of the parts up to at_
    std::size_t at_ = 0;               // the first part that has not been read to its end
    std::shared_ptr<PartQueue> asked_; // wants that part; the reader has not begun with it
    std::optional<Error> failure_;

    // The reading thread only.
    std::unique_ptr<RangeReader> source_; // stands at the begin of a part between two of them
    std::optional<Sha256Stream> hash_;
    std::shared_ptr<PartQueue> current_;

    std::jthread thread_;
    std::optional<std::stop_callback<std::function<void()>>> link_;
};

} // namespace skw::hub

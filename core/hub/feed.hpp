// SPDX-License-Identifier: Apache-2.0
// The body of a request that another thread delivers while it is sent. A block waits here, never the network
// thread: where nothing has come yet, the sender leaves word and does other work.
#pragma once

#include "hub/blocks.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace skw::hub {

// What the sender finds: a block, or a problem (nothing will come any more), or neither yet.
struct Taken {
    std::optional<Block> block;
    std::string problem;
};

class Feed {
public:
    virtual ~Feed() = default;
    // The network thread. Where there is neither block nor problem, ready is called once, on any thread, as
    // soon as it is worth asking again.
    virtual Taken take(std::function<void()> ready) = 0;
    virtual bool touched() const = 0; // take() was called: another try needs another feed
    // The try is over; on the thread that opened the feed, and once. Nobody calls take() afterwards.
    virtual void end() = 0;
};

// The bytes of one try of one PUT, between the thread that reads them and the one that sends them.
class PartQueue final : public Feed {
public:
    Taken take(std::function<void()> ready) override;
    bool touched() const override;
    void end() override;

    // The reading thread's side. Waits for the sender's first take(): a connection that cannot be made costs
    // no bytes. false: ended before that, or stopped.
    bool wait_wanted(const std::stop_token& stop);
    bool push(Block block); // false: nobody takes it any more
    void fail(std::string problem);

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Block> blocks_;
    std::function<void()> ready_;
    std::string problem_;
    bool wanted_ = false, ended_ = false;
};

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Where the network thread leaves a reply and the caller's thread picks it up, with a bounded number of
// buffers in between: a caller that does not read stops the sender, by TCP's own window.
#pragma once

#include "hub/http.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace skw::hub {

class Mailbox {
public:
    using Buffer = std::vector<std::byte>;
    static constexpr std::size_t buffer_bytes = 256u << 10;
    static constexpr int buffers = 3; // one is filled, one is waiting, one is read

    // wake: called on the caller's thread when a buffer is free again after take_empty() had none.
    explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    // The network thread's side.
    void put_head(ReplyHead head);
    std::optional<Buffer> take_empty();          // nullopt: none is free, wake will be called
    void put_full(Buffer buffer);                // resized to what it holds, not empty
    void put_body(std::string body);             // the whole of a reply that is not streamed
    void finish(std::optional<Failure> failure); // once, last; nullopt = the body is complete

    // The caller's side: each blocks until there is something to say.
    std::variant<ReplyHead, Failure> wait_head();
    std::variant<Reply, Failure> wait_reply();
    std::variant<std::size_t, Failure> read(std::span<std::byte> into); // 0 = end of the body

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> wake_;
    std::optional<ReplyHead> head_;
    std::string body_;
    std::deque<Buffer> full_;
    std::vector<Buffer> empty_;
    std::size_t read_ = 0; // bytes of full_.front() already taken
    int made_ = 0;         // buffers in the world
    bool starved_ = false; // the network thread waits for a buffer
    bool finished_ = false;
    std::optional<Failure> failure_;
};

} // namespace skw::hub

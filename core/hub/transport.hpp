// SPDX-License-Identifier: Apache-2.0
// Moves requests and replies: connection pool, TLS, proxy, deadlines, limits. Decides nothing about retries.
//
// Asio coroutines inside, blocking calls at this border: one network thread serves every connection. The
// layers above are plain blocking code on the callers' threads and not coroutines: they are sequences with a
// handful of parallel steps, for which a few threads do, and their stacks stay readable in a debugger. It
// also keeps the coroutine faults of GCC 12 (frames that free twice) to the few files below this header.
#pragma once

#include "hub/client.hpp"
#include "hub/http.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <variant>

namespace skw::hub {

// A reply whose body is read piece by piece. Destroying it early ends its connection.
class Download {
public:
    virtual ~Download() = default;
    virtual std::variant<ReplyHead, Failure> wait_head() = 0;
    virtual std::variant<std::size_t, Failure> read(std::span<std::byte> into) = 0; // 0 = end of the body
};

class Transport {
public:
    // Uses proxy, certificates and time limits of the settings. Throws Error(bad_argument) for an odd proxy.
    Transport(const Settings& settings, std::stop_token stop);
    ~Transport(); // ends what is still going on; no thread may be inside a call
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // One exchange, no redirect followed, no retry except the silent one: a kept connection that has ended
    // before the first byte of a reply to a repeatable request says nothing, so a fresh one is tried.
    std::variant<Reply, Failure> run(Request request);
    // The same, begun at once, with a streamed body. It may outlive the transport (it fails then).
    std::unique_ptr<Download> open(Request request);

    Traffic traffic() const noexcept;

private:
    struct Core;
    std::shared_ptr<Core> core_;
};

} // namespace skw::hub

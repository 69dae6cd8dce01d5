// SPDX-License-Identifier: Apache-2.0
// The two halves of one exchange on an open connection: send a request, read its reply. Internal to the
// transport; everything here runs on the network thread. No Beast in this header.
#pragma once

#include "hub/mailbox.hpp"
#include "hub/wire.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace skw::hub {

// Bodies as they pass, and requests; written by the network thread, read by any.
struct Counters {
    std::atomic<std::uint64_t> requests{0}, received{0}, sent{0};
};

// One exchange, shared by the network thread and the caller that waits for it.
struct Job : std::enable_shared_from_this<Job> {
    Job(boost::asio::io_context& io, Request what, bool by_pieces);

    Request request;
    bool streamed;
    std::shared_ptr<Watch> watch;    // set when it begins
    boost::asio::steady_timer space; // waited for while every buffer is full, or nothing to send has come
    Mailbox mailbox;
};

Failure make_failure(FailureKind kind, const std::string& text, bool maybe_done);

// head_text: request line and the headers that depend on the way (host, proxy), each ended by CR LF.
// disk: reads the file that is sent, so that a slow disk stops nobody else.
boost::asio::awaitable<std::optional<Failure>> send_request(Connection& connection, Job& job,
                                                            std::string head_text, Milliseconds idle_limit,
                                                            boost::asio::thread_pool& disk,
                                                            Counters& counters);

// Reads one reply. Limits: 64 KiB and 200 headers; the body as its reader says.
class ReplyReader {
public:
    ReplyReader(Connection& connection, Watch& watch, Milliseconds idle_limit, Counters& counters);
    ~ReplyReader();

    // The head of the final reply; interim ones are passed over.
    boost::asio::awaitable<std::optional<Failure>> read_head(ReplyHead& head);
    bool begun() const noexcept { return begun_; } // at least one byte of a reply has come

    boost::asio::awaitable<std::optional<Failure>> read_body(std::uint64_t limit, std::string& body);
    boost::asio::awaitable<std::optional<Failure>> read_pieces(Job& job); // into its mailbox
    bool reusable() const; // the reply is read to its end, and the connection may carry another

private:
    struct Parser;
    boost::asio::awaitable<std::optional<Failure>> parse_more();
    boost::asio::awaitable<std::optional<Mailbox::Buffer>> empty_buffer(Job& job);
    boost::asio::mutable_buffer free_space();

    Connection& connection_;
    Watch& watch_;
    const Milliseconds idle_limit_;
    Counters& counters_;
    std::unique_ptr<Parser> parser_;
    bool begun_ = false;
};

} // namespace skw::hub

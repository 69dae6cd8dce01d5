// SPDX-License-Identifier: Apache-2.0
// One connection: TCP, TLS on top of it where asked, and the watch that ends it when time is up. Internal to
// the transport; everything here runs on the network thread.
//
// A deadline is one timer that closes what the job is blocked on. Every pending operation then fails by
// itself, so no operation has to race a timer of its own, and a failure is seen when it happens.
#pragma once

#include "hub/http.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skw::hub {

using Milliseconds = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// The deadlines of one job. Shared, because the timer's handler may run after the job has ended.
class Watch : public std::enable_shared_from_this<Watch> {
public:
    Watch(boost::asio::io_context& io, std::optional<Clock::time_point> whole);
    void allow(Milliseconds time, const char* doing); // the next step has this long, from now
    void rest();                                      // nobody owes us anything: back-pressure
    void attach(std::function<void()> close) { close_ = std::move(close); }
    void abort(FailureKind why, std::string text); // the first one counts
    void finish();
    const std::optional<Failure>& fired() const noexcept { return fired_; }

private:
    void tick();
    boost::asio::steady_timer timer_;
    Clock::time_point whole_, step_ = Clock::time_point::max(), armed_ = Clock::time_point::max();
    const char* doing_ = "";
    Milliseconds step_time_{0};
    std::function<void()> close_;
    std::optional<Failure> fired_;
    bool finished_ = false;
};

// The certificates we trust: a file and a folder, or the system's. Loaded at the first TLS connection.
class TrustStore {
public:
    TrustStore(std::string file, std::string folder) : file_(std::move(file)), folder_(std::move(folder)) {}
    std::optional<Failure> load();
    boost::asio::ssl::context& context() { return *context_; }

private:
    std::string file_, folder_;
    std::optional<boost::asio::ssl::context> context_;
};

class Connection {
public:
    explicit Connection(boost::asio::io_context& io);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Each gives what went wrong. limit: for all addresses together.
    boost::asio::awaitable<std::optional<Failure>> connect(std::string host, std::uint16_t port,
                                                           Clock::time_point limit, Watch& watch);
    boost::asio::awaitable<std::optional<Failure>> start_tls(std::string host, TrustStore& trust);

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into,
                                                  boost::system::error_code& failure);
    boost::asio::awaitable<void> write(boost::asio::const_buffer bytes, boost::system::error_code& failure);
    void close() noexcept;
    bool still_open(); // the peer has neither closed it nor said anything unasked

    std::vector<char> received; // what has come and is not parsed yet: [begin, end)
    std::size_t begin = 0, end = 0;
    Clock::time_point idle_since{};

private:
    boost::asio::io_context& io_;
    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Sockets with a deadline on every call, so that no thread waits for ever for a silent peer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace skw::localhub {

using Deadline = std::chrono::steady_clock::time_point;

// Thrown when the peer is gone, or too slow: there is nobody left to answer.
struct ConnectionLost {
    bool timed_out = false;
};

// A connected stream socket. One thread uses it; wake() may come from another one.
class Socket {
public:
    explicit Socket(int descriptor) noexcept; // takes it over; makes it non-blocking
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    std::size_t read(std::span<std::byte> into, Deadline until); // 0: the peer sends no more
    void write(std::span<const std::byte> bytes, Deadline until);
    void finish_sending() noexcept; // the peer reads the end; it may still send
    void wake() noexcept;           // every call under way, and every later one, ends

private:
    void await(short events, Deadline until) const;
    int fd_;
};

// A socket that waits for connections. Throws Error(io) when the address cannot be had.
class Acceptor {
public:
    Acceptor(const std::string& address, std::uint16_t port); // an IPv4 or IPv6 address; 0 = any port
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    int accept();         // a new descriptor, or -1 once stop() was called
    void stop() noexcept; // from any thread

private:
    int fd_ = -1, wake_ = -1;
    std::uint16_t port_ = 0;
};

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Sockets by POSIX calls: non-blocking descriptors, and poll() with what is left of the deadline.
#include "localhub/socket.hpp"

#include "support/error.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace skw::localhub {

Socket::Socket(int descriptor) noexcept : fd_(descriptor)
{
    ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
    const int on = 1; // header and body are two writes; the second must not wait for the peer's ACK
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket::~Socket()
{
    ::close(fd_);
}

void Socket::await(short events, Deadline until) const
{
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            throw ConnectionLost{.timed_out = true};
        }
        pollfd entry{.fd = fd_, .events = events, .revents = 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (ready > 0) {
            return;
        }
        if (ready < 0 && errno != EINTR) {
            throw ConnectionLost{};
        }
    }
}

std::size_t Socket::read(std::span<std::byte> into, Deadline until)
{
    for (;;) {
        const ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
        if (got >= 0) {
            return static_cast<std::size_t>(got);
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            await(POLLIN, until);
        } else if (errno != EINTR) {
            throw ConnectionLost{};
        }
    }
}

void Socket::write(std::span<const std::byte> bytes, Deadline until)
{
    while (!bytes.empty()) {
        const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(put));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            await(POLLOUT, until);
        } else if (errno != EINTR) {
            throw ConnectionLost{};
        }
    }
}

void Socket::finish_sending() noexcept
{
    ::shutdown(fd_, SHUT_WR);
}

void Socket::wake() noexcept
{
    ::shutdown(fd_, SHUT_RDWR);
}

Acceptor::Acceptor(const std::string& address, std::uint16_t port)
{
    const auto fail = [&](const std::string& reason, const char* hint) {
        const int error = errno;
        if (fd_ >= 0) {
            ::close(fd_);
        }
        if (wake_ >= 0) {
            ::close(wake_);
        }
        throw Error(ErrorCode::io, address + ":" + std::to_string(port), reason + ": " + std::strerror(error),
                    hint);
    };
    sockaddr_storage place{};
    socklen_t length = 0;
    if (auto* four = reinterpret_cast<sockaddr_in*>(&place);
        ::inet_pton(AF_INET, address.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        length = sizeof *four;
    } else if (auto* six = reinterpret_cast<sockaddr_in6*>(&place);
               ::inet_pton(AF_INET6, address.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        length = sizeof *six;
    } else {
        errno = EINVAL;
        fail("is not a numeric address", "use an address such as 127.0.0.1");
    }
    fd_ = ::socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd_ < 0 || wake_ < 0) {
        fail("cannot make a socket", "");
    }
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (place.ss_family == AF_INET6) {
        ::setsockopt(fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&place), length) != 0 || ::listen(fd_, 128) != 0) {
        fail("cannot listen", "choose another port, or leave the port out to get a free one");
    }
    length = sizeof place;
    if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&place), &length) != 0) {
        fail("cannot tell the port", "");
    }
    port_ = ntohs(place.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&place)->sin_port
                                             : reinterpret_cast<const sockaddr_in6*>(&place)->sin6_port);
}

Acceptor::~Acceptor()
{
    ::close(fd_);
    ::close(wake_);
}

int Acceptor::accept()
{
    for (;;) {
        std::array<pollfd, 2> entries{{{fd_, POLLIN, 0}, {wake_, POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) {
            return -1;
        }
        if (entries[1].revents != 0) {
            return -1;
        }
        const int peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer >= 0) {
            return peer;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            ::poll(&entries[1], 1, 50); // descriptors come back as connections end
        }
    }
}

void Acceptor::stop() noexcept
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t put = ::write(wake_, &one, sizeof one);
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// The scripted server on plain sockets: a thread a connection.
#include "script_server.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace skw::test {
namespace {

struct Peer {
    int fd = -1;
    SSL* tls = nullptr;
    long read(char* into, std::size_t size)
    {
        return tls != nullptr ? SSL_read(tls, into, static_cast<int>(size)) : ::recv(fd, into, size, 0);
    }
    bool write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const long put = tls != nullptr ? SSL_write(tls, bytes.data(), static_cast<int>(bytes.size()))
                                            : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (put <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
        return true;
    }
};

int connect_to(int port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

std::size_t content_length(const std::string& head)
{
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

} // namespace

struct ScriptServer::State {
    Script script;
    bool with_tls = false;
    SSL_CTX* context = nullptr;
    int listener = -1;
    std::uint16_t port = 0;
    std::atomic<bool> ending{false};
    std::thread acceptor;
    mutable std::mutex mutex;
    std::vector<std::thread> threads;
    std::vector<int> sockets;
    std::vector<Asked> asked;
    int connections = 0;

    void wait_for_end(int fd) const
    {
        while (!ending) {
            pollfd entry{fd, 0, 0};
            if (::poll(&entry, 1, 20) > 0) {
                return; // the client has gone
            }
        }
    }

    void tunnel(Peer& peer, const std::string& port_text) const
    {
        const int other = connect_to(std::atoi(port_text.c_str()));
        while (!ending && other >= 0) {
            pollfd entries[2] = {{peer.fd, POLLIN, 0}, {other, POLLIN, 0}};
            if (::poll(entries, 2, 20) <= 0) {
                continue;
            }
            char block[8192];
            const bool from_client = entries[0].revents != 0;
            const ssize_t got = ::recv(from_client ? peer.fd : other, block, sizeof block, 0);
            if (got <= 0 || ::send(from_client ? other : peer.fd, block, static_cast<std::size_t>(got),
                                   MSG_NOSIGNAL) != got) {
                break;
            }
        }
        ::close(other);
    }

    void answer(Peer& peer, const Answer& what) const
    {
        if (what.by_bytes) {
            for (const char byte : what.bytes) {
                peer.write(std::string_view(&byte, 1));
            }
        } else {
            peer.write(what.bytes);
        }
        while (!what.endless.empty() && !ending && peer.write(what.endless)) {
        }
        if (what.hang) {
            wait_for_end(peer.fd);
        }
        if (!what.tunnel_to.empty()) {
            tunnel(peer, what.tunnel_to);
        }
    }

    void talk(Peer& peer, int connection)
    {
        std::string buffer;
        for (;;) {
            std::size_t end = buffer.find("\r\n\r\n");
            const std::size_t whole =
                end == std::string::npos ? 0 : end + 4 + content_length(buffer.substr(0, end + 2));
            if (end == std::string::npos || buffer.size() < whole) {
                char block[65536];
                const long got = peer.read(block, sizeof block);
                if (got <= 0) {
                    return;
                }
                buffer.append(block, static_cast<std::size_t>(got));
                continue;
            }
            Asked request;
            request.connection = connection;
            request.head = buffer.substr(0, end + 2);
            request.body = buffer.substr(end + 4, whole - end - 4);
            buffer.erase(0, whole);
            const std::size_t blank = request.head.find(' ');
            request.method = request.head.substr(0, blank);
            request.target = request.head.substr(blank + 1, request.head.find(' ', blank + 1) - blank - 1);
            {
                const std::scoped_lock lock(mutex);
                request.number = static_cast<int>(asked.size());
                asked.push_back(request);
            }
            const Answer what = script(request);
            answer(peer, what);
            if (what.close || what.hang || !what.endless.empty() || !what.tunnel_to.empty()) {
                return;
            }
        }
    }

    void serve(int fd, int connection)
    {
        Peer peer;
        peer.fd = fd;
        if (context != nullptr) {
            peer.tls = SSL_new(context);
            SSL_set_fd(peer.tls, fd);
            if (SSL_accept(peer.tls) == 1) {
                talk(peer, connection);
            }
            SSL_free(peer.tls);
        } else {
            talk(peer, connection);
        }
        ::shutdown(fd, SHUT_RDWR);
    }

    void accept_all()
    {
        while (!ending) {
            const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) {
                continue;
            }
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            const std::scoped_lock lock(mutex);
            sockets.push_back(fd);
            threads.emplace_back([this, fd, number = connections++] { serve(fd, number); });
        }
    }
};

Answer ok_json(const std::string& body, const std::string& more_headers)
{
    Answer answer;
    answer.bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more_headers +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return answer;
}

ScriptServer::ScriptServer(Script script, const std::string& certificate) : state_(std::make_unique<State>())
{
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    state_->script = std::move(script);
    if (!certificate.empty()) {
        state_->context = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_file(state_->context, certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(state_->context, certificate.c_str(), SSL_FILETYPE_PEM) != 1) {
            throw std::runtime_error("the test's certificate cannot be used");
        }
    }
    state_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(state_->listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(state_->listener, 64) != 0 ||
        ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("no port for the test's server");
    }
    state_->port = ntohs(address.sin_port);
    state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

ScriptServer::~ScriptServer()
{
    state_->ending = true;
    ::shutdown(state_->listener, SHUT_RDWR);
    state_->acceptor.join();
    {
        const std::scoped_lock lock(state_->mutex);
        for (const int fd : state_->sockets) {
            ::shutdown(fd, SHUT_RDWR);
        }
    }
    for (std::thread& thread : state_->threads) {
        thread.join();
    }
    for (const int fd : state_->sockets) {
        ::close(fd);
    }
    ::close(state_->listener);
    SSL_CTX_free(state_->context);
}

std::uint16_t ScriptServer::port() const
{
    return state_->port;
}

std::string ScriptServer::endpoint() const
{
    return (state_->context != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(state_->port);
}

std::vector<Asked> ScriptServer::asked() const
{
    const std::scoped_lock lock(state_->mutex);
    return state_->asked;
}

int ScriptServer::connections() const
{
    const std::scoped_lock lock(state_->mutex);
    return state_->connections;
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// One thread a connection, a bound on their number, and an end that waits for all of them.
#include "localhub/connection.hpp"

#include <atomic>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

namespace skw::localhub {

struct HttpListener::State {
    struct Connection {
        explicit Connection(int descriptor) : socket(descriptor) {}
        Socket socket;
        std::thread thread;
        std::atomic<bool> done{false};
    };

    State(const std::string& address, std::uint16_t port, HttpHandler what, HttpLimits bounds)
        : acceptor(address, port),
          handler(std::move(what)),
          limits(bounds)
    {
    }

    void run()
    {
        for (int peer = acceptor.accept(); peer >= 0; peer = acceptor.accept()) {
            const auto connection = std::make_shared<Connection>(peer);
            const std::lock_guard lock(mutex);
            reap();
            if (connections.size() >= limits.connections) {
                turn_away(connection->socket);
                continue;
            }
            try {
                connection->thread = std::thread([this, one = connection.get()] { serve_one(*one); });
                connections.push_back(connection);
            } catch (const std::system_error&) {
                turn_away(connection->socket);
            }
        }
    }
    void turn_away(Socket& socket)
    {
        try {
            HttpReply reply = http_refusal(503, "Too many connections.");
            reply.add("Retry-After", "1");
            send_reply(socket, reply, false, true, limits, stop.get_token());
        } catch (const ConnectionLost&) {
        }
    }
    void serve_one(Connection& one) noexcept
    {
        try {
            serve_connection(one.socket, handler, limits, stop.get_token());
        } catch (...) { // the client left, or the handler gave up: in both cases nothing can be said
        }
        one.socket.wake(); // the peer reads the end now, not when the thread is joined
        one.done = true;
    }
    void reap() // with the mutex held
    {
        connections.remove_if([](const std::shared_ptr<Connection>& one) {
            if (!one->done) {
                return false;
            }
            one->thread.join();
            return true;
        });
    }

    Acceptor acceptor;
    HttpHandler handler;
    HttpLimits limits;
    std::stop_source stop;
    std::mutex mutex;
    std::list<std::shared_ptr<Connection>> connections;
    std::thread accepting;
};

HttpListener::HttpListener(const std::string& address, std::uint16_t port, HttpHandler handler,
                           HttpLimits limits)
    : state_(std::make_unique<State>(address, port, std::move(handler), limits))
{
    state_->accepting = std::thread([state = state_.get()] { state->run(); });
}

HttpListener::~HttpListener()
{
    state_->stop.request_stop();
    state_->acceptor.stop();
    state_->accepting.join();
    for (const auto& one : state_->connections) { // no more connections come: no lock is needed
        one->socket.wake();
    }
    for (const auto& one : state_->connections) {
        one->thread.join();
    }
}

std::uint16_t HttpListener::port() const
{
    return state_->acceptor.port();
}

} // namespace skw::localhub

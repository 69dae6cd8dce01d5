// SPDX-License-Identifier: Apache-2.0
// Name look-up on a thread of its own, which nobody has to wait for.
#include "hub/lookup.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netdb.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

namespace skw::hub {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Shared with the thread, which may outlive the coroutine and its io_context: while `waiter` is set, both
// are alive.
struct Shared {
    std::mutex mutex;
    asio::steady_timer* waiter = nullptr;
    Addresses found;
};

struct Departure { // the coroutine's frame goes: nobody may touch its timer any more
    std::shared_ptr<Shared> shared;
    std::function<void()>* leave;
    ~Departure()
    {
        const std::scoped_lock lock(shared->mutex);
        shared->waiter = nullptr;
        *leave = nullptr;
    }
};

Addresses ask(const std::string& host, std::uint16_t port)
{
    Addresses out;
    addrinfo hints;
    std::memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (code != 0) {
        out.unknown_name = code == EAI_NONAME;
        out.problem = ::gai_strerror(code);
        return out;
    }
    for (const addrinfo* entry = list; entry != nullptr && out.endpoints.size() < 8; entry = entry->ai_next) {
        tcp::endpoint endpoint;
        if (entry->ai_addrlen <= endpoint.capacity()) {
            std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
            endpoint.resize(entry->ai_addrlen);
            endpoint.port(port);
            out.endpoints.push_back(endpoint);
        }
    }
    ::freeaddrinfo(list);
    if (out.endpoints.empty()) {
        out.problem = "the name has no address";
    }
    return out;
}

void ask_and_tell(const std::shared_ptr<Shared>& shared, asio::io_context& io, const std::string& host,
                  std::uint16_t port)
{
    Addresses found = ask(host, port);
    const std::scoped_lock lock(shared->mutex);
    shared->found = std::move(found);
    if (shared->waiter != nullptr) {
        asio::post(io, [shared] {
            const std::scoped_lock inner(shared->mutex);
            if (shared->waiter != nullptr) {
                shared->waiter->cancel();
            }
        });
    }
}

} // namespace

asio::awaitable<Addresses> look_up(asio::io_context& io, std::string host, std::uint16_t port,
                                   std::function<void()>& leave)
{
    boost::system::error_code no_address;
    const asio::ip::address address = asio::ip::make_address(host, no_address);
    if (!no_address) {
        Addresses plain;
        plain.endpoints.emplace_back(address, port);
        co_return plain;
    }
    const auto shared = std::make_shared<Shared>();
    shared->found.problem = "the look-up was given up";
    asio::steady_timer waiter(io, asio::steady_timer::time_point::max());
    shared->waiter = &waiter;
    leave = [&waiter] { waiter.cancel(); };
    const Departure departure{shared, &leave};
    std::thread([shared, &io, host, port] { ask_and_tell(shared, io, host, port); }).detach();
    boost::system::error_code rung;
    co_await waiter.async_wait(asio::redirect_error(asio::use_awaitable, rung));
    const std::scoped_lock lock(shared->mutex);
    Addresses found = shared->found;
    co_return found;
}

} // namespace skw::hub

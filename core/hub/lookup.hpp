// SPDX-License-Identifier: Apache-2.0
// Name look-up that can be left at once. Asio's own waits for getaddrinfo() even when it is cancelled, which
// takes half a minute where a name server is silent.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace skw::hub {

struct Addresses {
    std::vector<boost::asio::ip::tcp::endpoint> endpoints;
    bool unknown_name = false; // the name servers answered: there is no such host
    std::string problem;       // "" = found
};

// leave: set while the look-up runs, to a function for the network thread that ends it with nothing found.
boost::asio::awaitable<Addresses> look_up(boost::asio::io_context& io, std::string host, std::uint16_t port,
                                          std::function<void()>& leave);

} // namespace skw::hub

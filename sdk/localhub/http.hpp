// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 for the local Hub: one thread a connection, bodies streamed both ways. No library header here.
#pragma once

#include "localhub/socket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw::localhub {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// The body of a request, in order. Throws ConnectionLost when the client leaves or is too slow.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    virtual std::size_t read(std::span<std::byte> into) = 0; // 0 only at the end
};

struct HttpRequest {
    std::string method;                          // "GET"
    std::string target;                          // as sent: "/path?query"
    HeaderList headers;                          // names in lower case
    std::optional<std::uint64_t> content_length; // absent for a chunked body
    BodyReader* body = nullptr;
    std::stop_token stop; // the server ends

    std::string_view header(std::string_view lower_case_name) const; // "" when absent
};

// The content of a reply, in order; read() gives 0 at the end only.
class BodySource {
public:
    virtual ~BodySource() = default;
    virtual std::size_t read(std::span<std::byte> into) = 0;
};

// How a reply goes out; anything but the default is a fault that a test asked for.
struct Delivery {
    bool drop = false;                      // close, send nothing
    std::optional<std::uint64_t> cut_after; // body bytes, then close
    std::chrono::milliseconds wait{0};      // before the first byte
    std::chrono::milliseconds pause{0};     // before each block of 16 KiB
};

struct HttpReply {
    int status = 200;
    HeaderList headers;
    std::string text; // the body, unless there is a source
    std::unique_ptr<BodySource> source;
    std::uint64_t source_bytes = 0;
    Delivery delivery;
    // Told of the body bytes just before they go out, and once when the reply has ended.
    std::function<void(std::uint64_t bytes)> sending;
    std::function<void()> sent;

    std::uint64_t body_bytes() const { return source ? source_bytes : text.size(); }
    void add(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
    std::string* find(std::string_view name); // exact spelling; nullptr when absent
};

struct HttpLimits {
    std::size_t header_bytes = 64u << 10;
    std::size_t connections = 256;
    std::chrono::milliseconds header_time{30'000}; // from the first byte of a request to its last header
    std::chrono::milliseconds keep_alive{75'000};  // between two requests
    std::chrono::milliseconds idle{60'000};        // inside a body, without a byte
    std::uint64_t slowest_bytes_per_second = 1024; // of a body, beyond one idle time of patience
};

// Answers one request; any exception that leaves it ends the connection.
using HttpHandler = std::function<HttpReply(HttpRequest&)>;

// Serves until destroyed. Throws Error(io) when the port cannot be had.
class HttpListener {
public:
    HttpListener(const std::string& address, std::uint16_t port, HttpHandler handler, HttpLimits limits = {});
    ~HttpListener();
    HttpListener(const HttpListener&) = delete;
    HttpListener& operator=(const HttpListener&) = delete;

    std::uint16_t port() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Requests, replies and failures as values, between the transport and the calls.
#pragma once

#include "hub/url.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace skw::hub {

struct Header {
    std::string name, value;
};

// Bytes of a local file as the body of a request; read while they are sent.
struct FilePart {
    std::filesystem::path path;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

class Feed;

// Bytes that another thread delivers while they are sent.
struct FedBody {
    std::uint64_t length = 0;
    std::function<std::shared_ptr<Feed>()> open; // for each try a fresh one; on the thread that sends
    std::shared_ptr<Feed> feed;                  // of this try; shared with the network thread
};

struct Request {
    std::string method = "GET";
    Url url;
    std::vector<Header> headers;
    std::variant<std::string, FilePart, FedBody> body;
    std::uint64_t reply_limit = 1u << 20; // bytes of the reply's body; not for streamed ones
    bool authorize = false;               // the token goes along, if the URL lies on the Hub's own origin
    bool repeatable = true;               // doing it twice is doing it once
    int patience = 1;                     // times the idle limit for the first byte of the reply
    bool long_running = false;            // content: no limit for the whole, only for standing still
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::stop_token stop;                          // ends this request alone, as the client's own ends all
    std::function<void(std::uint64_t bytes)> sent; // 0: the body (re)starts; else just sent; network thread
};

struct ReplyHead {
    int status = 0;
    std::vector<Header> headers;

    // The first header of that name, in any case; "" = absent.
    std::string_view header(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept;
};

struct Reply : ReplyHead {
    std::string body;
};

// Why there is no reply.
enum class FailureKind {
    cancelled,
    timed_out,
    no_such_host,    // the name does not exist: trying again is of no use
    no_connection,   // nothing was sent
    bad_certificate, // or a certificate store that cannot be used
    refused_by_proxy,
    lost,       // the connection ended before the whole reply
    bad_reply,  // not HTTP, or beyond a limit
    local_file, // the body could not be read
    internal,
};

struct Failure {
    FailureKind kind = FailureKind::lost;
    std::string text;        // printable
    bool maybe_done = false; // at least a part of the request was sent: the server may have acted on it
};

} // namespace skw::hub

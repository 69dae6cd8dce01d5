// SPDX-License-Identifier: Apache-2.0
// The parts of one HTTP connection, shared by the files that make it up.
#pragma once

#include "localhub/http.hpp"

#include <algorithm>

namespace skw::localhub {

// The deadline of the next byte: one idle time away, but never later than the slowest pace allows in all.
class Pace {
public:
    explicit Pace(const HttpLimits& limits) : limits_(&limits), begin_(std::chrono::steady_clock::now()) {}
    void moved(std::uint64_t bytes) noexcept { bytes_ += bytes; }
    Deadline deadline() const
    {
        const auto earned = std::chrono::seconds(bytes_ / limits_->slowest_bytes_per_second);
        return std::min(std::chrono::steady_clock::now() + limits_->idle, begin_ + limits_->idle + earned);
    }

private:
    const HttpLimits* limits_;
    std::chrono::steady_clock::time_point begin_;
    std::uint64_t bytes_ = 0;
};

// Serves requests until one side closes. Throws ConnectionLost.
void serve_connection(Socket& socket, const HttpHandler& handler, const HttpLimits& limits,
                      const std::stop_token& stop);

// Sends a reply as its delivery says. False: the connection has to be closed after this.
bool send_reply(Socket& socket, HttpReply& reply, bool keep, bool with_body, const HttpLimits& limits,
                const std::stop_token& stop);

// A refusal by the HTTP layer itself, in the form of the API's.
HttpReply http_refusal(int status, std::string_view text);

} // namespace skw::localhub

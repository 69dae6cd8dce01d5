// SPDX-License-Identifier: Apache-2.0
// Whether a request is sent again, and when: pure decisions, the clock and the dice are arguments.
#pragma once

#include "hub/http.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace skw::hub {

// What became of one try.
struct Attempt {
    int number = 1;                     // the first try is 1
    int status = 0;                     // 0 = no reply
    std::optional<FailureKind> failure; // why there was none
    bool maybe_done = false;            // no reply, but the server may have acted
    bool repeatable = true;
    std::optional<std::chrono::milliseconds> wait_asked; // what the server wants us to wait
};

// What may still be spent.
struct Budget {
    int attempts = 1;                  // tries in all, the first included
    std::chrono::milliseconds time{0}; // left now
    std::chrono::milliseconds first_pause{1'000};
};

struct Verdict {
    enum class Kind { give_up, again, look_first } kind = Kind::give_up;
    std::chrono::milliseconds pause{0}; // before the next step
    bool operator==(const Verdict&) const = default;
};

// dice: 0 up to, but not, 1. A status that needs no retry gives give_up: the caller takes the reply.
Verdict judge(const Attempt& last, const Budget& left, double dice);

// Whether the same request may succeed a moment later: 408, 429, 500, 502, 503, 504.
bool is_passing(int status) noexcept;

// The pause after try `number`: doubles from `first`, at most 30 times it, and between half and all of that.
std::chrono::milliseconds backoff(int number, std::chrono::milliseconds first, double dice);

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that servers may still send. nullopt = anything else.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

// Retry-After: whole seconds, or an HTTP date. nullopt = neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::chrono::system_clock::time_point now);

// RateLimit: `"api";r=0;t=55`. The time to the reset where nothing is left, and a second more; else nullopt.
std::optional<std::chrono::milliseconds> parse_rate_limit(std::string_view value);

// What the headers of a reply ask for; Retry-After goes before RateLimit.
std::optional<std::chrono::milliseconds> wait_asked(const ReplyHead& reply,
                                                    std::chrono::system_clock::time_point now);

} // namespace skw::hub

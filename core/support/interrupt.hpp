// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM as a stop token that every blocking call of the host takes.
#pragma once

#include <functional>
#include <stop_token>

namespace skw {

// Turns SIGINT and SIGTERM into a request to stop, as long as it lives. One per process, made before any
// other thread. A second signal ends the process at once, as if nobody had listened.
class InterruptGuard {
public:
    // before_end: right before the process ends at once; must wait for nobody.
    explicit InterruptGuard(std::function<void()> before_end = {});
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    std::stop_token token() const;
    // 0, or the exit code of the signal that came: 130, 143 or 129.
    int exit_code() const noexcept;

private:
    struct State;
    State* state_;
};

// Ends this process by SIGINT, which a shell reports as 130: a loop in a script goes on after a program that
// merely exits with that code, and ends with one that Ctrl-C has ended.
[[noreturn]] void end_by_interrupt();

} // namespace skw

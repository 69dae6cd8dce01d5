// SPDX-License-Identifier: Apache-2.0
// Runs another program to its end: its output as lines, its end as a value, and nothing of it left behind.
#pragma once

#include "support/spawn.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw {

struct ChildLimits {
    std::chrono::milliseconds idle{0};     // no output and no CPU time for so long ends it; 0: no limit
    std::chrono::milliseconds total{0};    // so long after its start it is ended; 0: no limit
    std::chrono::milliseconds grace{5000}; // between the request to end (SIGTERM) and the end (SIGKILL)
};

struct ChildEnd {
    std::optional<int> exit, signal; // one of them
    double seconds = 0;
    std::vector<std::string> last_lines; // of standard error, at most 200 of at most 4 KiB each
};

// stream: 1 or 2. The line is valid UTF-8 of at most 64 KiB, without its line break. What it throws ends the
// program and comes out of run_child.
using TakeLine = std::function<void(int stream, std::string_view line)>;

// Runs the program and waits for its end, in the calling thread. A stop, more than the idle limit without a
// sign of life, and more than the total limit end its whole process group. After the program's own end whatever
// is left of the group is killed, and what somebody outside of the group still holds open is not waited for.
// Memory is bounded whatever the program prints. Throws Error: as spawn(); cancelled; timed_out, which names
// program and time.
ChildEnd run_child(const Program& program, const ChildLimits& limits, const TakeLine& take,
                   const std::stop_token& stop);

} // namespace skw

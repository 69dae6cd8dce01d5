// SPDX-License-Identifier: Apache-2.0
// Points in time as text.
#include "support/clock.hpp"

#include <array>
#include <ctime>

namespace skw {

std::string utc_text(std::chrono::system_clock::time_point when)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> buffer{};
    std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return buffer.data();
}

} // namespace skw

// SPDX-License-Identifier: Apache-2.0
// Points in time as text.
#pragma once

#include <chrono>
#include <string>

namespace skw {

// RFC 3339 in UTC to the second: 2026-08-20T10:00:00Z.
std::string utc_text(std::chrono::system_clock::time_point when);

} // namespace skw

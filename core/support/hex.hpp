// SPDX-License-Identifier: Apache-2.0
// Lower-case hexadecimal text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace skw {

bool is_lower_hex(std::string_view text) noexcept;        // only 0-9a-f; true for ""
unsigned hex_value(char digit) noexcept;                  // either case; 16 for anything else
std::string to_hex(std::span<const std::byte> bytes);

} // namespace skw

// SPDX-License-Identifier: Apache-2.0
// ASCII letters without their case: names of headers, accounts and files that people spell either way.
#pragma once

#include <algorithm>
#include <string_view>

namespace skw {

constexpr char lower_letter(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    return std::ranges::equal(a, b, {}, lower_letter, lower_letter);
}

} // namespace skw

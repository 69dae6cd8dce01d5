// SPDX-License-Identifier: Apache-2.0
// Numbers as words for people.
#include "vindex/sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace skw::vindex {
namespace {

std::string decimal(double value, int digits, const char* unit)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f %s", digits, value, unit);
    return text.data();
}

} // namespace

std::string gigabytes_text(std::uint64_t bytes)
{
    const double value = static_cast<double>(bytes) / 1e9;
    return decimal(value, value < 0.1 ? 5 : 2, "GB");
}

std::string size_text(std::uint64_t bytes)
{
    const auto value = static_cast<double>(bytes);
    if (bytes >= 1'000'000'000) {
        return decimal(value / 1e9, 1, "GB");
    }
    if (bytes >= 1'000'000) {
        return decimal(value / 1e6, 1, "MB");
    }
    return bytes >= 10'000 ? decimal(value / 1e3, 1, "kB") : std::to_string(bytes) + " bytes";
}

std::string duration_text(double seconds)
{
    if (seconds < 60) {
        return "less than a minute";
    }
    if (seconds < 5400) {
        return "about " + decimal(std::max(1.0, std::round(seconds / 60)), 0, "minute(s)");
    }
    return "about " + decimal(seconds / 3600, seconds < 36000 ? 1 : 0, "hours");
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// The patterns by which a plan selects files.
#include "plugin/rights.hpp"

#include <algorithm>

namespace skw::plugin {

bool matches(std::string_view pattern, std::string_view path) noexcept
{
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos; // where to go on after a mismatch
    std::size_t resume = 0;
    while (t < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == path[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

bool selects(const PlannedInput& input, std::string_view path) noexcept
{
    return input.patterns.empty() ||
           std::any_of(input.patterns.begin(), input.patterns.end(),
                       [path](const std::string& pattern) { return matches(pattern, path); });
}

} // namespace skw::plugin

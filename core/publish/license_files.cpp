// SPDX-License-Identifier: Apache-2.0
// The files that carry a source's terms.
#include "publish/license_files.hpp"

#include "support/letters.hpp"

#include <algorithm>
#include <array>

namespace skw::publish {

bool is_license_file(std::string_view path) noexcept
{
    static constexpr std::array<std::string_view, 6> stems = {"LICENSE", "LICENCE",    "COPYING",
                                                              "NOTICE",  "USE_POLICY", "USE-POLICY"};
    static constexpr std::array<std::string_view, 5> endings = {"", ".MD", ".TXT", ".RST", ".PDF"};
    if (path.find('/') != std::string_view::npos) {
        return false;
    }
    return std::any_of(stems.begin(), stems.end(), [&](std::string_view stem) {
        if (path.size() < stem.size() || !equal_ignoring_case(path.substr(0, stem.size()), stem)) {
            return false;
        }
        // LICENSE-CODE, LICENSE_2.txt: one word more, as repos with several licences name them.
        std::string_view rest = path.substr(stem.size());
        const std::size_t dot = rest.rfind('.');
        const std::string_view word = rest.substr(0, dot);
        const std::string_view ending = dot == std::string_view::npos ? "" : rest.substr(dot);
        return (word.empty() || word.front() == '-' || word.front() == '_') &&
               std::any_of(endings.begin(), endings.end(),
                           [&](std::string_view known) { return equal_ignoring_case(ending, known); });
    });
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The checks of YAML text that come before the parser: encoding, characters, tabs and depth.
#pragma once

#include "catalog/yaml.hpp"
#include "support/error.hpp"

#include <string>
#include <string_view>

namespace skw::catalog {

// An error at a line and column (from 1; 0 = unknown) of the labelled text.
Error yaml_error(std::string_view label, Position at, std::string reason);

// Line and column of a byte, by counting from the start: for errors only.
Position position_of(std::string_view text, std::size_t offset);

// The text as the parser gets it: no byte order mark, every line break a line feed; `out` holds it where that
// is not the text itself. Throws what parse_yaml promises for text above the limit, bytes that are not UTF-8,
// control characters, and U+2028 and U+2029, which are line breaks that PyYAML does not fold.
std::string_view prepare_yaml(std::string_view text, std::string_view label, const YamlLimits& limits,
                              std::string& out);

// The checks of prepared text that need to know quotes, comments and block scalars. Throws for a tab outside
// of them, anchor names that PyYAML refuses, and nesting deeper than the limit. Gives the text that counts:
// blanks at its very end that are the indentation of a block scalar's next line, which yaml-cpp takes for
// one, are cut off.
std::string_view scan_yaml(std::string_view text, std::string_view label, std::size_t depth);

} // namespace skw::catalog

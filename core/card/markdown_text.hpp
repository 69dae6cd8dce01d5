// SPDX-License-Identifier: Apache-2.0
// Strings of others inside Markdown, so that none can end its place or become markup.
#pragma once

#include <string>
#include <string_view>

namespace skw::card {

// A code span that shows the text as it is, on one line; in_table also keeps "|" from ending the cell.
std::string code_span(std::string_view utf8, bool in_table = false);

// Plain prose on one line: every character with a meaning in Markdown or HTML escaped.
std::string plain_prose(std::string_view utf8);

} // namespace skw::card

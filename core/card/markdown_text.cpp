// SPDX-License-Identifier: Apache-2.0
// Strings of others inside Markdown.
#include "card/markdown_text.hpp"

#include "support/text.hpp"

#include <algorithm>

namespace skw::card {

std::string code_span(std::string_view utf8, bool in_table)
{
    const std::string text = printable(utf8);
    std::size_t longest = 0, run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    const bool pad = text.empty() || text.front() == '`' || text.back() == '`';
    std::string out = fence + (pad ? " " : "");
    for (const char c : text) {
        out += in_table && c == '|' ? std::string("\\|") : std::string(1, c);
    }
    return out + (pad ? " " : "") + fence;
}

std::string plain_prose(std::string_view utf8)
{
    std::string out;
    for (const char c : printable(utf8)) {
        if (std::string_view("\\`*_{}[]()#+!|<>&~").find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

} // namespace skw::card

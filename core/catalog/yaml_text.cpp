// SPDX-License-Identifier: Apache-2.0
// Encoding, characters and line breaks of YAML text, before anything else looks at it.
#include "catalog/yaml_text.hpp"

#include "support/ids.hpp"

#include <algorithm>

namespace skw::catalog {
namespace {

std::size_t first_bad_byte(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        std::size_t n = 1;
        while (n < 4 && i + n < text.size() && (static_cast<unsigned char>(text[i + n]) & 0xc0) == 0x80) {
            ++n;
        }
        if (!is_utf8(text.substr(i, n))) {
            return i;
        }
        i += n;
    }
    return text.size();
}

// ASCII that stays as it is. No branches: a large text is nothing else.
bool is_plain(char c)
{
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\t';
}

} // namespace

// Line and column of a byte, by counting from the start: for errors only.
Position position_of(std::string_view text, std::size_t offset)
{
    Position at{1, 1};
    for (const char c : text.substr(0, offset)) {
        at.line += c == '\n' ? 1 : 0;
        at.column = c == '\n' ? 1 : at.column + ((static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0);
    }
    return at;
}

Error yaml_error(std::string_view label, Position at, std::string reason)
{
    std::string place(label);
    if (at.line > 0) {
        place += ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
    }
    return Error(ErrorCode::bad_input, std::move(place), std::move(reason));
}

std::string_view prepare_yaml(std::string_view text, std::string_view label, const YamlLimits& limits,
                              std::string& out)
{
    if (text.size() > limits.bytes) {
        throw yaml_error(label, {1, 1},
                         "the text has " + std::to_string(text.size()) + " bytes; at most " +
                             std::to_string(limits.bytes) + " are allowed");
    }
    if (std::all_of(text.begin(), text.end(), is_plain)) {
        return text;
    }
    if (!is_utf8(text)) {
        const std::size_t bad = first_bad_byte(text);
        throw yaml_error(label, position_of(text, bad), "the text is not UTF-8");
    }
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = [&](std::size_t k) {
            return static_cast<unsigned char>(i + k < text.size() ? text[i + k] : 0);
        };
        const unsigned c = byte(0);
        if (c == '\r') {
            out += '\n';
            i += byte(1) == '\n' ? 1 : 0;
        } else if (c == 0xc2 && byte(1) == 0x85) {
            out += '\n'; // U+0085
            i += 1;
        } else if (c == 0xe2 && byte(1) == 0x80 && (byte(2) == 0xa8 || byte(2) == 0xa9)) {
            throw yaml_error(label, position_of(out, out.size()),
                             "U+2028 and U+2029 are not allowed; write them as \\L and \\P in double quotes");
        } else if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f || (c == 0xc2 && byte(1) < 0xa0) ||
                   (c == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe)) {
            throw yaml_error(label, position_of(out, out.size()), "a control character is not allowed");
        } else {
            out += static_cast<char>(c);
        }
    }
    return out;
}

} // namespace skw::catalog

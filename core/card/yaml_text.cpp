// SPDX-License-Identifier: Apache-2.0
// Strings as YAML scalars.
#include "card/yaml_text.hpp"

#include "support/ids.hpp"
#include "support/json.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::card {
namespace {

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Begins with a letter, so it is no number, date or indicator; words that mean a boolean or null are out.
bool is_plain(std::string_view text)
{
    static constexpr std::array words = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto allowed = [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("_./+- ").find(c) != std::string_view::npos;
    };
    return !text.empty() && is_letter(text.front()) && text.back() != ' ' &&
           std::all_of(text.begin(), text.end(), allowed) &&
           std::find(words.begin(), words.end(), lower) == words.end();
}

bool is_printable_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

} // namespace

std::string yaml_scalar(std::string_view utf8, Quote quote)
{
    const std::string safe = is_utf8(utf8) ? std::string(utf8) : printable(utf8);
    const bool has_fence = safe.find("---") != std::string::npos;
    if (quote == Quote::if_needed && !has_fence && is_plain(safe)) {
        return safe;
    }
    if (!has_fence && is_printable_ascii(safe)) {
        std::string out = "'";
        for (const char c : safe) {
            out += c == '\'' ? std::string("''") : std::string(1, c);
        }
        return out + "'";
    }
    // JSON's escapes are YAML's double-quoted ones, but for surrogate pairs, which YAML readers do not join.
    std::string out = "\"";
    for (std::size_t i = 0; i < safe.size();) {
        std::size_t length = 1;
        while (i + length < safe.size() && (static_cast<unsigned char>(safe[i + length]) & 0xc0) == 0x80) {
            ++length;
        }
        const std::string_view character = std::string_view(safe).substr(i, length);
        if (character == "-") {
            out += "\\x2d";
        } else if (length < 4) {
            const std::string quoted = ascii_json_string(character);
            out += quoted.substr(1, quoted.size() - 2);
        } else {
            unsigned point = static_cast<unsigned char>(character[0]) & 0x07u;
            for (std::size_t k = 1; k < length; ++k) {
                point = point << 6 | (static_cast<unsigned char>(character[k]) & 0x3fu);
            }
            static constexpr char digits[] = "0123456789abcdef";
            out += "\\U";
            for (int shift = 28; shift >= 0; shift -= 4) {
                out += digits[(point >> shift) & 15];
            }
        }
        i += length;
    }
    return out + "\"";
}

} // namespace skw::card

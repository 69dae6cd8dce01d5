// SPDX-License-Identifier: Apache-2.0
// Quoting for messages, commands and model cards.
#include "shared/words.hpp"

#include <skw/json_writer.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace skw::builtin {
namespace {

unsigned decode(std::string_view sequence)
{
    if (sequence.size() == 1) {
        return static_cast<unsigned char>(sequence.front());
    }
    unsigned value = static_cast<unsigned char>(sequence.front()) & (0xffu >> (sequence.size() + 1));
    for (const char c : sequence.substr(1)) {
        value = value << 6 | (static_cast<unsigned char>(c) & 0x3fu);
    }
    return value;
}

// Controls, separators, format characters and private use: what Python's repr() writes as escapes.
bool is_printable(unsigned point)
{
    struct Range {
        unsigned first, last;
    };
    static constexpr Range hidden[] = {
        {0x0, 0x1f},      {0x7f, 0xa0},     {0xad, 0xad},       {0x600, 0x605},   {0x61c, 0x61c},
        {0x6dd, 0x6dd},   {0x70f, 0x70f},   {0x1680, 0x1680},   {0x180e, 0x180e}, {0x2000, 0x200f},
        {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},   {0xd800, 0xf8ff}, {0xfeff, 0xfeff},
        {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff}};
    return std::none_of(std::begin(hidden), std::end(hidden),
                        [point](Range range) { return point >= range.first && point <= range.last; });
}

std::string escape(unsigned point)
{
    std::array<char, 16> text{};
    const char* pattern = point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x";
    std::snprintf(text.data(), text.size(), pattern, point);
    return text.data();
}

bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
}

std::string shell_word(std::string_view word)
{
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_bare)) {
        return std::string(word);
    }
    std::string out = "'";
    for (const char c : word) {
        out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    }
    return out + "'";
}

} // namespace

std::string python_repr(std::string_view utf8)
{
    const bool doubled =
        utf8.find('\'') != std::string_view::npos && utf8.find('"') == std::string_view::npos;
    const char quote = doubled ? '"' : '\'';
    std::string out(1, quote);
    while (!utf8.empty()) {
        const std::size_t length = std::max<std::size_t>(1, sdk::detail::utf8_length(utf8));
        const unsigned point = decode(utf8.substr(0, length));
        if (point == static_cast<unsigned char>(quote) || point == '\\') {
            out += '\\';
            out += utf8.front();
        } else if (point == '\n' || point == '\r' || point == '\t') {
            out += point == '\n' ? "\\n" : point == '\r' ? "\\r" : "\\t";
        } else if (is_printable(point)) {
            out += utf8.substr(0, length);
        } else {
            out += escape(point);
        }
        utf8.remove_prefix(length);
    }
    return out + quote;
}

std::string python_repr(const std::vector<std::string>& list)
{
    std::string out = "[";
    for (const std::string& text : list) {
        out += (out.size() > 1 ? ", " : "") + python_repr(text);
    }
    return out + "]";
}

std::string shell_line(const std::vector<std::string>& words)
{
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + shell_word(word);
    }
    return out;
}

std::string markdown_code(std::string_view text)
{
    std::size_t longest = 0;
    std::size_t run = 0;
    std::string line;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
        line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    const std::string fence(longest + 1, '`');
    const char* space = longest == 0 ? "" : " ";
    return fence + space + line + space + fence;
}

std::string markdown_repo_link(std::string_view repo)
{
    // Of the letters a repo id may hold only "_" means something to Markdown.
    std::string label;
    for (const char c : repo) {
        label += c == '_' ? std::string("\\_") : std::string(1, c);
    }
    return "[" + label + "](https://huggingface.co/" + std::string(repo) + ")";
}

} // namespace skw::builtin

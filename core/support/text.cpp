// SPDX-License-Identifier: Apache-2.0
// Text for people and scripts.
#include "support/text.hpp"

#include "support/ids.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace skw {
namespace {

std::string format(const char* pattern, unsigned value)
{
    std::array<char, 16> buffer{};
    std::snprintf(buffer.data(), buffer.size(), pattern, value);
    return buffer.data();
}

struct Point {
    unsigned value = 0;
    std::size_t length = 1;
};

// The code point at the front of well-formed UTF-8.
Point decode(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    unsigned value = lead & (0xffu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
        value = value << 6 | (byte(k) & 0x3fu);
    }
    return {value, length};
}

// What Python calls not printable, in the parts of Unicode that show up in practice: controls, separators,
// format characters, surrogates and private use.
bool is_printable(unsigned point)
{
    return !(point < 0x20 || (point >= 0x7f && point <= 0xa0) || point == 0xad ||
             (point >= 0x600 && point <= 0x605) || point == 0x61c || point == 0x6dd || point == 0x70f ||
             point == 0x1680 || point == 0x180e || (point >= 0x2000 && point <= 0x200f) ||
             (point >= 0x2028 && point <= 0x202f) || (point >= 0x205f && point <= 0x206f) ||
             point == 0x3000 || (point >= 0xd800 && point <= 0xf8ff) || point == 0xfeff ||
             (point >= 0xfff0 && point <= 0xfffb) || (point & 0xfffe) == 0xfffe || point >= 0xe0000);
}

std::string escape(unsigned point)
{
    return point < 0x100     ? format("\\x%02x", point)
           : point < 0x10000 ? format("\\u%04x", point)
                             : format("\\U%08x", point);
}

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
        }
    }
    return row.back();
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

} // namespace

std::string python_repr(std::string_view utf8)
{
    if (!is_utf8(utf8)) {
        return python_repr(printable(utf8));
    }
    const bool use_double =
        utf8.find('\'') != std::string_view::npos && utf8.find('"') == std::string_view::npos;
    const char quote = use_double ? '"' : '\'';
    std::string out(1, quote);
    while (!utf8.empty()) {
        const Point point = decode(utf8);
        if (point.value == static_cast<unsigned char>(quote) || point.value == '\\') {
            out += '\\';
            out += utf8.front();
        } else if (point.value == '\n' || point.value == '\r' || point.value == '\t') {
            out += point.value == '\n' ? "\\n" : point.value == '\r' ? "\\r" : "\\t";
        } else if (is_printable(point.value)) {
            out += utf8.substr(0, point.length);
        } else {
            out += escape(point.value);
        }
        utf8.remove_prefix(point.length);
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

std::string shell_quote(std::string_view word)
{
    const auto safe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), safe)) {
        return std::string(word);
    }
    std::string out = "'";
    for (const char c : word) {
        out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    }
    return out + "'";
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known)
{
    const std::string typed = lower(name);
    std::string best;
    std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1, begun = 0;
    for (const std::string& candidate : known) {
        begun += !typed.empty() && lower(candidate).starts_with(typed) ? 1u : 0u;
    }
    for (const std::string& candidate : known) {
        const std::string other = lower(candidate);
        if (begun == 1 && other.starts_with(typed)) {
            return candidate; // not written to its end
        }
        if (const std::size_t distance = edit_distance(typed, other); distance < least) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

std::string human_bytes(std::uint64_t bytes)
{
    static constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(units)) {
        value /= 1000;
        ++unit;
    }
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value,
                  units[unit]);
    return buffer.data();
}

std::string human_seconds(std::uint64_t seconds)
{
    std::array<char, 40> buffer{};
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    if (seconds < 60) {
        std::snprintf(buffer.data(), buffer.size(), "%llu s", number(seconds));
    } else if (seconds < 3600) {
        std::snprintf(buffer.data(), buffer.size(), "%llu min %02llu s", number(seconds / 60),
                      number(seconds % 60));
    } else {
        std::snprintf(buffer.data(), buffer.size(), "%llu h %02llu min", number(seconds / 3600),
                      number(seconds / 60 % 60));
    }
    return buffer.data();
}

std::string aligned_lines(const std::vector<std::pair<std::string, std::string>>& lines, std::size_t gap)
{
    std::size_t widest = 0;
    for (const auto& [label, value] : lines) {
        widest = std::max(widest, label.size());
    }
    std::string out;
    for (const auto& [label, value] : lines) {
        out += label + std::string(widest - label.size() + gap, ' ') + value + "\n";
    }
    return out;
}

std::string printable(std::string_view text, std::size_t limit)
{
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (out.size() >= limit) {
            return out + "...";
        }
        std::size_t length = 1;
        while (length < 4 && i + length < text.size() &&
               (static_cast<unsigned char>(text[i + length]) & 0xc0) == 0x80) {
            ++length;
        }
        const std::string_view piece = text.substr(i, length);
        if (is_utf8(piece)) {
            const Point point = decode(piece);
            out +=
                is_printable(point.value) ? std::string(piece.substr(0, point.length)) : escape(point.value);
            i += point.length;
        } else {
            out += format("\\x%02x", static_cast<unsigned char>(text[i]));
            ++i;
        }
    }
    return out;
}

} // namespace skw

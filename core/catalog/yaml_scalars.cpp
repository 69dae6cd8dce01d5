// SPDX-License-Identifier: Apache-2.0
// What a YAML 1.1 scalar means: matched by hand, in time linear in the text.
#include "catalog/yaml_scalars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace skw::catalog {
namespace {

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

// A cursor over text; every take_ moves over what it names and says how far it went.
struct Scan {
    std::string_view rest;

    bool done() const { return rest.empty(); }
    bool take(char c)
    {
        const bool there = !rest.empty() && rest.front() == c;
        rest.remove_prefix(there ? 1 : 0);
        return there;
    }
    bool take_sign() { return take('-') || take('+'); }
    std::size_t take_all(std::string_view set)
    {
        const std::size_t n = std::min(rest.find_first_not_of(set), rest.size());
        rest.remove_prefix(n);
        return n;
    }
    std::size_t take_digits(std::size_t most = std::numeric_limits<std::size_t>::max())
    {
        std::size_t n = 0;
        while (n < most && n < rest.size() && is_digit(rest[n])) {
            ++n;
        }
        rest.remove_prefix(n);
        return n;
    }
    // [0-9][0-9_]*
    bool take_number() { return !rest.empty() && is_digit(rest.front()) && take_all("0123456789_") > 0; }
    // (:[0-5]?[0-9])+
    bool take_sixties()
    {
        bool any = false;
        while (!rest.empty() && rest.front() == ':') {
            const std::string_view after = rest.substr(1);
            const std::size_t n = std::min(after.find_first_not_of("0123456789"), after.size());
            if (n == 0 || n > 2 || (n == 2 && after[0] > '5')) {
                return false;
            }
            rest.remove_prefix(n + 1);
            any = true;
        }
        return any;
    }
};

bool is_int(std::string_view text)
{
    Scan s{text};
    s.take_sign();
    if (s.take('0')) {
        if (s.done()) {
            return true;
        }
        if (s.take('b')) {
            return s.take_all("01_") > 0 && s.done();
        }
        if (s.take('x')) {
            return s.take_all("0123456789abcdefABCDEF_") > 0 && s.done();
        }
        return s.take_all("01234567_") > 0 && s.done();
    }
    if (!s.take_number()) {
        return false;
    }
    return s.done() || (s.take_sixties() && s.done());
}

bool is_float(std::string_view text)
{
    Scan s{text};
    const bool sign = s.take_sign();
    if (is_one_of(s.rest, {".inf", ".Inf", ".INF"})) {
        return true;
    }
    if (!sign && is_one_of(s.rest, {".nan", ".NaN", ".NAN"})) {
        return true;
    }
    bool sixties = false;
    if (s.take_number()) {
        sixties = !s.rest.empty() && s.rest.front() == ':';
        if ((sixties && !s.take_sixties()) || !s.take('.')) {
            return false;
        }
        s.take_all("0123456789_");
    } else if (sign || !s.take('.') || !s.take_number()) {
        return false;
    }
    if (!sixties && (s.take('e') || s.take('E'))) {
        return s.take_sign() && s.take_digits() > 0 && s.done();
    }
    return s.done();
}

struct Moment {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
};

// The two forms of the timestamp type: a plain date, and a date with a time.
std::optional<Moment> read_timestamp(std::string_view text)
{
    Moment m;
    Scan s{text};
    bool fits = true;
    const auto number = [&](std::size_t least, std::size_t most) {
        const std::string_view before = s.rest;
        const std::size_t n = s.take_digits(most);
        int value = 0;
        std::from_chars(before.data(), before.data() + n, value);
        fits = fits && n >= least;
        return value;
    };
    const auto need = [&](char c) { fits = s.take(c) && fits; };
    m.year = number(4, 4);
    need('-');
    m.month = number(1, 2);
    need('-');
    m.day = number(1, 2);
    if (!fits) {
        return std::nullopt;
    }
    if (s.done()) {
        return text.size() == 10 ? std::optional(m) : std::nullopt;
    }
    fits = s.take('T') || s.take('t') || s.take_all(" \t") > 0;
    m.hour = number(1, 2);
    need(':');
    m.minute = number(2, 2);
    need(':');
    m.second = number(2, 2);
    if (s.take('.')) {
        s.take_digits();
    }
    s.take_all(" \t");
    const bool blank_end = s.done() && !text.empty() && (text.back() == ' ' || text.back() == '\t');
    if (!s.done() && !s.take('Z')) {
        fits = s.take_sign() && fits;
        m.zone_hour = number(1, 2);
        if (s.take(':')) {
            m.zone_minute = number(2, 2);
        }
    }
    return fits && s.done() && !blank_end ? std::optional(m) : std::nullopt;
}

bool is_real(const Moment& m)
{
    static constexpr std::array<int, 13> days = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (m.year < 1 || m.month < 1 || m.month > 12) {
        return false;
    }
    const bool leap = (m.year % 4 == 0 && m.year % 100 != 0) || m.year % 400 == 0;
    const int last = days[static_cast<std::size_t>(m.month)] + (m.month == 2 && leap ? 1 : 0);
    return m.day >= 1 && m.day <= last && m.hour < 24 && m.minute < 60 && m.second < 60 && m.zone_hour < 24;
}

json::value special(std::string_view type, std::string_view text)
{
    json::object out;
    out["!!" + std::string(type)] = text;
    return out;
}

std::string without_underscores(std::string_view text)
{
    std::string out(text);
    std::erase(out, '_');
    return out;
}

std::optional<json::value> int_value(std::string_view text)
{
    const std::string digits = without_underscores(text);
    Scan s{digits};
    const bool negative = s.take('-');
    if (!negative) {
        s.take('+');
    }
    unsigned base = 10;
    if (s.rest.size() > 1 && s.rest.front() == '0') {
        s.take('0');
        base = s.take('b') ? 2 : s.take('x') ? 16 : 8;
    }
    if (s.rest.empty()) {
        return std::nullopt;
    }
    std::uint64_t total = 0, part = 0;
    bool big = false;
    // Sexagesimal digits are decimal numbers divided by colons, the most significant first.
    for (;;) {
        const auto [end, error] =
            std::from_chars(s.rest.data(), s.rest.data() + s.rest.size(), part, static_cast<int>(base));
        if (error == std::errc::invalid_argument) {
            return std::nullopt;
        }
        big = big || error == std::errc::result_out_of_range || __builtin_add_overflow(total, part, &total);
        s.rest.remove_prefix(static_cast<std::size_t>(end - s.rest.data()));
        if (s.done()) {
            break;
        }
        if (base != 10 || !s.take(':')) {
            return std::nullopt;
        }
        big = big || __builtin_mul_overflow(total, std::uint64_t{60}, &total);
    }
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    if (big || (negative && total > most)) {
        return special("int", text);
    }
    if (negative) {
        return json::value(-static_cast<std::int64_t>(total));
    }
    return total > most ? json::value(total) : json::value(static_cast<std::int64_t>(total));
}

std::optional<json::value> float_value(std::string_view text)
{
    std::string clean = without_underscores(text);
    std::transform(clean.begin(), clean.end(), clean.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    Scan s{clean};
    const bool negative = s.take('-');
    if (!negative) {
        s.take('+');
    }
    if (is_one_of(s.rest, {".inf", ".nan"})) {
        return special("float", text);
    }
    if (s.rest.empty() || !(is_digit(s.rest.front()) || s.rest.front() == '.')) {
        return std::nullopt;
    }
    double total = 0;
    for (;;) {
        double part = 0;
        const auto [end, error] = std::from_chars(s.rest.data(), s.rest.data() + s.rest.size(), part);
        if (error == std::errc::result_out_of_range) {
            return special("float", text);
        }
        if (error != std::errc{}) {
            return std::nullopt;
        }
        s.rest.remove_prefix(static_cast<std::size_t>(end - s.rest.data()));
        total = total * 60 + part;
        if (s.done()) {
            break;
        }
        if (!s.take(':')) {
            return std::nullopt;
        }
    }
    if (total > std::numeric_limits<double>::max()) {
        return special("float", text);
    }
    return json::value(negative ? -total : total);
}

std::optional<json::value> bool_value(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (is_one_of(lower, {"yes", "true", "on"})) {
        return json::value(true);
    }
    return is_one_of(lower, {"no", "false", "off"}) ? std::optional<json::value>(false) : std::nullopt;
}

} // namespace

std::string_view implicit_type(std::string_view plain)
{
    // Most of all text: longer than any word below, and no number.
    if (plain.size() > 5 && ((plain[0] >= 'a' && plain[0] <= 'z') || (plain[0] >= 'A' && plain[0] <= 'Z'))) {
        return "str";
    }
    if (plain.empty() || is_one_of(plain, {"~", "null", "Null", "NULL"})) {
        return "null";
    }
    if (is_one_of(plain, {"yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False",
                          "FALSE", "on", "On", "ON", "off", "Off", "OFF"})) {
        return "bool";
    }
    if (plain == "<<") {
        return "merge";
    }
    if (plain == "=") {
        return "value";
    }
    if (is_digit(plain.front()) || plain.front() == '.' || plain.front() == '+' || plain.front() == '-') {
        return is_float(plain)         ? "float"
               : is_int(plain)         ? "int"
               : read_timestamp(plain) ? "timestamp"
                                       : "str";
    }
    return "str";
}

std::optional<json::value> scalar_value(std::string_view type, std::string_view text)
{
    if (type == "str") {
        return json::value(text);
    }
    if (type == "null") {
        return json::value(nullptr);
    }
    if (type == "bool") {
        return bool_value(text);
    }
    if (type == "int") {
        return int_value(text);
    }
    if (type == "float") {
        return float_value(text);
    }
    if (type == "timestamp") {
        const auto moment = read_timestamp(text);
        return moment && is_real(*moment) ? std::optional(special(type, text)) : std::nullopt;
    }
    if (type == "binary") {
        return special(type, text);
    }
    return std::nullopt;
}

std::string typed_key(std::string_view type, std::string_view text, const json::value& value)
{
    std::string out = "!!" + std::string(type);
    if (type == "null") {
        return out;
    }
    out += ' ';
    if (const bool* flag = value.if_bool()) {
        return out + (*flag ? "true" : "false");
    }
    if (value.is_int64() || value.is_uint64()) {
        return out +
               (value.is_int64() ? std::to_string(value.get_int64()) : std::to_string(value.get_uint64()));
    }
    return out + std::string(text);
}

} // namespace skw::catalog

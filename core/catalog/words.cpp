// SPDX-License-Identifier: Apache-2.0
// The patterns of names in catalogues, and the errors that the contract fixes word by word.
#include "catalog/words.hpp"

#include "support/text.hpp"

#include <algorithm>

namespace skw::catalog {
namespace {

bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_repo_character(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
}

bool is_safe_part(std::string_view part)
{
    return !part.empty() && part.front() != '-' && part != "." && part != "..";
}

// The length of the white space character at the front, 0 if there is none. Text is UTF-8.
std::size_t space_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    if ((byte(0) >= 0x09 && byte(0) <= 0x0d) || (byte(0) >= 0x1c && byte(0) <= 0x20)) {
        return 1;
    }
    if (byte(0) == 0xc2 && (byte(1) == 0x85 || byte(1) == 0xa0)) {
        return 2;
    }
    const unsigned three = byte(0) << 16 | byte(1) << 8 | byte(2);
    const bool space = three == 0xe19a80 || (three >= 0xe28080 && three <= 0xe2808a) || three == 0xe280a8 ||
                       three == 0xe280a9 || three == 0xe280af || three == 0xe2819f || three == 0xe38080;
    return space ? 3 : 0;
}

} // namespace

bool is_key(std::string_view text)
{
    return !text.empty() && is_lower_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_namespace(std::string_view text)
{
    return !text.empty() && is_lower_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_owner_and_name(std::string_view text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        return false;
    }
    const auto is_part = [](std::string_view part) {
        return is_safe_part(part) && std::all_of(part.begin(), part.end(), is_repo_character);
    };
    return is_part(text.substr(0, slash)) && is_part(text.substr(slash + 1));
}

bool is_source_model(std::string_view text)
{
    if (text.find('/') == std::string_view::npos) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f ||
            space_length(text.substr(i)) > 0) {
            return false;
        }
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        if (!is_safe_part(text.substr(begin, end - begin))) {
            return false;
        }
        begin = end + 1;
    }
    return true;
}

std::string_view owner_of(std::string_view owner_and_name)
{
    return owner_and_name.substr(0, owner_and_name.find('/'));
}

bool is_filled_string(const json::value* value)
{
    const json::string* string = value != nullptr ? value->if_string() : nullptr;
    if (string == nullptr) {
        return false;
    }
    std::string_view text(*string);
    while (!text.empty()) {
        const std::size_t space = space_length(text);
        if (space == 0) {
            return true;
        }
        text.remove_prefix(space);
    }
    return false;
}

const json::value* find_member(const json::object& object, std::string_view name)
{
    return object.if_contains(name);
}

std::string locate(const Positions& positions, const Origin& origin, std::string_view pointer)
{
    const std::optional<Position> found = positions.nearest(pointer);
    return !found ? origin.file
                  : origin.file + ':' + std::to_string(found->line) + ':' + std::to_string(found->column);
}

Error fixed_error(std::string text, const std::string& where)
{
    return Error(ErrorCode::bad_input, "", std::move(text), where.empty() ? "" : "see " + where);
}

} // namespace skw::catalog

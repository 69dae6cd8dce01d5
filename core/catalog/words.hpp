// SPDX-License-Identifier: Apache-2.0
// The patterns of names in catalogues, and the errors that the contract fixes word by word.
#pragma once

#include "catalog/yaml.hpp"
#include "support/error.hpp"

#include <string>
#include <string_view>

namespace skw::catalog {

// All patterns are ASCII and hold for the whole text.
bool is_key(std::string_view text);       // [a-z0-9][a-z0-9-]*
bool is_namespace(std::string_view text); // [a-z0-9][a-z0-9._-]*
// [A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+, and no part that a tool could take for an option or a parent folder.
bool is_owner_and_name(std::string_view text);
// Like the above, but any number of parts, and any visible character in them.
bool is_source_model(std::string_view text);

std::string_view owner_of(std::string_view owner_and_name);

// A string that holds something other than white space, as Python's str.strip() sees it.
bool is_filled_string(const json::value* value);

// The member, or nullptr where there is none.
const json::value* find_member(const json::object& object, std::string_view name);

// A document with the name that its errors use and the file that a person opens to mend them.
struct Origin {
    std::string label; // "builtin:foxlight" or the path
    std::string file;  // the path, for "see FILE:LINE:COLUMN"
};

// "FILE:LINE:COLUMN" of the value at pointer, or of the nearest value around it.
std::string locate(const Positions& positions, const Origin& origin, std::string_view pointer);

// An error whose what() is exactly the text; the hint says where to look.
Error fixed_error(std::string text, const std::string& where = {});

} // namespace skw::catalog

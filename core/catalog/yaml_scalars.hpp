// SPDX-License-Identifier: Apache-2.0
// What a YAML 1.1 scalar means: the implicit types of plain text, and the tags of the core schema.
#pragma once

#include "support/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skw::catalog {

// The name after "tag:yaml.org,2002:" that plain text has by itself: "null", "bool", "int", "float",
// "timestamp", "merge", "value" or "str". The expressions are those of https://yaml.org/type/ with the
// changes of PyYAML's safe loader.
std::string_view implicit_type(std::string_view plain);

// The value of a scalar whose type is named; nullopt if the text cannot be read as that type (a month 13, an
// integer without digits) or the type has no scalars. What JSON cannot hold becomes {"!!type": TEXT}.
std::optional<json::value> scalar_value(std::string_view type, std::string_view text);

// A mapping key of a type other than "str", as text that no written key is likely to equal: "!!int 1".
// Equal keys of one type have equal text.
std::string typed_key(std::string_view type, std::string_view text, const json::value& value);

} // namespace skw::catalog

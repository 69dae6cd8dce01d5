// SPDX-License-Identifier: Apache-2.0
// YAML 1.1 text to JSON, once, with limits, positions and warnings. No YAML library in this header.
//
// Scalars are read as PyYAML's safe loader reads them (the contract's section 4.4). What JSON does not have
// becomes an object with one key, so that no rule mistakes it for a string: {"!!timestamp": TEXT},
// {"!!float": ".inf"}, {"!!int": TEXT} above 64 bits, {"!!binary": TEXT}, {"!!set": {...}},
// {"!!omap": [...]}, {"!!pairs": [...]}. A mapping key that is no string becomes "!!int 1", "!!null", ...
// The part of an alias that leads back to its own anchor is null.
#pragma once

#include "support/json.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::catalog {

struct YamlLimits {
    std::size_t bytes = 16u << 20;   // of the text, and of all scalars after aliases are followed
    std::size_t depth = 64;
    std::size_t nodes = 1'000'000;   // after aliases are followed: an alias counts what it stands for
    std::size_t ahead = 512u << 10;  // bytes that the scanner may read to end one value or flow collection
    std::size_t positions = 200'000; // recorded; values beyond have none
};

struct Position {
    std::size_t line = 0, column = 0; // from 1; 0 = unknown
};

struct YamlDocument {
    json::value value;                          // null for an empty document
    std::map<std::string, Position> positions;  // JSON Pointer -> where the value (of a key: the key) stands
    std::vector<std::string> warnings;          // "3:5: duplicate key 'quant', the last one counts"
};

// Throws Error(bad_input) whose place is "<label>:<line>:<column>". Columns count characters, not bytes.
YamlDocument parse_yaml(std::string_view text, std::string_view label, const YamlLimits& limits = {});

// Whether a value is a mapping of the document, not one of the objects that stand for what JSON lacks.
bool is_mapping(const json::value& value);

} // namespace skw::catalog

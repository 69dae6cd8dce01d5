// SPDX-License-Identifier: Apache-2.0
// YAML 1.1 text to JSON, once, with limits, positions and warnings. No YAML library in this header.
//
// Scalars are read as PyYAML's safe loader reads them (the contract's section 4.4). A timestamp, which JSON
// does not have, becomes the object {"!!timestamp": TEXT}, so that no rule mistakes it for a string.
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
    std::size_t bytes = 16u << 20;   // of the text
    std::size_t depth = 64;
    std::size_t nodes = 1'000'000;   // after aliases are followed: an alias counts what it stands for
};

struct Position {
    std::size_t line = 0, column = 0; // from 1; 0 = unknown
};

struct YamlDocument {
    json::value value;                          // null for an empty document
    std::map<std::string, Position> positions;  // JSON Pointer -> where the value (of a key: the key) stands
    std::vector<std::string> warnings;          // "3:5: duplicate key 'quant', the last one counts"
};

// Throws Error(bad_input) whose place is "<label>:<line>:<column>".
YamlDocument parse_yaml(std::string_view text, std::string_view label, const YamlLimits& limits = {});

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// YAML 1.1 text to JSON, once, with limits, positions and warnings. No YAML library in this header.
//
// Scalars are read as PyYAML's safe loader reads them (the contract's section 4.4). What JSON does not have
// becomes an object with one key, so that no rule mistakes it for a string: {"!!timestamp": TEXT},
// {"!!float": ".inf"}, {"!!int": TEXT} above 64 bits, {"!!binary": TEXT}, {"!!set": {...}},
// {"!!omap": [...]}, {"!!pairs": [...]}. A mapping key that is no string becomes "!!int 1", "!!null", ...
// The part of an alias that leads back to its own anchor is null.
#pragma once

#include "catalog/yaml_positions.hpp"
#include "support/json.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::catalog {

struct YamlLimits {
    std::size_t bytes = 16u << 20; // of the text
    std::size_t depth = 64;
    std::size_t nodes = 1'000'000; // held at once, aliases counted by what they stand for
    std::size_t scalars =
        16u << 20; // bytes of all scalars held at once, likewise; a longer text may have its own
    std::size_t ahead = 512u << 10;  // bytes that the scanner may read to end one value or flow collection
    std::size_t positions = 200'000; // recorded at once; values beyond have none
    std::size_t warnings = 20;       // kept; the others are counted
    bool quick = true;               // plain text may be read by the quick reader; same outcome, sooner
};

// A list below the top-level mapping whose elements are handed over one at a time and not kept, so that its
// length costs no memory here. It is not done for a list with an anchor or one that an alias or a merge key
// brings: such a list is part of the value.
struct YamlItems {
    std::string_view key;
    // The element, its index, and positions that hold it under "/KEY/INDEX" during the call.
    std::function<void(json::value&&, std::size_t, const Positions&)> take;
    // The key stands there a second time, and the last one counts: all that was taken does not.
    std::function<void()> start_over;
};

struct YamlDocument {
    json::value value; // null for an empty document
    Positions positions;
    std::vector<std::string> warnings; // "3:5: duplicate key 'quant', the last one counts"
    std::size_t more_warnings = 0;     // beyond the limit
    std::optional<std::size_t> taken;  // the length of the list that was handed over; its value here is []
};

// Throws Error(bad_input) whose place is "<label>:<line>:<column>". Columns count characters, not bytes.
// What is taken may grow with the text: a value for each 16 bytes of it beside limits.nodes.
YamlDocument parse_yaml(std::string_view text, std::string_view label, const YamlLimits& limits = {},
                        const YamlItems* items = nullptr);

// Whether a value is a mapping of the document, not one of the objects that stand for what JSON lacks.
bool is_mapping(const json::value& value);

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// index.json of a vindex, version 2, as far as the checks need it.
#pragma once

#include "vindex/json_fields.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::vindex {

inline constexpr std::string_view index_file = "index.json";
inline constexpr std::uint64_t document_limit = 16u << 20; // bytes of one JSON file of a vindex

struct IndexLayer {
    std::uint64_t layer = 0, features = 0, offset = 0, length = 0;
};

struct Index {
    std::uint64_t version = 0;
    std::string model, source_repo, quant, ffn_layout; // "" where absent
    std::uint64_t layers = 0, hidden = 0, vocabulary = 0;
    bool has_weights = false;
    bool has_checksums = false;
    std::map<std::string, std::string, std::less<>> checksums; // file -> SHA-256
    std::vector<IndexLayer> table;
    bool has_experts = false, hybrid = false;
    std::uint64_t experts = 0, expert_width = 0; // width 0: not said
};

// Throws Failure(SKW_E_BAD_INPUT) for what is no index.json.
Index read_index(std::string_view text);

} // namespace skw::vindex

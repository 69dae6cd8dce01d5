// SPDX-License-Identifier: Apache-2.0
// The source model as its config.json describes it: dimensions, experts, and whether LARQL can extract it.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>

namespace skw::vindex {

enum class Experts : std::uint8_t {
    none,
    separate, // experts instead of a dense feed-forward network: its file is empty then
    hybrid,   // experts beside a dense one
};

// The text part of a model. Every number is 1 or more unless said otherwise, and at most 2^32.
struct Model {
    std::string type; // model_type of the text part
    std::uint64_t layers = 0, hidden = 0, width = 0, vocabulary = 0;
    std::uint64_t query_heads = 0, key_heads = 0, head_size = 0;
    std::uint64_t full_layers = 0; // how many layers have the other geometry below; 0: none
    std::uint64_t full_key_heads = 0, full_head_size = 0;
    Experts kind = Experts::none;
    std::uint64_t experts = 0, expert_width = 0;             // 0 without experts
    std::uint64_t layer_embedding = 0, layer_vocabulary = 0; // per-layer embeddings; 0: none
    bool tied_head = true;
};

// Reads a config.json of any shape: the text part may be nested. Throws Failure: SKW_E_BAD_INPUT for what is
// no usable config, SKW_E_UNSUPPORTED with the reason for a model that LARQL does not extract rightly.
Model read_model(const boost::json::object& config);

} // namespace skw::vindex

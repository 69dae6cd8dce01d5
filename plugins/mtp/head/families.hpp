// SPDX-License-Identifier: Apache-2.0
// The two tables behind the recognition of MTP heads. A new family is one row here and one fixture.
#pragma once

#include "mtp/checkpoint/text_config.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace skw::mtp {

// How a fusion block is recognised by the modules it has, and what must be there. A module is the first
// component behind a layer's number, or behind the namespace for what stands outside of layers; of the
// sibling groups (mtp_block.*, mtp_linear_proj.*) it is the group.
struct Block {
    std::string_view layout;                     // "nextn": what the output's metadata call it
    std::vector<std::string_view> all_of = {};   // modules that decide, at the root or in a layer
    std::vector<std::string_view> any_of = {};   // and one of these, unless empty
    std::vector<std::string_view> required = {}; // modules whose weight must be there
    bool in_layers = false;                      // the required modules stand in a layer, together
    bool needs_layers = false;                   // at least one numbered layer
    std::string_view accept = {}; // "": taken; else the word of mtp_accept that takes it ("dspark")
    // What repeats the base model's embedding and output head in layers behind the trunk, where no family
    // says otherwise.
    std::vector<std::string_view> copies = {};
};
std::span<const Block> blocks(); // the first that matches counts

// A family of released checkpoints: what the block alone does not say. Found by model_type and block.
struct Family {
    std::string_view name;                     // "DeepSeek V3, R1, V3.1"
    std::string_view example;                  // a repository
    std::vector<std::string_view> model_types; // beginnings of config.json's model_type
    std::string_view expert_dtype = {};        // of config.json, where it tells two rows apart
    std::string_view layout = {};              // of its Block; "" = its checkpoints hold no head
    std::string_view keys = {};                // "model.layers.{N}.*", for the table in docs/
    std::string_view formats = {};             // "F8_E4M3/128x128/F32, BF16", for the table
    std::string_view norms = {};               // "zero_centred", "actual"; "" = not known
    // Inside the fused projection: "embedding,hidden", "hidden,embedding"; "" = two matrices, or not known.
    // Norms and order are facts about a family; nobody may guess them from the block.
    std::string_view concat_order = {};
    // Tensors that repeat the base model's embedding or output head, behind the layer or the namespace; ".*"
    // at the end stands for anything behind that dot. Empty: those of the block, unless it owns all.
    std::vector<std::string_view> copies = {};
    bool owns_all = false;         // embedding or output head are its own, so no tensor is a copy
    std::string_view status;       // "exact", "refused unless accepted", "declared, not shipped", ...
    std::string_view fixture = {}; // samples of skulk-hub, with ", " between; "" = none
};
// Rows of one layout stand with the more special model_type first.
std::span<const Family> families();

// The row of a checkpoint whose head has this layout ("" = that has none). The model_type of the whole counts
// before that of its text model: Intern-S2 nests the text model of another family.
const Family* find_family(const TextConfig& config, std::string_view layout);

} // namespace skw::mtp

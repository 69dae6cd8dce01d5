// SPDX-License-Identifier: Apache-2.0
// Which MTP head a checkpoint holds, decided by names and config alone.
#pragma once

#include "mtp/checkpoint/tensor.hpp"
#include "mtp/checkpoint/text_config.hpp"
#include "mtp/head/families.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

// Where a tensor of the head stands: in a numbered layer (from 0) or at the root, and what follows.
struct Place {
    // As stored, up to the dot: "model.layers.61.", "mtp.", "mtp.layers.0."; the wrapper ("model.", or "") of
    // a tensor that is named by an MTP word alone.
    std::string_view prefix;
    std::optional<std::uint64_t> layer; // 0-based
    bool extra_layer = false;           // stored as one of the model's decoder layers
    std::string_view rest;              // "eh_proj.weight"
    std::string_view head;              // of two heads in one namespace: "normal", "sci"; "" = the only one
};

struct Detection {
    const Block* block = nullptr;   // null: an unknown fusion block
    const Family* family = nullptr; // null: no row fits the model type
    // Every name of the head begins with one that ends in a dot, or is one; sorted.
    std::vector<std::string> prefixes;
    // Where decoder layers hold the head: the number of the first, which is layer 0 of the head.
    std::optional<std::uint64_t> first_layer;
    // The same where all of them lie behind the trunk, so that it tells the trunk's depth: from N on, or with
    // N not known anywhere but at 0. Exported drafts (layer 0 of 1) and releases that count the head in N
    // have none.
    std::optional<std::uint64_t> base_layer;
    std::uint64_t layers = 0;    // MTP layers as stored; of the larger one of two heads
    std::string norm_convention; // "" = not known
    std::string concat_order;    // "" = two matrices, or not known
    std::string modules;         // without a block: the first modules that were found, printable
    std::string nearly;          // without a block: "nextn without eh_proj", if most of one is there; "" = none

    std::string_view layout() const; // "unknown" without a block
    bool holds(std::string_view name) const;
    Place place_of(std::string_view name) const; // needs holds(name); views into the name
    // Whether a tensor repeats the base model's embedding or output head: as the family says, else as the
    // block does, which knows it of layers behind the trunk only.
    bool is_copy(std::string_view name) const;
    // Why it is refused unless mtp_accept has the refusal's word.
    std::optional<Refusal> refusal() const;
};

// The message that the contract fixes for a repository without a head.
std::string nothing_found(std::string_view source);

// Decides on the candidates of a checkpoint (names that may_be_mtp).
// needs   source: the repo, for the message the contract fixes
// fails   sdk::Failure: nothing found, declared or not; layers behind the trunk without a NextN marker;
//         heads in two places. A drafter and an unknown block are no failure here: see refusal().
//
// A tensor whose last component is an MTP word (mtp_token_scale) is held as it is stored, beside the layers.
// Alone it makes an unknown block.
Detection detect_layout(std::span<const std::string> names, const TextConfig& config,
                        std::string_view source);

// Whether the head is whole: layers without gaps and as many as declared, every required module there, more
// than fusion modules in each decoder layer, the experts of each block numbered from 0 without gaps and with
// the same weights. At most incomplete_limit refusals. A declaration of more layers is no proof of a loss, so
// that refusal can be accepted, unless a step of several layers was cut.
// needs   names: all tensors of the head; others are passed over
std::vector<Refusal> check_completeness(const Detection& head, std::span<const std::string> names,
                                        const TextConfig& config);

inline constexpr std::size_t incomplete_limit = 20;

// The table of docs/mtp-families.md, made from the rows.
std::string families_markdown();

} // namespace skw::mtp

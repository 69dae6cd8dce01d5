// SPDX-License-Identifier: Apache-2.0
// Whether a tensor's name can belong to an MTP head, by its dotted components alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skw::mtp {

enum class NameRule : std::uint8_t {
    none,
    own_namespace, // [wrapper.]mtp.*
    siblings,      // [wrapper.]mtp_layers.*, mtp_block.*, mtp_emb_norm.*, ...
    layer,         // [wrapper.]layers.<k>.*
};

// Views into the name.
struct NameParts {
    NameRule rule = NameRule::none;
    std::string_view prefix; // up to the dot behind what decided: "model.mtp_block.", "model.layers.61."
    std::string_view rest;   // behind the prefix
    std::string_view word;   // the component that decided: "mtp", "mtp_block", "layers"
    std::uint64_t layer = 0; // of NameRule::layer
    std::string_view marker; // of NameRule::layer: the NextN module it is part of ("eh_proj"), or ""
};

// Wrapper components (model, language_model, ...) are stripped first; towers of vision, audio and projectors
// are no wrappers, so their layers are none.
NameParts split_name(std::string_view name);

// Whether a name must be kept to find out about MTP heads: everything in an MTP namespace, layers behind the
// trunk, and NextN modules in any layer. trunk_layers: nullopt = unknown.
bool may_be_mtp(std::string_view name, std::optional<std::uint64_t> trunk_layers);

// The number of the first layer that two different NextN modules mark as an MTP layer although it lies in the
// trunk, or the trunk's depth is not known: exported draft models keep theirs at number 0. The names at hand
// then lack the layer's other tensors; who wants them reads index and headers once more with the result as
// trunk_layers of may_be_mtp. nullopt: the names are all there.
std::optional<std::uint64_t> first_layer_in_trunk(std::span<const std::string> names,
                                                  std::optional<std::uint64_t> trunk_layers);

// A component that is a decimal number below 10^9, without sign and leading zeros.
std::optional<std::uint64_t> parse_index(std::string_view component);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Whether a tensor's name can belong to an MTP head, by its dotted components alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

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
    std::string_view
        prefix; // up to the dot behind what decided: "mtp.", "model.mtp_block.", "model.layers.61."
    std::string_view rest;   // behind the prefix
    std::uint64_t layer = 0; // of NameRule::layer
    std::string_view marker; // of NameRule::layer: the NextN module it is part of ("eh_proj"), or ""
};

// Wrapper components (model, language_model, ...) are stripped first; towers of vision, audio and projectors
// are no wrappers, so their layers are none.
NameParts split_name(std::string_view name);

// Whether a name must be kept to find out about MTP heads: everything in an MTP namespace, layers behind the
// trunk, and NextN modules in any layer. trunk_layers: nullopt = unknown.
bool may_be_mtp(std::string_view name, std::optional<std::uint64_t> trunk_layers);

// The components of a dotted name.
std::vector<std::string_view> components(std::string_view name);

// A component that is a decimal number below 10^9, without sign and leading zeros.
std::optional<std::uint64_t> parse_index(std::string_view component);

} // namespace skw::mtp

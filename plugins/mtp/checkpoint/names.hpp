// SPDX-License-Identifier: Apache-2.0
// Whether a tensor's name can belong to an MTP head, by its dotted components alone.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace skw::mtp {

enum class NameRule : std::uint8_t {
    none,
    own_namespace, // [wrapper.]mtp.*
    siblings,      // [wrapper.]mtp_layers.*, mtp_block.*, mtp_emb_norm.*, ...
    alone,         // [wrapper.]mtp, [wrapper.]mtp_alpha: a tensor whose last component is such a word
    layer,         // [wrapper.]layers.<k>.*
};

// Views into the name.
struct NameParts {
    NameRule rule = NameRule::none;
    // Up to the dot behind what decided: "model.mtp_block.", "model.layers.61."; of NameRule::alone the
    // whole.
    std::string_view prefix;
    std::string_view rest;   // behind the prefix
    std::string_view word;   // the component that decided: "mtp", "mtp_block", "layers"
    std::uint64_t layer = 0; // of NameRule::layer
    std::string_view marker; // of NameRule::layer: the NextN module it is part of ("eh_proj"), or ""
};

// Wrapper components (model, language_model, ...) are stripped first; towers of vision, audio and projectors
// are no wrappers, so their layers are none.
NameParts split_name(std::string_view name);

// Which decoder layers may belong to a head as they are, whatever stands in them.
struct LayerChoice {
    std::optional<std::uint64_t> trunk_layers = {}; // those from here on; nullopt = unknown
    std::set<std::uint64_t> marked = {};            // and these, by number

    bool holds(std::uint64_t layer) const
    {
        return (trunk_layers && layer >= *trunk_layers) || marked.contains(layer);
    }
};

// Whether a name must be kept to find out about MTP heads: everything in an MTP namespace, the layers of the
// choice, and NextN modules in any layer.
bool may_be_mtp(std::string_view name, const LayerChoice& layers);

// The numbers of layers that two different NextN modules mark as MTP layers and the choice does not hold:
// exported draft models keep theirs at number 0. The names at hand then lack those layers' other tensors; who
// wants them adds the numbers to the choice and reads index and headers once more. Empty: the names are all
// there. Headers may know more names than the index, so this is asked again when they were read.
std::set<std::uint64_t> marked_layers(std::span<const std::string> names, const LayerChoice& layers);

// Up to the first dot.
std::string_view first_component(std::string_view text);

// A component that is a decimal number below 10^9, without sign and leading zeros.
std::optional<std::uint64_t> parse_index(std::string_view component);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The names of a head sorted into layers, whatever way they are stored.
#pragma once

#include "mtp/head/layout.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace skw::mtp {

// Where a name stands.
// needs   a name of the head; first_layer: as in Detection
struct Spot {
    Place place;
    std::string_view numbering; // before the layer's number: "mtp.layers."; siblings share "mtp_"
    std::string_view group;     // of siblings: "mtp_block"; "" otherwise
};
Spot spot_of(std::string_view name, std::uint64_t first_layer);

// One head. Names begin behind the layer's number or the namespace; those of siblings with their group:
// "eh_proj.weight", "mtp_block.self_attn.q_proj.weight".
struct HeadPart {
    std::set<std::string> root;
    std::map<std::uint64_t, std::set<std::string>> layers;
};

struct HeadParts {
    std::map<std::string, HeadPart, std::less<>> heads; // by Place::head
    std::set<std::string> numberings; // what stands before layers' numbers, if one head does it in two ways
    std::optional<std::string> twice; // a name whose place another one has, too
    // The first prefix of each wrapper before an MTP namespace: a head has its tensors behind one of them.
    std::set<std::string> namespaces;

    std::set<std::string_view> modules() const; // views into the names
};

// needs   detection with prefixes and first_layer; names that it does not hold are passed over
HeadParts sort_names(std::span<const std::string> names, const Detection& detection);

} // namespace skw::mtp

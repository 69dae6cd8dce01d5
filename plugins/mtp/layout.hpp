// SPDX-License-Identifier: Apache-2.0
// Which kind of MTP head a checkpoint holds, decided by names alone. A new family is a new row of the table.
#pragma once

#include "mtp/text_config.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

enum class Support : std::uint8_t {
    extracted,
    other_drafter, // not an MTP head at all, although the names say so
    later,         // known, but this version does not extract it
};

// One row: how the fusion block of a family is recognised under "mtp.".
struct Family {
    std::string_view layout; // "qwen": what the output's metadata call it
    Support support = Support::extracted;
    std::vector<std::string_view> all_of;   // modules that decide, at the root or in a layer
    std::vector<std::string_view> any_of;   // and one of these, unless empty
    std::vector<std::string_view> required; // modules whose ".weight" must be there
    bool in_layers = false;                 // the required modules stand in a layer, together
    bool needs_layers = false;              // at least one mtp.layers.<i>
    std::string_view concat_order;          // order inside the fused projection; "" = two matrices, unknown
};
std::span<const Family> families();

// The names under "mtp.", sorted into places.
struct HeadNames {
    std::set<std::string> root;                            // "fc.weight", "norm.weight"
    std::map<std::uint64_t, std::set<std::string>> layers; // of mtp.layers.<i>. or mtp.<i>., what follows
};
HeadNames sort_head_names(std::span<const std::string> names);

struct Detection {
    const Family* family = nullptr;
    std::string prefix; // "mtp."
    HeadNames names;
    std::string norm_convention; // "zero_centred", "actual", or "" where it is not known
};

// Decides on the candidates of a checkpoint (names that may_be_mtp).
// needs   source: the repo, for the message the contract fixes
// fails   sdk::Failure: nothing found (declared or not), a layout of another version, a drafter that is no
// MTP
//         head, an unknown fusion block
Detection detect_layout(std::span<const std::string> names, const TextConfig& config,
                        std::string_view source);

// Whether the head is whole: layers without gaps and as many as declared, every required module there, the
// experts of each block numbered from 0 without gaps and with the same parts.
// fails   sdk::Failure that names what is missing
void check_completeness(const Detection& head, const TextConfig& config);

} // namespace skw::mtp

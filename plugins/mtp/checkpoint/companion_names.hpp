// SPDX-License-Identifier: Apache-2.0
// The endings by which a tensor is known as a companion of a weight, or as a measured range beside one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace skw::mtp {

// Spellings of the scale. More than one beside a weight is a contradiction.
enum class ScaleName : std::uint8_t {
    none,
    inverse, // <weight>_scale_inv: in spite of its name the factor to multiply with
    channel, // <module>.weight_scale
    dotted,  // <module>.scale
    fused,   // <parameter>_scale, <parameter>_weight_scale: of a weight whose name does not end in .weight
    blocks,  // <name>_scales of <name>_blocks
};

enum class CompanionRole : std::uint8_t {
    scale,
    multiplied, // second level: multiplies the scale
    divisor,    // second level: divides the scale
    zero,
};

// When a tensor of this name is a companion at all.
enum class ClaimRule : std::uint8_t {
    always,          // without its weight the checkpoint is incomplete
    beside_weight,   // if the weight is there; else it is a parameter of its own
    beside_quantised // if the weight is there and is stored in eight bits
};

// One row an ending: the name without `ending` and with `weight` instead is the weight's.
struct CompanionName {
    std::string_view ending, weight;
    CompanionRole role;
    ScaleName scale; // of CompanionRole::scale
    ClaimRule rule;
};
std::span<const CompanionName> companion_names();

// Measured ranges of activations and caches, which belong to a quantised engine and are no weights.
enum class CalibrationRule : std::uint8_t {
    cache,            // of keys, values and queries: alone in the attention, or beside a projection
    beside_weight,    // of a weight's input
    beside_quantised, // words that a model may also use for a parameter: beside a weight of eight bits
};
struct CalibrationName {
    std::string_view last; // component; "<parameter>_<last>" beside a fused parameter
    CalibrationRule rule;
    bool is_zero_point;
};
std::span<const CalibrationName> calibration_names();

// Whether a name ends like a companion of any format, those that are refused included, or like a measured
// range. By the name alone: a parameter may end so as well.
bool is_companion_ending(std::string_view name);

} // namespace skw::mtp

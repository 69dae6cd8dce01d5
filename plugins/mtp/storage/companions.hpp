// SPDX-License-Identifier: Apache-2.0
// Which names are scales of another tensor, and which are calibration values that belong to no weight.
#pragma once

#include "mtp/checkpoint/tensor.hpp"

#include <cstdint>
#include <span>
#include <string>
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

// Finds tensors by name; the pointers live as long as the list they came from.
class TensorsByName {
public:
    // needs   tensors sorted by name
    explicit TensorsByName(std::span<const SourceTensor> tensors) : tensors_(tensors) {}
    const SourceTensor* find(std::string_view name) const;

private:
    std::span<const SourceTensor> tensors_;
};

// What a tensor is by its name and its neighbours.
struct Claim {
    const CompanionName* name = nullptr;  // null: not a companion
    const SourceTensor* weight = nullptr; // null with a name: the weight is missing
    std::string weight_name;              // as looked for
};
Claim find_claim(const SourceTensor& tensor, const TensorsByName& all);

// Measured ranges of activations and caches (input_scale, k_scale, ...): they belong to a quantised engine
// and are no weights.
bool is_calibration(const SourceTensor& tensor, const TensorsByName& all);

bool is_plain_float(safetensors::Dtype dtype); // BF16, F16, F32
bool is_eight_bits(safetensors::Dtype dtype);
std::string_view last_component(std::string_view name);

} // namespace skw::mtp

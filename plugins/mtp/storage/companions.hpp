// SPDX-License-Identifier: Apache-2.0
// Which tensors are scales of another one, and which are calibration values that belong to no weight.
#pragma once

#include "mtp/checkpoint/companion_names.hpp"
#include "mtp/checkpoint/tensor.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace skw::mtp {

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

// Whether a tensor is a measured range of activations or caches (input_scale, k_scale, ...).
enum class Calibration : std::uint8_t {
    no,   // another tensor, or a parameter of this name
    yes,  // one value, or one for each row of its weight
    unfit // the name stands beside a weight, but dtype or shape are not those of a measured range
};
Calibration judge_calibration(const SourceTensor& tensor, const TensorsByName& all);

bool is_plain_float(safetensors::Dtype dtype); // BF16, F16, F32
bool is_eight_bits(safetensors::Dtype dtype);
std::string_view last_component(std::string_view name);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Companions and calibration values: names from the tables, then what stands beside them.
#include "mtp/storage/companions.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace skw::mtp {

namespace {

using safetensors::Dtype;

// The weight itself, or what stands for it while packed.
const SourceTensor* find_weight(const std::string& name, const TensorsByName& all)
{
    if (const SourceTensor* weight = all.find(name)) {
        return weight;
    }
    return name.ends_with(".weight") ? all.find(name + "_packed") : nullptr;
}

// One value; beside a weight one for each of its rows at most, and along one dimension only: what has two
// could be a weight.
bool is_short(const std::vector<std::uint64_t>& shape, const SourceTensor* weight)
{
    std::uint64_t length = 1;
    for (const std::uint64_t one : shape) {
        if (one > 1 && length > 1) {
            return false;
        }
        length = std::max(length, one);
    }
    if (length == 1 || weight == nullptr) {
        return length == 1;
    }
    std::uint64_t rows = 1;
    for (std::size_t at = 0; at + 1 < weight->shape.size(); ++at) {
        if (__builtin_mul_overflow(rows, weight->shape[at], &rows)) {
            rows = std::numeric_limits<std::uint64_t>::max();
        }
    }
    return length <= rows;
}

} // namespace

const SourceTensor* TensorsByName::find(std::string_view name) const
{
    const auto at = std::ranges::lower_bound(tensors_, name, {}, &SourceTensor::name);
    return at == tensors_.end() || at->name != name ? nullptr : &*at;
}

Claim find_claim(const SourceTensor& tensor, const TensorsByName& all)
{
    Claim missing;
    for (const CompanionName& one : companion_names()) {
        if (!tensor.name.ends_with(one.ending)) {
            continue;
        }
        std::string weight_name =
            tensor.name.substr(0, tensor.name.size() - one.ending.size()).append(one.weight);
        if (const SourceTensor* weight = find_weight(weight_name, all)) {
            if (one.rule != ClaimRule::beside_quantised || is_eight_bits(weight->dtype) ||
                !is_plain_float(tensor.dtype)) {
                return {&one, weight, std::move(weight_name)};
            }
        } else if (missing.name == nullptr &&
                   (one.rule == ClaimRule::always || !is_plain_float(tensor.dtype))) {
            missing = {&one, nullptr, std::move(weight_name)};
        }
    }
    return missing;
}

Calibration judge_calibration(const SourceTensor& tensor, const TensorsByName& all)
{
    for (const CalibrationName& one : calibration_names()) {
        if (!tensor.name.ends_with(one.last)) {
            continue;
        }
        const std::string before = tensor.name.substr(0, tensor.name.size() - one.last.size());
        const SourceTensor* weight = nullptr;
        if (before.empty() || before.ends_with('.')) {
            weight = find_weight(before + "weight", all);
        } else if (before.ends_with('_') && one.rule == CalibrationRule::beside_weight) {
            weight =
                all.find(std::string_view(before).substr(0, before.size() - 1)); // gate_up_proj_input_scale
            if (weight == nullptr) {
                continue;
            }
        } else {
            continue;
        }
        if (one.rule == CalibrationRule::beside_quantised &&
            (weight == nullptr || !is_eight_bits(weight->dtype))) {
            return Calibration::no;
        }
        if (one.last == "q_scale" && all.find(before + "q_weight") != nullptr) {
            return Calibration::no; // packed scales of EXL2
        }
        if (weight == nullptr && one.rule != CalibrationRule::cache) {
            return Calibration::no;
        }
        const bool known_dtype = is_plain_float(tensor.dtype) || tensor.dtype == Dtype::u8 ||
                                 (one.is_zero_point ? tensor.dtype == Dtype::i8 || tensor.dtype == Dtype::i32
                                                    : tensor.dtype == Dtype::f8_e8m0);
        if (known_dtype && is_short(tensor.shape, weight)) {
            return Calibration::yes;
        }
        return weight == nullptr ? Calibration::no : Calibration::unfit;
    }
    return Calibration::no;
}

bool is_plain_float(Dtype dtype)
{
    return dtype == Dtype::bf16 || dtype == Dtype::f16 || dtype == Dtype::f32;
}

bool is_eight_bits(Dtype dtype)
{
    return safetensors::dtype_bits(dtype) == 8 && dtype != Dtype::boolean;
}

std::string_view last_component(std::string_view name)
{
    return name.substr(name.rfind('.') + 1); // npos + 1 is 0: no dot, all of it
}

} // namespace skw::mtp

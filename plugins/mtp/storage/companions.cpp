// SPDX-License-Identifier: Apache-2.0
// The tables of companion and calibration names.
#include "mtp/storage/companions.hpp"

#include <algorithm>
#include <array>

namespace skw::mtp {

namespace {

using safetensors::Dtype;

using enum CompanionRole;
using enum ClaimRule;

// The first row whose weight is there counts. "hc_attn_scale" has none, so it is a parameter.
constexpr std::array<CompanionName, 15> names{{
    {"_scale_inv", "", scale, ScaleName::inverse, always},
    {".weight_scale", ".weight", scale, ScaleName::channel, always},
    {".weight_scale_2", ".weight", multiplied, ScaleName::none, always},
    {".weight_global_scale", ".weight", divisor, ScaleName::none, always},
    {".weight_zero_point", ".weight", zero, ScaleName::none, always},
    {"_weight_scale", "", scale, ScaleName::fused, always},
    {"_weight_scale_2", "", multiplied, ScaleName::none, always},
    {"_weight_global_scale", "", divisor, ScaleName::none, always},
    {"_weight_zero_point", "", zero, ScaleName::none, always},
    {".scale", ".weight", scale, ScaleName::dotted, beside_weight},
    {"_scales", "_blocks", scale, ScaleName::blocks, beside_weight},
    {"_scale", "", scale, ScaleName::fused, beside_quantised},
    {"_scale_2", "", multiplied, ScaleName::none, beside_quantised},
    {"_global_scale", "", divisor, ScaleName::none, beside_quantised},
    {"_zero_point", "", zero, ScaleName::none, beside_quantised},
}};

constexpr std::array<std::string_view, 7> calibration{
    "input_scale", "activation_scale", "input_global_scale", "input_zero_point", "k_scale",
    "v_scale",     "kv_scale"};
// Behind the name of a fused parameter: gate_up_proj_input_scale.
constexpr std::array<std::string_view, 4> fused_calibration{"_input_scale", "_activation_scale",
                                                            "_input_global_scale", "_input_zero_point"};
// Words that a model may also use for a parameter, so they count only beside a weight of eight bits.
constexpr std::array<std::string_view, 2> output_calibration{"output_scale", "prob_output_scale"};

std::string_view module_of(std::string_view name)
{
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

// The weight itself, or what stands for it while packed.
const SourceTensor* find_weight(const std::string& name, const TensorsByName& all)
{
    if (const SourceTensor* weight = all.find(name)) {
        return weight;
    }
    return name.ends_with(".weight") ? all.find(name + "_packed") : nullptr;
}

} // namespace

std::span<const CompanionName> companion_names()
{
    return names;
}

const SourceTensor* TensorsByName::find(std::string_view name) const
{
    const auto at = std::ranges::lower_bound(tensors_, name, {}, &SourceTensor::name);
    return at == tensors_.end() || at->name != name ? nullptr : &*at;
}

Claim find_claim(const SourceTensor& tensor, const TensorsByName& all)
{
    Claim missing;
    for (const CompanionName& one : names) {
        if (!tensor.name.ends_with(one.ending)) {
            continue;
        }
        std::string weight_name =
            tensor.name.substr(0, tensor.name.size() - one.ending.size()).append(one.weight);
        if (const SourceTensor* weight = find_weight(weight_name, all)) {
            if (one.rule != beside_quantised || is_eight_bits(weight->dtype) ||
                !is_plain_float(tensor.dtype)) {
                return {&one, weight, std::move(weight_name)};
            }
        } else if (missing.name == nullptr && (one.rule == always || !is_plain_float(tensor.dtype))) {
            missing = {&one, nullptr, std::move(weight_name)};
        }
    }
    return missing;
}

bool is_calibration(const SourceTensor& tensor, const TensorsByName& all)
{
    const std::string_view name = tensor.name;
    const std::string_view last = last_component(name);
    const std::string module(module_of(name));
    if (std::ranges::find(calibration, last) != calibration.end()) {
        return true;
    }
    if (last == "q_scale") { // EXL2 has packed scales of this name beside q_weight
        return is_plain_float(tensor.dtype) && safetensors::tensor_bytes(Dtype::u8, tensor.shape) == 1 &&
               all.find(module + ".q_weight") == nullptr;
    }
    if (std::ranges::find(output_calibration, last) != output_calibration.end()) {
        const SourceTensor* weight = find_weight(module + ".weight", all);
        return weight != nullptr && is_eight_bits(weight->dtype);
    }
    return std::ranges::any_of(fused_calibration, [&](std::string_view ending) {
        return name.ends_with(ending) && all.find(name.substr(0, name.size() - ending.size())) != nullptr;
    });
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

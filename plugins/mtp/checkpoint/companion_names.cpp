// SPDX-License-Identifier: Apache-2.0
// The tables of companion and calibration names.
#include "mtp/checkpoint/companion_names.hpp"

#include <algorithm>
#include <array>

namespace skw::mtp {

namespace {

using enum CompanionRole;

// The first row whose weight is there counts. "hc_attn_scale" has none, so it is a parameter.
constexpr std::array<CompanionName, 15> companions{{
    {"_scale_inv", "", scale, ScaleName::inverse, ClaimRule::always},
    {".weight_scale", ".weight", scale, ScaleName::channel, ClaimRule::always},
    {".weight_scale_2", ".weight", multiplied, ScaleName::none, ClaimRule::always},
    {".weight_global_scale", ".weight", divisor, ScaleName::none, ClaimRule::always},
    {".weight_zero_point", ".weight", zero, ScaleName::none, ClaimRule::always},
    {"_weight_scale", "", scale, ScaleName::fused, ClaimRule::always},
    {"_weight_scale_2", "", multiplied, ScaleName::none, ClaimRule::always},
    {"_weight_global_scale", "", divisor, ScaleName::none, ClaimRule::always},
    {"_weight_zero_point", "", zero, ScaleName::none, ClaimRule::always},
    {".scale", ".weight", scale, ScaleName::dotted, ClaimRule::beside_weight},
    {"_scales", "_blocks", scale, ScaleName::blocks, ClaimRule::beside_weight},
    {"_scale", "", scale, ScaleName::fused, ClaimRule::beside_quantised},
    {"_scale_2", "", multiplied, ScaleName::none, ClaimRule::beside_quantised},
    {"_global_scale", "", divisor, ScaleName::none, ClaimRule::beside_quantised},
    {"_zero_point", "", zero, ScaleName::none, ClaimRule::beside_quantised},
}};

constexpr std::array<CalibrationName, 10> calibration{{
    {"input_scale", CalibrationRule::beside_weight, false},
    {"activation_scale", CalibrationRule::beside_weight, false},
    {"input_global_scale", CalibrationRule::beside_weight, false},
    {"input_zero_point", CalibrationRule::beside_weight, true},
    {"k_scale", CalibrationRule::cache, false},
    {"v_scale", CalibrationRule::cache, false},
    {"kv_scale", CalibrationRule::cache, false},
    {"q_scale", CalibrationRule::cache, false},
    {"output_scale", CalibrationRule::beside_quantised, false},
    {"prob_output_scale", CalibrationRule::beside_quantised, false},
}};

// Of the packings that are refused.
constexpr std::array<std::string_view, 6> of_packings{".scales", ".biases",       ".qzeros",
                                                      ".g_idx",  ".weight_shape", ".weight_g_idx"};

} // namespace

std::span<const CompanionName> companion_names()
{
    return companions;
}

std::span<const CalibrationName> calibration_names()
{
    return calibration;
}

bool is_companion_ending(std::string_view name)
{
    const std::string_view last = name.substr(name.rfind('.') + 1); // npos + 1 is 0: no dot, all of it
    return std::ranges::any_of(companions, [&](const auto& one) { return name.ends_with(one.ending); }) ||
           std::ranges::any_of(calibration, [&](const auto& one) { return last == one.last; }) ||
           std::ranges::any_of(of_packings, [&](std::string_view ending) { return name.ends_with(ending); });
}

} // namespace skw::mtp

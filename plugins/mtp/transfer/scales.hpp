// SPDX-License-Identifier: Apache-2.0
// Companions of weights as the floats that kernels take.
#pragma once

#include "safetensors/dtype.hpp"

#include <cstddef>
#include <span>

namespace skw::mtp {

// How the second level of a scale (NVFP4) meets the first.
enum class Level : unsigned char { none, multiply, divide };

// Scales: F32, BF16, F16, F8_E8M0 (or U8, which means the same here), F8_E4M3; little-endian. The second
// level is applied to each and rounded to F32 before the scale meets an element: f32(f32(s) * global).
// needs   in: whole values, as many as out has
// gives   false: one of them is not finite
bool decode_scales(safetensors::Dtype dtype, std::span<const std::byte> in, float global, Level level,
                   std::span<float> out);
// Zero points: I8.
void decode_zeros(std::span<const std::byte> in, std::span<float> out);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The kernel sets that are compiled in, for choose.cpp and for the sets that lean on the reference.
#pragma once

#include "mtp/kernels/kernels.hpp"

namespace skw::mtp {

// How the fast sets agree with the reference on odd values without repeating its rules: they convert only
// what can neither be NaN nor become infinite, and hand every other stretch to the reference, counts
// included.
extern const Kernels reference_kernels;

// Up to these scales no finite element times its scale comes near infinity, not even after rounding: each is
// the largest power of two whose product with the largest element is at most 1.75 * 2^127.
inline constexpr float e4m3_tame_scale = 0x1p119f; // 448
inline constexpr float e5m2_tame_scale = 0x1p112f; // 57344
inline constexpr float i8_tame_scale = 0x1p120f;   // -128
inline constexpr float fp4_tame_scale = 0x1p125f;  // 6
// With zero points up to this size; the difference is below 2^21 then.
inline constexpr float tame_zero = 0x1p20f;
inline constexpr float i8_zero_tame_scale = 0x1p106f;

#if defined(__x86_64__)
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
#elif defined(__AARCH64EL__)
extern const Kernels neon_kernels;
#endif

} // namespace skw::mtp

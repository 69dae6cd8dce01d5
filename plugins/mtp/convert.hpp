// SPDX-License-Identifier: Apache-2.0
// The kernels that make BF16: plain scalar code that defines the bits. Sources are little-endian bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace skw::mtp {

// What was odd about a row; kernels count, callers judge.
struct Tally {
    std::uint64_t nan = 0; // elements that are not a number
    std::uint64_t inf_in_source = 0;
    std::uint64_t overflow = 0; // finite in the source, infinite after rounding
};

/// BF16 bits of FP32 bits u, nearest-even. A NaN keeps its upper payload and becomes quiet, so that payloads
/// that live in the lower half alone do not turn into infinity. Above 0x7f7f7fff finite values round to
/// infinity, as IEEE 754 demands; the caller counts that.
constexpr std::uint16_t bf16_from_f32(std::uint32_t u) noexcept
{
    if ((u & 0x7fffffffu) > 0x7f800000u) {
        return static_cast<std::uint16_t>((u >> 16) | 0x0040u);
    }
    // 64 bits: 0xffffffff cannot occur here, but the sum must not depend on that.
    return static_cast<std::uint16_t>((std::uint64_t{u} + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

/// FP32 bits of the same value as the IEEE 754 binary16 bits h; exact. NaN payloads are kept.
constexpr std::uint32_t f32_from_f16(std::uint16_t h) noexcept
{
    const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000u) << 16;
    const std::uint32_t exponent = (h >> 10) & 0x1fu;
    std::uint32_t fraction = h & 0x3ffu;
    if (exponent == 0x1f) {
        return sign | 0x7f800000u | (fraction << 13);
    }
    if (exponent != 0) {
        return sign | ((exponent + 112) << 23) | (fraction << 13);
    }
    if (fraction == 0) {
        return sign;
    }
    // Subnormal: value is fraction * 2^-24. Shift until the leading one is the implicit bit.
    std::uint32_t shifted = 113;
    while ((fraction & 0x400u) == 0) {
        fraction <<= 1;
        --shifted;
    }
    return sign | (shifted << 23) | ((fraction & 0x3ffu) << 13);
}

// Rows. n elements in `in`, 2n bytes in `out`; out may begin where in begins (conversion in place). Each adds
// to tally.

/// out[i] = in[i]; in: 2n bytes of BF16.
void bf16_row_reference(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally) noexcept;
/// out[i] = bf16(f32(in[i])); in: 2n bytes of F16. One rounding, from the exact FP32 value.
void f16_row_to_bf16_reference(std::span<const std::byte> in, std::span<std::byte> out,
                               Tally& tally) noexcept;
/// out[i] = bf16(in[i]); in: 4n bytes of F32.
void f32_row_to_bf16_reference(std::span<const std::byte> in, std::span<std::byte> out,
                               Tally& tally) noexcept;

} // namespace skw::mtp

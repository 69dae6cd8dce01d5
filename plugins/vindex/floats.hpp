// SPDX-License-Identifier: Apache-2.0
// Conversions between the float formats of checkpoints and of a vindex; each is exact or rounds to
// nearest-even.
#pragma once

#include <bit>
#include <cstdint>

namespace skw::vindex {

constexpr float f32_from_bf16(std::uint16_t bits) noexcept
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

// IEEE 754 binary16; exact.
constexpr float f32_from_f16(std::uint16_t bits) noexcept
{
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1fu, fraction = bits & 0x3ffu;
    if (exponent == 0x1f) {
        return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
    }
    if (exponent == 0) {
        const float value = static_cast<float>(fraction) * 0x1p-24f;
        return sign != 0 ? -value : value;
    }
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

// Rounds to nearest-even; beyond the range becomes infinity.
constexpr std::uint16_t f16_from_f32(float value) noexcept
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
        return static_cast<std::uint16_t>(sign | 0x7e00u); // not a number
    }
    if (magnitude >= 0x477ff000u) {
        return static_cast<std::uint16_t>(sign | 0x7c00u);
    }
    if (magnitude >= 0x38800000u) { // normal: move the exponent, round the 13 bits that go
        const std::uint32_t moved = magnitude - (112u << 23);
        return static_cast<std::uint16_t>(sign | ((moved + 0xfffu + ((moved >> 13) & 1u)) >> 13));
    }
    if (magnitude < 0x33000000u) { // below half of the smallest number
        return sign;
    }
    // Subnormal: the value in units of 2^-24.
    const std::uint32_t shift = 126 - (magnitude >> 23);
    const std::uint32_t fraction = (magnitude & 0x7fffffu) | 0x800000u;
    const std::uint32_t kept = fraction >> shift, rest = fraction & ((1u << shift) - 1),
                        half = 1u << (shift - 1);
    const std::uint32_t up = rest > half || (rest == half && (kept & 1u) != 0) ? 1 : 0;
    return static_cast<std::uint16_t>(sign | (kept + up));
}

} // namespace skw::vindex

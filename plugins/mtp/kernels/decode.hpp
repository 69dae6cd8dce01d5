// SPDX-License-Identifier: Apache-2.0
// What each stored element is worth, as the bits of an FP32, and how an FP32 becomes a BF16.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace skw::mtp {

inline constexpr std::uint32_t quiet_nan = 0x7fc00000u; // positive, no payload

/// BF16 bits of FP32 bits u, nearest-even: (u + 0x7fff + bit 16 of u) >> 16. A NaN keeps its upper payload
/// and becomes quiet, so that payloads that live in the lower half alone do not turn into infinity. Above
/// 0x7f7f7fff finite values round to infinity, as IEEE 754 (4.3.1) demands; the caller counts that.
constexpr std::uint16_t bf16_from_f32(std::uint32_t u) noexcept
{
    if ((u & 0x7fffffffu) > 0x7f800000u) {
        return static_cast<std::uint16_t>((u >> 16) | 0x0040u);
    }
    // 64 bits: 0xffffffff cannot occur here, but the sum must not depend on that.
    return static_cast<std::uint16_t>((std::uint64_t{u} + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

/// F16, IEEE 754 binary16: (-1)^s 2^(e-15) 1.f, or (-1)^s 2^-14 0.f where e is 0; e = 31 is infinity or NaN.
/// Exact; NaN payloads are kept.
constexpr std::uint32_t f32_from_f16(std::uint16_t h) noexcept
{
    const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000u) << 16;
    const std::uint32_t exponent = (h >> 10) & 0x1fu;
    const std::uint32_t fraction = h & 0x3ffu;
    if (exponent == 0x1f) {
        return sign | 0x7f800000u | (fraction << 13);
    }
    if (exponent == 0) {
        return sign | std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * 0x1p-24f); // exact
    }
    return sign | ((exponent + 112) << 23) | (fraction << 13); // 112 = 127 - 15
}

/// F8_E4M3, the "fn" variant: (-1)^s 2^(e-7) 1.f, or (-1)^s 2^-6 0.f where e is 0. No infinity; only
/// s.1111.111 is NaN. Source: OCP 8-bit Floating Point Specification (OFP8), 5.1. Exact.
constexpr std::uint32_t f32_from_e4m3(std::uint8_t code) noexcept
{
    const std::uint32_t sign = static_cast<std::uint32_t>(code & 0x80u) << 24;
    const std::uint32_t exponent = (code >> 3) & 0xfu;
    const std::uint32_t fraction = code & 7u;
    if (exponent == 0xf && fraction == 7) {
        return sign | quiet_nan;
    }
    if (exponent == 0) {
        return sign | std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * 0x1p-9f); // exact
    }
    return sign | ((exponent + 120) << 23) | (fraction << 20); // 120 = 127 - 7
}

/// F8_E5M2: the upper byte of an F16, special values included. Source: OFP8, 5.2. Exact.
constexpr std::uint32_t f32_from_e5m2(std::uint8_t code) noexcept
{
    return f32_from_f16(static_cast<std::uint16_t>(code << 8));
}

/// F8_E8M0, a scale: 2^(b-127), without a sign and without a zero; 0 is 2^-127, 255 is NaN. Source: OCP
/// Microscaling Formats (MX), 5.4.1. Exact; b = 0 is a subnormal FP32.
constexpr std::uint32_t f32_from_e8m0(std::uint8_t b) noexcept
{
    if (b == 0xff) {
        return quiet_nan;
    }
    if (b == 0) {
        return 0x00400000u;
    }
    return std::uint32_t{b} << 23;
}

/// The eight sizes of E2M1: 2^(e-1) 1.f, or 0.f where e is 0. Source: MX, 5.3.3.
inline constexpr std::array<float, 8> e2m1_sizes{0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f};

/// FP4 E2M1, the lower four bits of code: a sign and a size; no special values. Code 8 is -0.0, as MX has it
/// (some tables have +0.0 there, which compares equal).
constexpr std::uint32_t f32_from_e2m1(std::uint8_t code) noexcept
{
    const std::uint32_t sign = static_cast<std::uint32_t>(code & 8u) << 28;
    return sign | std::bit_cast<std::uint32_t>(e2m1_sizes[code & 7u]);
}

} // namespace skw::mtp

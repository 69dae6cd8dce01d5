// SPDX-License-Identifier: Apache-2.0
// The scalar definition of every row. Bytes are assembled one by one: the same on every byte order.
#include "mtp/kernels/decode.hpp"
#include "mtp/kernels/sets.hpp"

#include <bit>

namespace skw::mtp {

namespace {

using Bytes = std::span<const std::byte>;

std::uint8_t load8(Bytes in, std::size_t at)
{
    return std::to_integer<std::uint8_t>(in[at]);
}

std::uint16_t load16(Bytes in, std::size_t at)
{
    return static_cast<std::uint16_t>(load8(in, at) | load8(in, at + 1) << 8);
}

std::uint32_t load32(Bytes in, std::size_t at)
{
    return std::uint32_t{load16(in, at)} | std::uint32_t{load16(in, at + 2)} << 16;
}

void store16(std::span<std::byte> out, std::size_t at, std::uint16_t value)
{
    out[at] = static_cast<std::byte>(value & 0xff);
    out[at + 1] = static_cast<std::byte>(value >> 8);
}

bool is_nan(std::uint32_t f32)
{
    return (f32 & 0x7fffffffu) > 0x7f800000u;
}

bool is_inf(std::uint32_t f32)
{
    return (f32 & 0x7fffffffu) == 0x7f800000u;
}

// Rounds the FP32 that an element became, puts it in place i and counts.
void put(std::span<std::byte> out, std::size_t i, std::uint32_t value, bool element_is_inf, Tally& tally)
{
    const std::uint16_t made = bf16_from_f32(value);
    store16(out, 2 * i, made);
    const std::uint32_t widened = std::uint32_t{made} << 16;
    tally.nan += is_nan(widened);
    tally.inf_in_source += element_is_inf;
    tally.overflow += is_inf(widened) && !element_is_inf;
}

// element * scale in FP32. The bits of a NaN are defined here, because processors differ in them: that of the
// element, or a plain one where infinity meets zero.
std::uint32_t product(std::uint32_t element, float scale)
{
    if (is_nan(element)) {
        return element;
    }
    const float value = std::bit_cast<float>(element) * scale;
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    return is_nan(bits) ? quiet_nan : bits;
}

void bf16_row(Bytes in, std::span<std::byte> out, Tally& tally)
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const std::uint16_t element = load16(in, 2 * i);
        store16(out, 2 * i, element); // not through put(): a NaN that signals stays as it is
        tally.nan += is_nan(std::uint32_t{element} << 16);
        tally.inf_in_source += is_inf(std::uint32_t{element} << 16);
    }
}

void f16_row(Bytes in, std::span<std::byte> out, Tally& tally)
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const std::uint32_t element = f32_from_f16(load16(in, 2 * i));
        put(out, i, element, is_inf(element), tally);
    }
}

void f32_row(Bytes in, std::span<std::byte> out, Tally& tally)
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const std::uint32_t element = load32(in, 4 * i);
        put(out, i, element, is_inf(element), tally);
    }
}

// w = q * s
template<std::uint32_t (*decode)(std::uint8_t) noexcept>
void scaled_row(Bytes in, std::span<const float> scales, std::size_t width, std::span<std::byte> out,
                Tally& tally)
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const std::uint32_t q = decode(load8(in, i));
        const float s = scales[i / width];
        const std::uint32_t w = product(q, s);
        put(out, i, w, is_inf(q), tally);
    }
}

std::uint32_t f32_from_i8(std::uint8_t code) noexcept
{
    return std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int8_t>(code)));
}

// w = (q - z) * s
void i8_zero_row(Bytes in, std::span<const float> scales, std::span<const float> zeros, std::size_t width,
                 std::span<std::byte> out, Tally& tally)
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const float q = std::bit_cast<float>(f32_from_i8(load8(in, i)));
        const float z = zeros[i / width];
        const float difference = q - z;
        const float s = scales[i / width];
        const std::uint32_t w = product(std::bit_cast<std::uint32_t>(difference), s);
        put(out, i, w, false, tally);
    }
}

// w = E2M1(nibble) * s; byte j holds element 2j in its low nibble, 2j + 1 in its high one
void fp4_row(Bytes in, std::span<const float> scales, std::size_t width, std::span<std::byte> out,
             Tally& tally)
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const std::uint8_t pair = load8(in, i / 2);
        const auto nibble = static_cast<std::uint8_t>(i % 2 == 0 ? pair & 0xf : pair >> 4);
        const std::uint32_t q = f32_from_e2m1(nibble);
        const float s = scales[i / width];
        const std::uint32_t w = product(q, s);
        put(out, i, w, false, tally);
    }
}

bool everywhere() noexcept
{
    return true;
}

} // namespace

constinit const Kernels reference_kernels{
    .name = "reference",
    .runs_here = everywhere,
    .bf16 = bf16_row,
    .f16 = f16_row,
    .f32 = f32_row,
    .e4m3 = scaled_row<f32_from_e4m3>,
    .e5m2 = scaled_row<f32_from_e5m2>,
    .i8 = scaled_row<f32_from_i8>,
    .i8_zero = i8_zero_row,
    .fp4 = fp4_row,
};

} // namespace skw::mtp

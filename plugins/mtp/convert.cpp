// SPDX-License-Identifier: Apache-2.0
// The scalar rows. Bytes are assembled one by one: the same result on every byte order and alignment.
#include "mtp/convert.hpp"

namespace skw::mtp {

namespace {

std::uint16_t load16(std::span<const std::byte> in, std::size_t at) noexcept
{
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(in[at]) |
                                      std::to_integer<unsigned>(in[at + 1]) << 8);
}

std::uint32_t load32(std::span<const std::byte> in, std::size_t at) noexcept
{
    return std::uint32_t{load16(in, at)} | std::uint32_t{load16(in, at + 2)} << 16;
}

void store16(std::span<std::byte> out, std::size_t at, std::uint16_t value) noexcept
{
    out[at] = static_cast<std::byte>(value & 0xff);
    out[at + 1] = static_cast<std::byte>(value >> 8);
}

bool is_inf(std::uint16_t bf16) noexcept
{
    return (bf16 & 0x7fff) == 0x7f80;
}

bool is_nan(std::uint16_t bf16) noexcept
{
    return (bf16 & 0x7fff) > 0x7f80;
}

void count(std::uint16_t made, bool source_is_inf, Tally& tally) noexcept
{
    tally.nan += is_nan(made);
    tally.inf_in_source += source_is_inf;
    tally.overflow += is_inf(made) && !source_is_inf;
}

} // namespace

void bf16_row_reference(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally) noexcept
{
    for (std::size_t i = 0; i < in.size() / 2; ++i) {
        const std::uint16_t value = load16(in, 2 * i);
        store16(out, 2 * i, value);
        count(value, is_inf(value), tally);
    }
}

void f16_row_to_bf16_reference(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally) noexcept
{
    for (std::size_t i = 0; i < in.size() / 2; ++i) {
        const std::uint16_t half = load16(in, 2 * i);
        const std::uint16_t made = bf16_from_f32(f32_from_f16(half));
        store16(out, 2 * i, made);
        count(made, (half & 0x7fff) == 0x7c00, tally);
    }
}

void f32_row_to_bf16_reference(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally) noexcept
{
    for (std::size_t i = 0; i < in.size() / 4; ++i) {
        const std::uint32_t bits = load32(in, 4 * i);
        const std::uint16_t made = bf16_from_f32(bits);
        store16(out, 2 * i, made);
        count(made, (bits & 0x7fffffffu) == 0x7f800000u, tally);
    }
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The walk over rows and blocks that the fast sets share, written over the formats that each brings.
#pragma once

#include "mtp/kernels/formats.hpp"

#include <algorithm>
#include <cmath>

namespace skw::mtp {

namespace {

// In may be where out is, so a step is looked at before it is stored. False: it is for the reference.
template<class Format>
[[SKW_STEP]] inline bool plain_step(const std::byte* in, std::byte* out, std::size_t n)
{
    const auto loaded = load<Format>(in, n);
    if (Format::odd(loaded)) {
        return false;
    }
    store<Format>(out, Format::convert(loaded), n);
    return true;
}

template<class Format>
[[SKW_TARGET]] void plain_row(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally)
{
    constexpr std::size_t step = Format::step;
    const std::size_t n = out.size() / 2;
    for (std::size_t i = 0; i < n; i += step) {
        const std::size_t length = std::min(step, n - i);
        const std::byte* from = in.data() + bytes_of<Format>(i);
        std::byte* to = out.data() + 2 * i;
        // Twice, so that all but the last are compiled for a length that is known.
        if (!(length == step ? plain_step<Format>(from, to, step) : plain_step<Format>(from, to, length))) {
            (reference_kernels.*Format::row)(in.subspan(bytes_of<Format>(i), bytes_of<Format>(length)),
                                             out.subspan(2 * i, 2 * length), tally);
        }
    }
}

template<class Format>
[[SKW_STEP]] inline void scaled_step(const std::byte* in, std::byte* out, std::size_t n, const auto& prepared,
                                     typename Format::Odd& odd)
{
    const auto loaded = load<Format>(in, n);
    if constexpr (requires { Format::odd(loaded); }) {
        odd = odd | Format::odd(loaded);
    }
    store<Format>(out, Format::convert(loaded, prepared), n);
}

// False: it is for the reference, and what is in out is not to be used.
template<class Format>
[[SKW_STEP]] inline bool convert_block(const std::byte* in, std::byte* out, std::size_t n, float scale,
                                       float zero)
{
    constexpr std::size_t step = Format::step;
    const auto prepared = Format::prepare(Format::factor(scale), zero);
    typename Format::Odd odd{};
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        scaled_step<Format>(in + bytes_of<Format>(i), out + 2 * i, step, prepared, odd);
    }
    if (i < n) {
        scaled_step<Format>(in + bytes_of<Format>(i), out + 2 * i, n - i, prepared, odd);
    }
    if constexpr (requires { &Format::odd; }) {
        return !Format::any(odd);
    }
    return true;
}

template<class Format>
[[SKW_STEP]] inline void convert_blocks(std::span<const std::byte> in, std::span<const float> scales,
                                        std::span<const float> zeros, std::size_t width,
                                        std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    std::size_t length = 0;
    for (std::size_t block = 0, at = 0; at < n; ++block, at += length) {
        length = std::min(width, n - at);
        const std::size_t begin = bytes_of<Format>(at);
        const float scale = scales[block];
        const float zero = Format::zeroed ? zeros[block] : 0.0f;
        if (tame<Format>(scale) && std::fabs(zero) <= tame_zero) {
            if constexpr (requires { Format::pair_width; }) {
                constexpr std::size_t pair = 2 * Format::pair_width;
                if (width == Format::pair_width && n - at >= pair && tame<Format>(scales[block + 1])) {
                    Format::two_blocks(in.data() + begin, scale, scales[block + 1], out.data() + 2 * at);
                    length = pair;
                    ++block;
                    continue;
                }
            }
            if (convert_block<Format>(in.data() + begin, out.data() + 2 * at, length, scale, zero)) {
                continue;
            }
        }
        const auto from = in.subspan(begin, bytes_of<Format>(length));
        const auto to = out.subspan(2 * at, 2 * length);
        if constexpr (Format::zeroed) {
            (reference_kernels.*Format::row)(from, scales.subspan(block, 1), zeros.subspan(block, 1), length,
                                             to, tally);
        } else {
            (reference_kernels.*Format::row)(from, scales.subspan(block, 1), length, to, tally);
        }
    }
}

template<class Format>
[[SKW_TARGET]] void scaled_row(std::span<const std::byte> in, std::span<const float> scales,
                               std::size_t width, std::span<std::byte> out, Tally& tally)
{
    convert_blocks<Format>(in, scales, {}, width, out, tally);
}

template<class Format>
[[SKW_TARGET]] void zeroed_row(std::span<const std::byte> in, std::span<const float> scales,
                               std::span<const float> zeros, std::size_t width, std::span<std::byte> out,
                               Tally& tally)
{
    convert_blocks<Format>(in, scales, zeros, width, out, tally);
}

template<class Bf16, class F16, class F32, class E4m3, class E5m2, class I8, class I8Zero, class Fp4>
constexpr Kernels make_kernels(std::string_view name, bool (*runs_here)() noexcept)
{
    return {
        .name = name,
        .runs_here = runs_here,
        .bf16 = plain_row<Bf16>,
        .f16 = plain_row<F16>,
        .f32 = plain_row<F32>,
        .e4m3 = scaled_row<E4m3>,
        .e5m2 = scaled_row<E5m2>,
        .i8 = scaled_row<I8>,
        .i8_zero = zeroed_row<I8Zero>,
        .fp4 = scaled_row<Fp4>,
    };
}

} // namespace

} // namespace skw::mtp

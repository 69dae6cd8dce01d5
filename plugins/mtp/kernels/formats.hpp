// SPDX-License-Identifier: Apache-2.0
// What is the same about a format in every fast set, and how the end of a block is read and written.
#pragma once

#include "mtp/kernels/sets.hpp"

#include <cmath>
#include <cstring>

// Each set's source includes this once, and defines SKW_TARGET before if not every processor has its
// instructions: they are inlined only into functions, templates as well, that carry the attribute themselves.
#ifndef SKW_TARGET
#define SKW_TARGET
#endif
#define SKW_STEP SKW_TARGET, gnu::always_inline

namespace skw::mtp {

namespace {

// What a set adds to the facts below to make a format, "loaded" being whatever it likes:
//   step                   the number of elements converted at once
//   load(in)               the elements of a step, loaded; load(in, n): of its first n, and no more is read
//   store(out, results)    of a step; store(out, results, n): of its first n, and no more is written
// Where those of n are missing, an end goes through a copy with zeros behind it. Of a plain format:
//   odd(loaded)            something is for the reference
//   convert(loaded)        the results
// Of one with scales:
//   Odd, odd(loaded)       whatever | joins and Odd{} is none of; no odd() if all codes are finite
//   any(odd)               something is for the reference; what has been stored is not to be used
//   prepare(factor, zero)  what the elements of a block have in common
//   convert(loaded, prepared)
//   pair_width, two_blocks(in, scale, next_scale, out)   if two blocks of that width go faster together
struct Bf16Facts {
    static constexpr PlainRow Kernels::*row = &Kernels::bf16;
    static constexpr std::size_t bits = 16;
    static constexpr std::uint16_t exponent = 0x7f80;
};

struct F16Facts {
    static constexpr PlainRow Kernels::*row = &Kernels::f16;
    static constexpr std::size_t bits = 16;
    static constexpr std::uint16_t exponent = 0x7c00;
};

struct F32Facts {
    static constexpr PlainRow Kernels::*row = &Kernels::f32;
    static constexpr std::size_t bits = 32;
    static constexpr std::uint32_t largest = 0x7f7f7fff; // the last that does not round to infinity
};

template<std::size_t stored_bits, ScaledRow Kernels::*kernel>
struct ScaledFacts {
    static constexpr ScaledRow Kernels::*row = kernel;
    static constexpr std::size_t bits = stored_bits;
    static constexpr bool zeroed = false;
    static constexpr float factor(float scale) { return scale; }
};

// Code << 7 with its sign one place up is the F16 of the same fields, whose bias is larger by 8. So it is
// worth q * 2^-8, subnormals included, and the scale takes the 2^8, which a tame one can without rounding.
struct E4m3Facts : ScaledFacts<8, &Kernels::e4m3> {
    static constexpr float tame_scale = e4m3_tame_scale;
    static constexpr float factor(float scale) { return scale * 0x1p8f; }
};

// The upper byte of an F16.
struct E5m2Facts : ScaledFacts<8, &Kernels::e5m2> {
    static constexpr float tame_scale = e5m2_tame_scale;
};

struct I8Facts : ScaledFacts<8, &Kernels::i8> {
    static constexpr float tame_scale = i8_tame_scale;
};

struct I8ZeroFacts : I8Facts {
    static constexpr ZeroedRow Kernels::*row = &Kernels::i8_zero;
    static constexpr bool zeroed = true;
    static constexpr float tame_scale = i8_zero_tame_scale;
};

struct Fp4Facts : ScaledFacts<4, &Kernels::fp4> {
    static constexpr float tame_scale = fp4_tame_scale;
};

template<class Format>
constexpr std::size_t bytes_of(std::size_t elements)
{
    if constexpr (Format::bits < 8) {
        return elements / (8 / Format::bits);
    }
    return elements * (Format::bits / 8);
}

template<class Format>
bool tame(float scale)
{
    return std::fabs(scale) <= Format::tame_scale;
}

template<class Format>
[[SKW_STEP]] inline auto load(const std::byte* in, std::size_t n)
{
    if (n == Format::step) {
        return Format::load(in);
    }
    if constexpr (requires { Format::load(in, n); }) {
        return Format::load(in, n);
    } else {
        std::byte copy[bytes_of<Format>(Format::step)]{};
        std::memcpy(copy, in, bytes_of<Format>(n));
        return Format::load(copy);
    }
}

template<class Format>
[[SKW_STEP]] inline void store(std::byte* out, const auto& results, std::size_t n)
{
    if (n == Format::step) {
        Format::store(out, results);
    } else if constexpr (requires { Format::store(out, results, n); }) {
        Format::store(out, results, n);
    } else {
        std::byte copy[2 * Format::step];
        Format::store(copy, results);
        std::memcpy(out, copy, 2 * n);
    }
}

} // namespace

} // namespace skw::mtp

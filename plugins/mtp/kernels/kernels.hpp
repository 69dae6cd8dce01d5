// SPDX-License-Identifier: Apache-2.0
// Rows of stored elements to BF16. The reference defines the bits; the others only are faster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace skw::mtp {

// What was odd about a row; kernels count, callers judge.
struct Tally {
    std::uint64_t nan = 0;           // results that are not a number
    std::uint64_t inf_in_source = 0; // infinite elements
    std::uint64_t overflow = 0;      // finite in the source, infinite after rounding
};

// Rows. All sources are little-endian bytes; out: 2n bytes of BF16. Each adds to tally and never throws.
// Nothing beside in and out is touched, and neither needs an alignment. out may begin where in begins for the
// plain rows (conversion in place), else they do not overlap.
//
// A row that is scaled begins at a block: element i has scale i / width, of ceil(n / width); width is 1 or
// more, and may be larger than n. Scales and zero points are finite (the caller has checked), of any sign.
//
// All sets make the same bits and counts from the same bytes. Numbers are rounded as IEEE 754 has it,
// subnormals included. A NaN is the element's own made quiet, or 0x7fc0 where infinity meets a scale of 0;
// the bf16 row leaves it as it is. All need the usual floating-point environment: rounding to nearest, and
// subnormals neither flushed nor taken as zero.
using PlainRow = void (*)(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally);
using ScaledRow = void (*)(std::span<const std::byte> in, std::span<const float> scales, std::size_t width,
                           std::span<std::byte> out, Tally& tally);
using ZeroedRow = void (*)(std::span<const std::byte> in, std::span<const float> scales,
                           std::span<const float> zeros, std::size_t width, std::span<std::byte> out,
                           Tally& tally);

// One set of kernels for one instruction set.
struct Kernels {
    std::string_view name; // "reference", "avx2", "avx512", "neon"
    bool (*runs_here)() noexcept;
    PlainRow bf16;     // out[i] = in[i], bit for bit; counts
    PlainRow f16;      // out[i] = bf16(f32(in[i]))
    PlainRow f32;      // out[i] = bf16(in[i])
    ScaledRow e4m3;    // out[i] = bf16(f32(in[i]) * scales[i / width]): two roundings, FP32 then BF16
    ScaledRow e5m2;    // the same
    ScaledRow i8;      // the same, of signed bytes
    ZeroedRow i8_zero; // out[i] = bf16((f32(in[i]) - zeros[i / width]) * scales[i / width])
    ScaledRow fp4;     // the same as e4m3 of E2M1, in: n / 2 bytes, low nibble first; width is even
};

// Fastest first; the last is the reference, which runs everywhere.
std::span<const Kernels* const> all_kernels();
// The fastest that runs here, or the one that SKW_KERNELS names.
// fails   sdk::Failure(SKW_E_BAD_INPUT): SKW_KERNELS names none, or one that does not run here
const Kernels& choose_kernels();

} // namespace skw::mtp

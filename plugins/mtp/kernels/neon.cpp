// SPDX-License-Identifier: Apache-2.0
// NEON, which every 64-bit ARM has: 16 elements a step; the end of a block goes through a step of its own.
#if defined(__AARCH64EL__)
#include "mtp/kernels/decode.hpp"
#include "mtp/kernels/sets.hpp"

#include <algorithm>
#include <arm_neon.h>
#include <cmath>
#include <cstring>

namespace skw::mtp {

namespace {

constexpr std::size_t step = 16;

// 16 BF16, in order.
struct Results {
    uint16x8_t low, high;
};
// 16 elements as FP32, in order.
struct Elements {
    float32x4_t quarters[4];
};

uint8x16_t load16(const std::byte* in)
{
    return vld1q_u8(reinterpret_cast<const std::uint8_t*>(in));
}

void store(std::byte* out, Results results)
{
    vst1q_u8(reinterpret_cast<std::uint8_t*>(out), vreinterpretq_u8_u16(results.low));
    vst1q_u8(reinterpret_cast<std::uint8_t*>(out) + 16, vreinterpretq_u8_u16(results.high));
}

// BF16 in the upper half of each lane; the value is finite and stays so.
uint32x4_t rounded(float32x4_t value)
{
    const uint32x4_t bits = vreinterpretq_u32_f32(value);
    const uint32x4_t last = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    return vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7fff)), last);
}

uint16x8_t rounded(float32x4_t low, float32x4_t high)
{
    return vshrn_high_n_u32(vshrn_n_u32(rounded(low), 16), rounded(high), 16);
}

Results rounded(const Elements& elements)
{
    return {rounded(elements.quarters[0], elements.quarters[1]),
            rounded(elements.quarters[2], elements.quarters[3])};
}

Results times(const Elements& elements, float32x4_t factor)
{
    Elements products;
    for (int i = 0; i < 4; ++i) {
        products.quarters[i] = vmulq_f32(elements.quarters[i], factor);
    }
    return rounded(products);
}

Elements widened(uint16x8_t low, uint16x8_t high)
{
    const float16x8_t first = vreinterpretq_f16_u16(low);
    const float16x8_t second = vreinterpretq_f16_u16(high);
    return {{vcvt_f32_f16(vget_low_f16(first)), vcvt_high_f32_f16(first), vcvt_f32_f16(vget_low_f16(second)),
             vcvt_high_f32_f16(second)}};
}

// --- one scale over n bytes of codes; false: there was something odd, out is not to be used
// --------------------

// Code << 7 with its sign one place up is the F16 of the same fields, whose bias is larger by 8. So it is
// worth q * 2^-8, subnormals included, and the scale takes the 2^8, which a tame one can without rounding.
struct E4m3 {
    static constexpr float tame_scale = e4m3_tame_scale;
    static uint8x16_t odd(uint8x16_t codes)
    {
        return vceqq_u8(vorrq_u8(codes, vdupq_n_u8(0x80)), vdupq_n_u8(0xff));
    }
    static float factor(float scale) { return scale * 0x1p8f; }
    static Results convert(uint8x16_t codes, float32x4_t factor, float32x4_t)
    {
        const int8x16_t fields = vreinterpretq_s8_u8(codes);
        const uint16x8_t all = vdupq_n_u16(0xbfff);
        const uint16x8_t low = vreinterpretq_u16_s16(vshll_n_s8(vget_low_s8(fields), 7));
        const uint16x8_t high = vreinterpretq_u16_s16(vshll_high_n_s8(fields, 7));
        return times(widened(vandq_u16(low, all), vandq_u16(high, all)), factor);
    }
};

struct E5m2 {
    static constexpr float tame_scale = e5m2_tame_scale;
    static uint8x16_t odd(uint8x16_t codes)
    {
        const uint8x16_t exponent = vdupq_n_u8(0x7c);
        return vceqq_u8(vandq_u8(codes, exponent), exponent);
    }
    static float factor(float scale) { return scale; }
    static Results convert(uint8x16_t codes, float32x4_t factor, float32x4_t)
    {
        const uint8x16_t zero = vdupq_n_u8(0);
        return times(widened(vreinterpretq_u16_u8(vzip1q_u8(zero, codes)),
                             vreinterpretq_u16_u8(vzip2q_u8(zero, codes))),
                     factor);
    }
};

struct I8 {
    static constexpr float tame_scale = i8_tame_scale;
    static uint8x16_t odd(uint8x16_t) { return vdupq_n_u8(0); }
    static float factor(float scale) { return scale; }
    static Elements elements(uint8x16_t codes)
    {
        const int16x8_t low = vmovl_s8(vget_low_s8(vreinterpretq_s8_u8(codes)));
        const int16x8_t high = vmovl_high_s8(vreinterpretq_s8_u8(codes));
        return {{vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
                 vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))}};
    }
    static Results convert(uint8x16_t codes, float32x4_t factor, float32x4_t)
    {
        return times(elements(codes), factor);
    }
};

struct I8Zero : I8 {
    static constexpr float tame_scale = i8_zero_tame_scale;
    static Results convert(uint8x16_t codes, float32x4_t factor, float32x4_t zero)
    {
        Elements differences = elements(codes);
        for (float32x4_t& quarter : differences.quarters) {
            quarter = vsubq_f32(quarter, zero);
        }
        return times(differences, factor);
    }
};

template<class Format>
bool convert_block(const std::byte* in, std::size_t n, float scale, float zero, std::byte* out)
{
    const float32x4_t factor = vdupq_n_f32(Format::factor(scale));
    const float32x4_t zeros = vdupq_n_f32(zero);
    uint8x16_t odd = vdupq_n_u8(0);
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        const uint8x16_t codes = load16(in + i);
        odd = vorrq_u8(odd, Format::odd(codes));
        store(out + 2 * i, Format::convert(codes, factor, zeros));
    }
    if (i < n) {
        std::byte rest[step]{};
        std::byte made[2 * step];
        std::memcpy(rest, in + i, n - i);
        const uint8x16_t codes = load16(rest);
        odd = vorrq_u8(odd, Format::odd(codes));
        store(made, Format::convert(codes, factor, zeros));
        std::memcpy(out + 2 * i, made, 2 * (n - i));
    }
    return vmaxvq_u8(odd) == 0;
}

template<class Format, ScaledRow Kernels::*row>
void scaled_row(std::span<const std::byte> in, std::span<const float> scales, std::size_t width,
                std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    std::size_t length = 0;
    for (std::size_t block = 0, at = 0; at < n; ++block, at += length) {
        length = std::min(width, n - at);
        const float scale = scales[block];
        if (!(std::fabs(scale) <= Format::tame_scale) ||
            !convert_block<Format>(in.data() + at, length, scale, 0, out.data() + 2 * at)) {
            (reference_kernels.*row)(in.subspan(at, length), scales.subspan(block, 1), length,
                                     out.subspan(2 * at, 2 * length), tally);
        }
    }
}

void i8_zero_row(std::span<const std::byte> in, std::span<const float> scales, std::span<const float> zeros,
                 std::size_t width, std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    std::size_t length = 0;
    for (std::size_t block = 0, at = 0; at < n; ++block, at += length) {
        length = std::min(width, n - at);
        const float scale = scales[block];
        const float zero = zeros[block];
        if (!(std::fabs(scale) <= I8Zero::tame_scale) || !(std::fabs(zero) <= tame_zero)) {
            reference_kernels.i8_zero(in.subspan(at, length), scales.subspan(block, 1),
                                      zeros.subspan(block, 1), length, out.subspan(2 * at, 2 * length),
                                      tally);
            continue;
        }
        convert_block<I8Zero>(in.data() + at, length, scale, zero, out.data() + 2 * at);
    }
}

// --- FP4: the 16 results of a block are two tables of bytes, and the nibbles pick from both
// ----------------------

struct Fp4Results {
    uint8x16_t low_bytes, high_bytes;
};

Fp4Results fp4_results(float scale)
{
    const uint16x8_t words = rounded(vmulq_n_f32(vld1q_f32(e2m1_sizes.data()), scale),
                                     vmulq_n_f32(vld1q_f32(e2m1_sizes.data() + 4), scale));
    // Rounding to even is the same on both sides of zero, so codes 8 to 15 differ in the sign alone.
    const uint16x8_t negated = veorq_u16(words, vdupq_n_u16(0x8000));
    return {vuzp1q_u8(vreinterpretq_u8_u16(words), vreinterpretq_u8_u16(negated)),
            vuzp2q_u8(vreinterpretq_u8_u16(words), vreinterpretq_u8_u16(negated))};
}

// 16 elements of 8 bytes.
void fp4_step(const std::byte* in, const Fp4Results& results, std::byte* out)
{
    const uint8x8_t pairs = vld1_u8(reinterpret_cast<const std::uint8_t*>(in));
    const uint8x8x2_t zipped = vzip_u8(vand_u8(pairs, vdup_n_u8(0xf)), vshr_n_u8(pairs, 4));
    const uint8x16_t indexes = vcombine_u8(zipped.val[0], zipped.val[1]);
    const uint8x16x2_t made = {
        {vqtbl1q_u8(results.low_bytes, indexes), vqtbl1q_u8(results.high_bytes, indexes)}};
    vst2q_u8(reinterpret_cast<std::uint8_t*>(out), made);
}

void fp4_block(const std::byte* in, std::size_t n, float scale, std::byte* out)
{
    const Fp4Results results = fp4_results(scale);
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        fp4_step(in + i / 2, results, out + 2 * i);
    }
    if (i < n) {
        std::byte rest[step / 2]{};
        std::byte made[2 * step];
        std::memcpy(rest, in + i / 2, (n - i) / 2);
        fp4_step(rest, results, made);
        std::memcpy(out + 2 * i, made, 2 * (n - i));
    }
}

void fp4_row(std::span<const std::byte> in, std::span<const float> scales, std::size_t width,
             std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    std::size_t length = 0;
    for (std::size_t block = 0, at = 0; at < n; ++block, at += length) {
        length = std::min(width, n - at);
        const float scale = scales[block];
        if (!(std::fabs(scale) <= fp4_tame_scale)) {
            reference_kernels.fp4(in.subspan(at / 2, length / 2), scales.subspan(block, 1), length,
                                  out.subspan(2 * at, 2 * length), tally);
            continue;
        }
        fp4_block(in.data() + at / 2, length, scale, out.data() + 2 * at);
    }
}

// --- without a scale; in may be where out is, so each step is looked at before it is stored
// ----------------------

template<std::uint16_t exponent>
bool any_without_end(uint16x8_t low, uint16x8_t high)
{
    const uint16x8_t all = vdupq_n_u16(exponent);
    const uint16x8_t odd =
        vorrq_u16(vceqq_u16(vandq_u16(low, all), all), vceqq_u16(vandq_u16(high, all), all));
    return vmaxvq_u16(odd) != 0;
}

struct Bf16 {
    static constexpr std::size_t bytes = 2;
    static constexpr PlainRow Kernels::*row = &Kernels::bf16;
    static Results convert(const std::byte* in, bool& odd)
    {
        const Results codes = {vreinterpretq_u16_u8(load16(in)), vreinterpretq_u16_u8(load16(in + 16))};
        odd = any_without_end<0x7f80>(codes.low, codes.high);
        return codes;
    }
};

struct F16 {
    static constexpr std::size_t bytes = 2;
    static constexpr PlainRow Kernels::*row = &Kernels::f16;
    static Results convert(const std::byte* in, bool& odd)
    {
        const uint16x8_t low = vreinterpretq_u16_u8(load16(in));
        const uint16x8_t high = vreinterpretq_u16_u8(load16(in + 16));
        odd = any_without_end<0x7c00>(low, high);
        return rounded(widened(low, high));
    }
};

struct F32 {
    static constexpr std::size_t bytes = 4;
    static constexpr PlainRow Kernels::*row = &Kernels::f32;
    static Results convert(const std::byte* in, bool& odd)
    {
        Elements elements;
        uint32x4_t worst = vdupq_n_u32(0);
        for (std::size_t i = 0; i < 4; ++i) {
            const uint32x4_t bits = vreinterpretq_u32_u8(load16(in + 16 * i));
            worst = vmaxq_u32(worst, vandq_u32(bits, vdupq_n_u32(0x7fffffff)));
            elements.quarters[i] = vreinterpretq_f32_u32(bits);
        }
        odd = vmaxvq_u32(worst) > 0x7f7f7fff; // the last that does not round to infinity
        return rounded(elements);
    }
};

template<class Format>
void plain_row(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    for (std::size_t i = 0; i < n; i += step) {
        const std::size_t length = std::min(step, n - i);
        if (length == step) {
            bool odd = false;
            const Results made = Format::convert(in.data() + Format::bytes * i, odd);
            if (!odd) {
                store(out.data() + 2 * i, made);
                continue;
            }
        }
        (reference_kernels.*Format::row)(in.subspan(Format::bytes * i, Format::bytes * length),
                                         out.subspan(2 * i, 2 * length), tally);
    }
}

bool runs_here() noexcept
{
    return true;
}

} // namespace

constinit const Kernels neon_kernels{
    .name = "neon",
    .runs_here = runs_here,
    .bf16 = plain_row<Bf16>,
    .f16 = plain_row<F16>,
    .f32 = plain_row<F32>,
    .e4m3 = scaled_row<E4m3, &Kernels::e4m3>,
    .e5m2 = scaled_row<E5m2, &Kernels::e5m2>,
    .i8 = scaled_row<I8, &Kernels::i8>,
    .i8_zero = i8_zero_row,
    .fp4 = fp4_row,
};

} // namespace skw::mtp
#endif

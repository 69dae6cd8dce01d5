// SPDX-License-Identifier: Apache-2.0
// AVX-512 (F, BW, VL): 32 elements a step, ends under masks. VCVTNEPS2BF16 is no use: it flushes subnormals.
#if defined(__x86_64__)
#include "mtp/kernels/sets.hpp"

#include <algorithm>
#include <cmath>
#include <immintrin.h>

#define SKW_AVX512 gnu::target("avx512f,avx512bw,avx512vl")
#define SKW_AVX512_STEP SKW_AVX512, gnu::always_inline

namespace skw::mtp {

namespace {

constexpr std::size_t step = 32;

[[SKW_AVX512_STEP]] inline __mmask32 first(std::size_t n)
{
    return n >= step ? ~__mmask32{0} : (__mmask32{1} << n) - 1;
}

// BF16 in the upper half of each lane; the value is finite and stays so.
[[SKW_AVX512_STEP]] inline __m512i rounded(__m512 value)
{
    const __m512i bits = _mm512_castps_si512(value);
    const __m512i last = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    return _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), last);
}

// The upper halves of 16 and 16 lanes, in order.
[[SKW_AVX512_STEP]] inline __m512i upper_halves(__m512i low, __m512i high)
{
    const __m512i odd = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31,
                                         29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    return _mm512_permutex2var_epi16(low, odd, high);
}

[[SKW_AVX512_STEP]] inline __m512i rounded(__m512 low, __m512 high)
{
    return upper_halves(rounded(low), rounded(high));
}

[[SKW_AVX512_STEP]] inline __m512i times(__m512i f16, __m512 factor)
{
    const __m512 low = _mm512_cvtph_ps(_mm512_castsi512_si256(f16));
    const __m512 high = _mm512_cvtph_ps(_mm512_extracti64x4_epi64(f16, 1));
    return rounded(_mm512_mul_ps(low, factor), _mm512_mul_ps(high, factor));
}

// --- one scale over n bytes of codes; false: there was something odd, out is not to be used
// --------------------

// Code << 7 with its sign one place up is the F16 of the same fields, whose bias is larger by 8. So it is
// worth q * 2^-8, subnormals included, and the scale takes the 2^8, which a tame one can without rounding.
struct E4m3 {
    static constexpr float tame_scale = e4m3_tame_scale;
    [[SKW_AVX512_STEP]] static __mmask32 odd(__m256i codes)
    {
        const __m256i sizes = _mm256_or_si256(codes, _mm256_set1_epi8(-128));
        return _mm256_cmpeq_epi8_mask(sizes, _mm256_set1_epi8(-1));
    }
    [[SKW_AVX512_STEP]] static float factor(float scale) { return scale * 0x1p8f; }
    [[SKW_AVX512_STEP]] static __m512i convert(__m256i codes, __m512 factor, __m512)
    {
        const __m512i shifted = _mm512_slli_epi16(_mm512_cvtepi8_epi16(codes), 7);
        return times(_mm512_and_si512(shifted, _mm512_set1_epi16(static_cast<short>(0xbfff))), factor);
    }
};

struct E5m2 {
    static constexpr float tame_scale = e5m2_tame_scale;
    [[SKW_AVX512_STEP]] static __mmask32 odd(__m256i codes)
    {
        const __m256i exponents = _mm256_and_si256(codes, _mm256_set1_epi8(0x7c));
        return _mm256_cmpeq_epi8_mask(exponents, _mm256_set1_epi8(0x7c));
    }
    [[SKW_AVX512_STEP]] static float factor(float scale) { return scale; }
    [[SKW_AVX512_STEP]] static __m512i convert(__m256i codes, __m512 factor, __m512)
    {
        return times(_mm512_slli_epi16(_mm512_cvtepu8_epi16(codes), 8), factor);
    }
};

struct I8 {
    static constexpr float tame_scale = i8_tame_scale;
    [[SKW_AVX512_STEP]] static __mmask32 odd(__m256i) { return 0; }
    [[SKW_AVX512_STEP]] static float factor(float scale) { return scale; }
    [[SKW_AVX512_STEP]] static __m512i convert(__m256i codes, __m512 factor, __m512)
    {
        const __m512 low = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(codes)));
        const __m512 high = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(codes, 1)));
        return rounded(_mm512_mul_ps(low, factor), _mm512_mul_ps(high, factor));
    }
};

struct I8Zero : I8 {
    static constexpr float tame_scale = i8_zero_tame_scale;
    [[SKW_AVX512_STEP]] static __m512i convert(__m256i codes, __m512 factor, __m512 zero)
    {
        const __m512 low = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(codes)));
        const __m512 high = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(codes, 1)));
        return rounded(_mm512_mul_ps(_mm512_sub_ps(low, zero), factor),
                       _mm512_mul_ps(_mm512_sub_ps(high, zero), factor));
    }
};

template<class Format>
[[SKW_AVX512_STEP]] inline bool convert_block(const std::byte* in, std::size_t n, float scale, float zero,
                                              std::byte* out)
{
    const __m512 factor = _mm512_set1_ps(Format::factor(scale));
    const __m512 zeros = _mm512_set1_ps(zero);
    __mmask32 odd = 0;
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        const __m256i codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
        odd |= Format::odd(codes);
        _mm512_storeu_si512(out + 2 * i, Format::convert(codes, factor, zeros));
    }
    if (i < n) {
        const __mmask32 rest = first(n - i);
        const __m256i codes = _mm256_maskz_loadu_epi8(rest, in + i);
        odd |= Format::odd(codes);
        _mm512_mask_storeu_epi16(out + 2 * i, rest, Format::convert(codes, factor, zeros));
    }
    return odd == 0;
}

template<class Format, ScaledRow Kernels::*row>
[[SKW_AVX512]] void scaled_row(std::span<const std::byte> in, std::span<const float> scales,
                               std::size_t width, std::span<std::byte> out, Tally& tally)
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

[[SKW_AVX512]] void i8_zero_row(std::span<const std::byte> in, std::span<const float> scales,
                                std::span<const float> zeros, std::size_t width, std::span<std::byte> out,
                                Tally& tally)
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

// --- FP4: the 16 results of a block are a table of 16 lanes, and the nibbles pick from it
// ------------------------

[[SKW_AVX512_STEP]] inline __m512i fp4_results(float scale)
{
    const __m512 values = _mm512_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f, -1.0f,
                                         -1.5f, -2.0f, -3.0f, -4.0f, -6.0f);
    return rounded(_mm512_mul_ps(values, _mm512_set1_ps(scale)));
}

// Of 16 bytes, the 32 nibbles in order, each as the index of a lane's upper half: 2 * nibble + 1. A lane
// holds the two elements of a byte; VPERMW reads five bits of an index, so what stands above them does not
// matter.
[[SKW_AVX512_STEP]] inline __m512i fp4_indexes(__m128i pairs)
{
    const __m512i bytes = _mm512_cvtepu8_epi32(pairs);
    const __m512i low = _mm512_slli_epi32(bytes, 1);
    const __m512i high = _mm512_slli_epi32(bytes, 13); // high nibble to bits 17..20, the next word's 1..4
    return _mm512_ternarylogic_epi32(low, high, _mm512_set1_epi32(0x00010001), 0xfe); // a | b | c
}

[[SKW_AVX512_STEP]] inline void fp4_block(const std::byte* in, std::size_t n, float scale, std::byte* out)
{
    const __m512i results = fp4_results(scale);
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        const __m128i pairs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i / 2));
        _mm512_storeu_si512(out + 2 * i, _mm512_permutexvar_epi16(fp4_indexes(pairs), results));
    }
    if (i < n) {
        const __m128i pairs = _mm_maskz_loadu_epi8(static_cast<__mmask16>(first((n - i) / 2)), in + i / 2);
        _mm512_mask_storeu_epi16(out + 2 * i, first(n - i),
                                 _mm512_permutexvar_epi16(fp4_indexes(pairs), results));
    }
}

// Two blocks of 16 at once, the width of NVFP4: two tables, bit 5 of an index says which.
[[SKW_AVX512_STEP]] inline void fp4_two_of_16(const std::byte* in, float scale, float next_scale,
                                              std::byte* out)
{
    const __m512i second = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 0x00200020, 0x00200020, 0x00200020,
                                             0x00200020, 0x00200020, 0x00200020, 0x00200020, 0x00200020);
    const __m128i pairs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m512i lanes = _mm512_and_si512(fp4_indexes(pairs), _mm512_set1_epi32(0x001f001f));
    _mm512_storeu_si512(out, _mm512_permutex2var_epi16(fp4_results(scale), _mm512_or_si512(lanes, second),
                                                       fp4_results(next_scale)));
}

[[SKW_AVX512]] void fp4_row(std::span<const std::byte> in, std::span<const float> scales, std::size_t width,
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
        if (width == 16 && n - at >= 32 && std::fabs(scales[block + 1]) <= fp4_tame_scale) {
            fp4_two_of_16(in.data() + at / 2, scale, scales[block + 1], out.data() + 2 * at);
            length = 32;
            ++block;
            continue;
        }
        fp4_block(in.data() + at / 2, length, scale, out.data() + 2 * at);
    }
}

// --- without a scale; in may be where out is, so each step is looked at before it is stored
// ----------------------

struct Bf16 {
    static constexpr std::size_t bytes = 2;
    static constexpr PlainRow Kernels::*row = &Kernels::bf16;
    struct Loaded {
        __m512i codes;
    };
    [[SKW_AVX512_STEP]] static Loaded load(const std::byte* in, __mmask32 mask)
    {
        return {_mm512_maskz_loadu_epi16(mask, in)};
    }
    [[SKW_AVX512_STEP]] static bool odd(const Loaded& from)
    {
        const __m512i exponent = _mm512_set1_epi16(0x7f80);
        return _mm512_cmpeq_epi16_mask(_mm512_and_si512(from.codes, exponent), exponent) != 0;
    }
    [[SKW_AVX512_STEP]] static __m512i convert(const Loaded& from) { return from.codes; }
};

struct F16 : Bf16 {
    static constexpr PlainRow Kernels::*row = &Kernels::f16;
    [[SKW_AVX512_STEP]] static bool odd(const Loaded& from)
    {
        const __m512i exponent = _mm512_set1_epi16(0x7c00);
        return _mm512_cmpeq_epi16_mask(_mm512_and_si512(from.codes, exponent), exponent) != 0;
    }
    [[SKW_AVX512_STEP]] static __m512i convert(const Loaded& from)
    {
        return rounded(_mm512_cvtph_ps(_mm512_castsi512_si256(from.codes)),
                       _mm512_cvtph_ps(_mm512_extracti64x4_epi64(from.codes, 1)));
    }
};

struct F32 {
    static constexpr std::size_t bytes = 4;
    static constexpr PlainRow Kernels::*row = &Kernels::f32;
    struct Loaded {
        __m512i low, high;
    };
    [[SKW_AVX512_STEP]] static Loaded load(const std::byte* in, __mmask32 mask)
    {
        return {_mm512_maskz_loadu_epi32(static_cast<__mmask16>(mask), in),
                _mm512_maskz_loadu_epi32(static_cast<__mmask16>(mask >> 16), in + 64)};
    }
    [[SKW_AVX512_STEP]] static bool odd(const Loaded& from)
    {
        const __m512i sizes = _mm512_set1_epi32(0x7fffffff);
        const __m512i largest = _mm512_set1_epi32(0x7f7f7fff); // the last that does not round to infinity
        const __m512i worst =
            _mm512_max_epu32(_mm512_and_si512(from.low, sizes), _mm512_and_si512(from.high, sizes));
        return _mm512_cmpgt_epu32_mask(worst, largest) != 0;
    }
    [[SKW_AVX512_STEP]] static __m512i convert(const Loaded& from)
    {
        return rounded(_mm512_castsi512_ps(from.low), _mm512_castsi512_ps(from.high));
    }
};

template<class Format>
[[SKW_AVX512]] void plain_row(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    for (std::size_t i = 0; i < n; i += step) {
        const __mmask32 mask = first(n - i);
        const typename Format::Loaded from = Format::load(in.data() + Format::bytes * i, mask);
        if (Format::odd(from)) {
            const std::size_t length = std::min(step, n - i);
            (reference_kernels.*Format::row)(in.subspan(Format::bytes * i, Format::bytes * length),
                                             out.subspan(2 * i, 2 * length), tally);
        } else {
            _mm512_mask_storeu_epi16(out.data() + 2 * i, mask, Format::convert(from));
        }
    }
}

bool runs_here() noexcept
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}

} // namespace

constinit const Kernels avx512_kernels{
    .name = "avx512",
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

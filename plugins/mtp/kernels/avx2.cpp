// SPDX-License-Identifier: Apache-2.0
// AVX2 with F16C: 16 elements a step; the end of a block goes through a step of its own.
#if defined(__x86_64__)
#include "mtp/kernels/sets.hpp"

#include <algorithm>
#include <cmath>
#include <cpuid.h>
#include <cstring>
#include <immintrin.h>

#define SKW_AVX2 gnu::target("avx2,f16c")
#define SKW_AVX2_STEP SKW_AVX2, gnu::always_inline

namespace skw::mtp {

namespace {

constexpr std::size_t step = 16;

// BF16 in the lower half of each lane; the value is finite and stays so.
[[SKW_AVX2_STEP]] inline __m256i rounded(__m256 value)
{
    const __m256i bits = _mm256_castps_si256(value);
    const __m256i last = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i sum = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), last);
    return _mm256_srli_epi32(sum, 16);
}

// Elements 0-3 and 8-11 in one register, the others in the second, as the packing of lanes wants them.
struct Crossed {
    __m256 outer, inner;
};

[[SKW_AVX2_STEP]] inline __m128i cross(__m128i codes)
{
    return _mm_shuffle_epi32(codes, _MM_SHUFFLE(3, 1, 2, 0));
}

[[SKW_AVX2_STEP]] inline __m256i times(Crossed values, __m256 factor)
{
    return _mm256_packus_epi32(rounded(_mm256_mul_ps(values.outer, factor)),
                               rounded(_mm256_mul_ps(values.inner, factor)));
}

[[SKW_AVX2_STEP]] inline __m128i load16(const std::byte* in)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
}

[[SKW_AVX2_STEP]] inline void store32(std::byte* out, __m256i value)
{
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), value);
}

// --- one scale over n bytes of codes; false: there was something odd, out is not to be used
// --------------------

// Code << 7 with its sign one place up is the F16 of the same fields, whose bias is larger by 8. So it is
// worth q * 2^-8, subnormals included, and the scale takes the 2^8, which a tame one can without rounding.
struct E4m3 {
    static constexpr float tame_scale = e4m3_tame_scale;
    [[SKW_AVX2_STEP]] static __m128i odd(__m128i codes)
    {
        return _mm_cmpeq_epi8(_mm_or_si128(codes, _mm_set1_epi8(-128)), _mm_set1_epi8(-1));
    }
    [[SKW_AVX2_STEP]] static float factor(float scale) { return scale * 0x1p8f; }
    [[SKW_AVX2_STEP]] static __m256 widened(__m128i upper_bytes)
    {
        const __m128i fields = _mm_srai_epi16(upper_bytes, 1);
        return _mm256_cvtph_ps(_mm_and_si128(fields, _mm_set1_epi16(static_cast<short>(0xbfff))));
    }
    [[SKW_AVX2_STEP]] static __m256i convert(__m128i codes, __m256 factor, __m256)
    {
        const __m128i crossed = cross(codes);
        return times({widened(_mm_unpacklo_epi8(_mm_setzero_si128(), crossed)),
                      widened(_mm_unpackhi_epi8(_mm_setzero_si128(), crossed))},
                     factor);
    }
};

struct E5m2 {
    static constexpr float tame_scale = e5m2_tame_scale;
    [[SKW_AVX2_STEP]] static __m128i odd(__m128i codes)
    {
        const __m128i exponent = _mm_set1_epi8(0x7c);
        return _mm_cmpeq_epi8(_mm_and_si128(codes, exponent), exponent);
    }
    [[SKW_AVX2_STEP]] static float factor(float scale) { return scale; }
    [[SKW_AVX2_STEP]] static __m256i convert(__m128i codes, __m256 factor, __m256)
    {
        const __m128i crossed = cross(codes);
        return times({_mm256_cvtph_ps(_mm_unpacklo_epi8(_mm_setzero_si128(), crossed)),
                      _mm256_cvtph_ps(_mm_unpackhi_epi8(_mm_setzero_si128(), crossed))},
                     factor);
    }
};

struct I8 {
    static constexpr float tame_scale = i8_tame_scale;
    [[SKW_AVX2_STEP]] static __m128i odd(__m128i) { return _mm_setzero_si128(); }
    [[SKW_AVX2_STEP]] static float factor(float scale) { return scale; }
    [[SKW_AVX2_STEP]] static Crossed values(__m128i codes)
    {
        const __m128i crossed = cross(codes);
        return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(crossed)),
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(crossed, 8)))};
    }
    [[SKW_AVX2_STEP]] static __m256i convert(__m128i codes, __m256 factor, __m256)
    {
        return times(values(codes), factor);
    }
};

struct I8Zero : I8 {
    static constexpr float tame_scale = i8_zero_tame_scale;
    [[SKW_AVX2_STEP]] static __m256i convert(__m128i codes, __m256 factor, __m256 zero)
    {
        const Crossed elements = values(codes);
        return times({_mm256_sub_ps(elements.outer, zero), _mm256_sub_ps(elements.inner, zero)}, factor);
    }
};

template<class Format>
[[SKW_AVX2_STEP]] inline bool convert_block(const std::byte* in, std::size_t n, float scale, float zero,
                                            std::byte* out)
{
    const __m256 factor = _mm256_set1_ps(Format::factor(scale));
    const __m256 zeros = _mm256_set1_ps(zero);
    __m128i odd = _mm_setzero_si128();
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        const __m128i codes = load16(in + i);
        odd = _mm_or_si128(odd, Format::odd(codes));
        store32(out + 2 * i, Format::convert(codes, factor, zeros));
    }
    if (i < n) {
        std::byte rest[step]{};
        std::byte made[2 * step];
        std::memcpy(rest, in + i, n - i);
        const __m128i codes = load16(rest);
        odd = _mm_or_si128(odd, Format::odd(codes));
        store32(made, Format::convert(codes, factor, zeros));
        std::memcpy(out + 2 * i, made, 2 * (n - i));
    }
    return _mm_movemask_epi8(odd) == 0;
}

template<class Format, ScaledRow Kernels::*row>
[[SKW_AVX2]] void scaled_row(std::span<const std::byte> in, std::span<const float> scales, std::size_t width,
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

[[SKW_AVX2]] void i8_zero_row(std::span<const std::byte> in, std::span<const float> scales,
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

// --- FP4: the 16 results of a block are two tables of bytes, and the nibbles pick from both
// ----------------------

struct Fp4Results {
    __m128i low_bytes, high_bytes;
};

[[SKW_AVX2_STEP]] inline Fp4Results fp4_results(float scale)
{
    const __m256 sizes = _mm256_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f);
    const __m256i made = rounded(_mm256_mul_ps(sizes, _mm256_set1_ps(scale)));
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(made), _mm256_extracti128_si256(made, 1));
    // Rounding to even is the same on both sides of zero, so codes 8 to 15 differ in the sign alone.
    const __m128i negated = _mm_xor_si128(words, _mm_set1_epi16(static_cast<short>(0x8000)));
    const __m128i low = _mm_and_si128(words, _mm_set1_epi16(0xff));
    return {_mm_packus_epi16(low, low),
            _mm_packus_epi16(_mm_srli_epi16(words, 8), _mm_srli_epi16(negated, 8))};
}

// 16 elements of 8 bytes.
[[SKW_AVX2_STEP]] inline void fp4_step(const std::byte* in, const Fp4Results& results, std::byte* out)
{
    const __m128i pairs = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(in));
    const __m128i nibble = _mm_set1_epi8(0xf);
    const __m128i indexes =
        _mm_unpacklo_epi8(_mm_and_si128(pairs, nibble), _mm_and_si128(_mm_srli_epi16(pairs, 4), nibble));
    const __m128i low = _mm_shuffle_epi8(results.low_bytes, indexes);
    const __m128i high = _mm_shuffle_epi8(results.high_bytes, indexes);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_unpacklo_epi8(low, high));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16), _mm_unpackhi_epi8(low, high));
}

// 32 elements of 16 bytes. The lower lane takes bytes 0-3 and 8-11, so that unpacking leaves elements in
// order.
[[SKW_AVX2_STEP]] inline void fp4_two_steps(const std::byte* in, const Fp4Results& results, std::byte* out)
{
    const __m256i lanes = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(load16(in)),
                                                      _mm256_setr_epi32(0, 2, 0, 2, 1, 3, 1, 3));
    const __m256i nibble = _mm256_set1_epi8(0xf);
    const __m256i indexes = _mm256_unpacklo_epi8(_mm256_and_si256(lanes, nibble),
                                                 _mm256_and_si256(_mm256_srli_epi16(lanes, 4), nibble));
    const __m256i low = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(results.low_bytes), indexes);
    const __m256i high = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(results.high_bytes), indexes);
    store32(out, _mm256_unpacklo_epi8(low, high));
    store32(out + 32, _mm256_unpackhi_epi8(low, high));
}

[[SKW_AVX2_STEP]] inline void fp4_block(const std::byte* in, std::size_t n, float scale, std::byte* out)
{
    const Fp4Results results = fp4_results(scale);
    std::size_t i = 0;
    for (; i + 2 * step <= n; i += 2 * step) {
        fp4_two_steps(in + i / 2, results, out + 2 * i);
    }
    if (i + step <= n) {
        fp4_step(in + i / 2, results, out + 2 * i);
        i += step;
    }
    if (i < n) {
        std::byte rest[step / 2]{};
        std::byte made[2 * step];
        std::memcpy(rest, in + i / 2, (n - i) / 2);
        fp4_step(rest, results, made);
        std::memcpy(out + 2 * i, made, 2 * (n - i));
    }
}

// Two blocks of 16 at once, the width of NVFP4: a lane each, with tables of its own.
[[SKW_AVX2_STEP]] inline void fp4_two_of_16(const std::byte* in, float scale, float next_scale,
                                            std::byte* out)
{
    const __m256 sizes = _mm256_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f);
    const __m256i made = _mm256_packus_epi32(rounded(_mm256_mul_ps(sizes, _mm256_set1_ps(scale))),
                                             rounded(_mm256_mul_ps(sizes, _mm256_set1_ps(next_scale))));
    const __m256i words = _mm256_permute4x64_epi64(made, _MM_SHUFFLE(3, 1, 2, 0));
    const __m256i negated = _mm256_xor_si256(words, _mm256_set1_epi16(static_cast<short>(0x8000)));
    const __m256i low_halves = _mm256_and_si256(words, _mm256_set1_epi16(0xff));
    const __m256i low_bytes = _mm256_packus_epi16(low_halves, low_halves);
    const __m256i high_bytes =
        _mm256_packus_epi16(_mm256_srli_epi16(words, 8), _mm256_srli_epi16(negated, 8));

    const __m256i lanes =
        _mm256_permute4x64_epi64(_mm256_castsi128_si256(load16(in)), _MM_SHUFFLE(1, 1, 0, 0));
    const __m256i nibble = _mm256_set1_epi8(0xf);
    const __m256i indexes = _mm256_unpacklo_epi8(_mm256_and_si256(lanes, nibble),
                                                 _mm256_and_si256(_mm256_srli_epi16(lanes, 4), nibble));
    const __m256i low = _mm256_shuffle_epi8(low_bytes, indexes);
    const __m256i high = _mm256_shuffle_epi8(high_bytes, indexes);
    const __m256i begins = _mm256_unpacklo_epi8(low, high); // of each block
    const __m256i ends = _mm256_unpackhi_epi8(low, high);
    store32(out, _mm256_permute2x128_si256(begins, ends, 0x20));
    store32(out + 32, _mm256_permute2x128_si256(begins, ends, 0x31));
}

[[SKW_AVX2]] void fp4_row(std::span<const std::byte> in, std::span<const float> scales, std::size_t width,
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

// Two registers of four-lane halves, in order: packing takes them apart, the permutation puts them back.
[[SKW_AVX2_STEP]] inline __m256i in_order(__m256i low, __m256i high)
{
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0));
}

[[SKW_AVX2_STEP]] inline __m256i load32(const std::byte* in)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
}

struct Bf16 {
    static constexpr std::size_t bytes = 2;
    static constexpr PlainRow Kernels::*row = &Kernels::bf16;
    static constexpr short exponent = 0x7f80;
    [[SKW_AVX2_STEP]] static __m256i convert(const std::byte* in, __m256i& odd)
    {
        const __m256i codes = load32(in);
        const __m256i all = _mm256_set1_epi16(exponent);
        odd = _mm256_cmpeq_epi16(_mm256_and_si256(codes, all), all);
        return codes;
    }
};

struct F16 {
    static constexpr std::size_t bytes = 2;
    static constexpr PlainRow Kernels::*row = &Kernels::f16;
    static constexpr short exponent = 0x7c00;
    [[SKW_AVX2_STEP]] static __m256i convert(const std::byte* in, __m256i& odd)
    {
        const __m256i codes = load32(in);
        const __m256i all = _mm256_set1_epi16(exponent);
        odd = _mm256_cmpeq_epi16(_mm256_and_si256(codes, all), all);
        return in_order(rounded(_mm256_cvtph_ps(_mm256_castsi256_si128(codes))),
                        rounded(_mm256_cvtph_ps(_mm256_extracti128_si256(codes, 1))));
    }
};

struct F32 {
    static constexpr std::size_t bytes = 4;
    static constexpr PlainRow Kernels::*row = &Kernels::f32;
    [[SKW_AVX2_STEP]] static __m256i convert(const std::byte* in, __m256i& odd)
    {
        const __m256i low = load32(in);
        const __m256i high = load32(in + 32);
        const __m256i sizes = _mm256_set1_epi32(0x7fffffff);
        const __m256i largest = _mm256_set1_epi32(0x7f7f7fff); // the last that does not round to infinity
        odd = _mm256_cmpgt_epi32(
            _mm256_max_epi32(_mm256_and_si256(low, sizes), _mm256_and_si256(high, sizes)), largest);
        return in_order(rounded(_mm256_castsi256_ps(low)), rounded(_mm256_castsi256_ps(high)));
    }
};

template<class Format>
[[SKW_AVX2]] void plain_row(std::span<const std::byte> in, std::span<std::byte> out, Tally& tally)
{
    const std::size_t n = out.size() / 2;
    for (std::size_t i = 0; i < n; i += step) {
        const std::size_t length = std::min(step, n - i);
        if (length == step) {
            __m256i odd;
            const __m256i made = Format::convert(in.data() + Format::bytes * i, odd);
            if (_mm256_testz_si256(odd, odd) != 0) {
                store32(out.data() + 2 * i, made);
                continue;
            }
        }
        (reference_kernels.*Format::row)(in.subspan(Format::bytes * i, Format::bytes * length),
                                         out.subspan(2 * i, 2 * length), tally);
    }
}

bool runs_here() noexcept
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}

} // namespace

constinit const Kernels avx2_kernels{
    .name = "avx2",
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

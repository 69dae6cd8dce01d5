// SPDX-License-Identifier: Apache-2.0
// AVX-512 (F, BW, VL): 32 elements a step, ends under masks. VCVTNEPS2BF16 is no use: it flushes subnormals.
#if defined(__x86_64__)
#include <immintrin.h>

#define SKW_TARGET gnu::target("avx512f,avx512bw,avx512vl")
#include "mtp/kernels/rows.hpp"

namespace skw::mtp {

namespace {

[[SKW_STEP]] inline __mmask32 first(std::size_t n)
{
    return n >= 32 ? ~__mmask32{0} : (__mmask32{1} << n) - 1;
}

// BF16 in the upper half of each lane; the value is finite and stays so.
[[SKW_STEP]] inline __m512i rounded(__m512 value)
{
    const __m512i bits = _mm512_castps_si512(value);
    const __m512i last = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    return _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), last);
}

// The upper halves of 16 and 16 lanes, in order.
[[SKW_STEP]] inline __m512i upper_halves(__m512i low, __m512i high)
{
    const __m512i odd = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31,
                                         29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    return _mm512_permutex2var_epi16(low, odd, high);
}

[[SKW_STEP]] inline __m512i rounded(__m512 low, __m512 high)
{
    return upper_halves(rounded(low), rounded(high));
}

[[SKW_STEP]] inline __m512i times(__m512i f16, __m512 factor)
{
    const __m512 low = _mm512_cvtph_ps(_mm512_castsi512_si256(f16));
    const __m512 high = _mm512_cvtph_ps(_mm512_extracti64x4_epi64(f16, 1));
    return rounded(_mm512_mul_ps(low, factor), _mm512_mul_ps(high, factor));
}

struct Steps {
    static constexpr std::size_t step = 32;
    [[SKW_STEP]] static void store(std::byte* out, __m512i results) { _mm512_storeu_si512(out, results); }
    [[SKW_STEP]] static void store(std::byte* out, __m512i results, std::size_t n)
    {
        _mm512_mask_storeu_epi16(out, first(n), results);
    }
};

// --- with a scale

struct ScaledSteps : Steps {
    using Odd = __mmask32;
    [[SKW_STEP]] static bool any(__mmask32 odd) { return odd != 0; }
    [[SKW_STEP]] static __m256i load(const std::byte* in)
    {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
    }
    [[SKW_STEP]] static __m256i load(const std::byte* in, std::size_t n)
    {
        return _mm256_maskz_loadu_epi8(first(n), in);
    }
    [[SKW_STEP]] static __m512 prepare(float factor, float) { return _mm512_set1_ps(factor); }
};

struct E4m3 : E4m3Facts, ScaledSteps {
    [[SKW_STEP]] static __mmask32 odd(__m256i codes)
    {
        const __m256i sizes = _mm256_or_si256(codes, _mm256_set1_epi8(-128));
        return _mm256_cmpeq_epi8_mask(sizes, _mm256_set1_epi8(-1));
    }
    [[SKW_STEP]] static __m512i convert(__m256i codes, __m512 factor)
    {
        const __m512i shifted = _mm512_slli_epi16(_mm512_cvtepi8_epi16(codes), 7);
        return times(_mm512_and_si512(shifted, _mm512_set1_epi16(static_cast<short>(0xbfff))), factor);
    }
};

struct E5m2 : E5m2Facts, ScaledSteps {
    [[SKW_STEP]] static __mmask32 odd(__m256i codes)
    {
        const __m256i exponents = _mm256_and_si256(codes, _mm256_set1_epi8(0x7c));
        return _mm256_cmpeq_epi8_mask(exponents, _mm256_set1_epi8(0x7c));
    }
    [[SKW_STEP]] static __m512i convert(__m256i codes, __m512 factor)
    {
        return times(_mm512_slli_epi16(_mm512_cvtepu8_epi16(codes), 8), factor);
    }
};

struct Values {
    __m512 low, high;
};

[[SKW_STEP]] inline Values i8_values(__m256i codes)
{
    return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(codes))),
            _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(codes, 1)))};
}

struct I8 : I8Facts, ScaledSteps {
    [[SKW_STEP]] static __m512i convert(__m256i codes, __m512 factor)
    {
        const Values values = i8_values(codes);
        return rounded(_mm512_mul_ps(values.low, factor), _mm512_mul_ps(values.high, factor));
    }
};

struct I8Zero : I8ZeroFacts, ScaledSteps {
    struct Prepared {
        __m512 factor, zero;
    };
    [[SKW_STEP]] static Prepared prepare(float factor, float zero)
    {
        return {_mm512_set1_ps(factor), _mm512_set1_ps(zero)};
    }
    [[SKW_STEP]] static __m512i convert(__m256i codes, const Prepared& prepared)
    {
        const Values values = i8_values(codes);
        return rounded(_mm512_mul_ps(_mm512_sub_ps(values.low, prepared.zero), prepared.factor),
                       _mm512_mul_ps(_mm512_sub_ps(values.high, prepared.zero), prepared.factor));
    }
};

// Of 16 bytes, the 32 nibbles in order, each as the index of a lane's upper half: 2 * nibble + 1. A lane
// holds the two elements of a byte; VPERMW reads five bits of an index, so what stands above them does not
// matter.
[[SKW_STEP]] inline __m512i fp4_indexes(__m128i pairs)
{
    const __m512i bytes = _mm512_cvtepu8_epi32(pairs);
    const __m512i low = _mm512_slli_epi32(bytes, 1);
    const __m512i high = _mm512_slli_epi32(bytes, 13); // high nibble to bits 17..20, the next word's 1..4
    return _mm512_ternarylogic_epi32(low, high, _mm512_set1_epi32(0x00010001), 0xfe); // a | b | c
}

// The 16 results of a block are a table of 16 lanes, and the nibbles pick from it.
struct Fp4 : Fp4Facts, ScaledSteps {
    static constexpr std::size_t pair_width = 16; // of NVFP4
    [[SKW_STEP]] static __m128i load(const std::byte* in)
    {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    }
    [[SKW_STEP]] static __m128i load(const std::byte* in, std::size_t n)
    {
        return _mm_maskz_loadu_epi8(static_cast<__mmask16>(first(n / 2)), in);
    }
    [[SKW_STEP]] static __m512i prepare(float factor, float)
    {
        const __m512 values = _mm512_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f,
                                             -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f);
        return rounded(_mm512_mul_ps(values, _mm512_set1_ps(factor)));
    }
    [[SKW_STEP]] static __m512i convert(__m128i pairs, __m512i results)
    {
        return _mm512_permutexvar_epi16(fp4_indexes(pairs), results);
    }
    // Two tables, bit 5 of an index says which.
    [[SKW_STEP]] static void two_blocks(const std::byte* in, float scale, float next_scale, std::byte* out)
    {
        const __m512i second = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 0x00200020, 0x00200020, 0x00200020,
                                                 0x00200020, 0x00200020, 0x00200020, 0x00200020, 0x00200020);
        const __m512i lanes = _mm512_and_si512(fp4_indexes(load(in)), _mm512_set1_epi32(0x001f001f));
        store(out, _mm512_permutex2var_epi16(prepare(scale, 0), _mm512_or_si512(lanes, second),
                                             prepare(next_scale, 0)));
    }
};

// --- without a scale

struct WordSteps : Steps {
    [[SKW_STEP]] static __m512i load(const std::byte* in) { return _mm512_loadu_si512(in); }
    [[SKW_STEP]] static __m512i load(const std::byte* in, std::size_t n)
    {
        return _mm512_maskz_loadu_epi16(first(n), in);
    }
    [[SKW_STEP]] static bool any_has(__m512i codes, std::uint16_t exponent)
    {
        const __m512i all = _mm512_set1_epi16(static_cast<short>(exponent));
        return _mm512_cmpeq_epi16_mask(_mm512_and_si512(codes, all), all) != 0;
    }
};

struct Bf16 : Bf16Facts, WordSteps {
    [[SKW_STEP]] static bool odd(__m512i codes) { return any_has(codes, exponent); }
    [[SKW_STEP]] static __m512i convert(__m512i codes) { return codes; }
};

struct F16 : F16Facts, WordSteps {
    [[SKW_STEP]] static bool odd(__m512i codes) { return any_has(codes, exponent); }
    [[SKW_STEP]] static __m512i convert(__m512i codes)
    {
        return rounded(_mm512_cvtph_ps(_mm512_castsi512_si256(codes)),
                       _mm512_cvtph_ps(_mm512_extracti64x4_epi64(codes, 1)));
    }
};

struct F32 : F32Facts, Steps {
    struct Loaded {
        __m512i low, high;
    };
    [[SKW_STEP]] static Loaded load(const std::byte* in)
    {
        return {_mm512_loadu_si512(in), _mm512_loadu_si512(in + 64)};
    }
    [[SKW_STEP]] static Loaded load(const std::byte* in, std::size_t n)
    {
        return {_mm512_maskz_loadu_epi32(static_cast<__mmask16>(first(n)), in),
                _mm512_maskz_loadu_epi32(static_cast<__mmask16>(first(n) >> 16), in + 64)};
    }
    [[SKW_STEP]] static bool odd(const Loaded& from)
    {
        const __m512i sizes = _mm512_set1_epi32(0x7fffffff);
        const __m512i worst =
            _mm512_max_epu32(_mm512_and_si512(from.low, sizes), _mm512_and_si512(from.high, sizes));
        return _mm512_cmpgt_epu32_mask(worst, _mm512_set1_epi32(largest)) != 0;
    }
    [[SKW_STEP]] static __m512i convert(const Loaded& from)
    {
        return rounded(_mm512_castsi512_ps(from.low), _mm512_castsi512_ps(from.high));
    }
};

bool runs_here() noexcept
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}

} // namespace

constinit const Kernels avx512_kernels =
    make_kernels<Bf16, F16, F32, E4m3, E5m2, I8, I8Zero, Fp4>("avx512", runs_here);

} // namespace skw::mtp
#endif

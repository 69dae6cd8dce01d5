// SPDX-License-Identifier: Apache-2.0
// AVX2 with F16C: 16 elements a step, 32 of FP4; ends go through a copy.
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SKW_TARGET gnu::target("avx2,f16c")
#include "mtp/kernels/rows.hpp"

namespace skw::mtp {

namespace {

// BF16 in the lower half of each lane; the value is finite and stays so.
[[SKW_STEP]] inline __m256i rounded(__m256 value)
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

[[SKW_STEP]] inline __m128i cross(__m128i codes)
{
    return _mm_shuffle_epi32(codes, _MM_SHUFFLE(3, 1, 2, 0));
}

[[SKW_STEP]] inline __m256i times(Crossed values, __m256 factor)
{
    return _mm256_packus_epi32(rounded(_mm256_mul_ps(values.outer, factor)),
                               rounded(_mm256_mul_ps(values.inner, factor)));
}

// Two registers of four-lane halves, in order: packing takes them apart, the permutation puts them back.
[[SKW_STEP]] inline __m256i in_order(__m256i low, __m256i high)
{
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0));
}

[[SKW_STEP]] inline __m128i load16(const std::byte* in)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
}

[[SKW_STEP]] inline __m256i load32(const std::byte* in)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
}

struct Steps {
    static constexpr std::size_t step = 16;
    [[SKW_STEP]] static void store(std::byte* out, __m256i results)
    {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), results);
    }
};

// --- with a scale

struct ScaledSteps : Steps {
    using Odd = __m128i;
    [[SKW_STEP]] static bool any(__m128i odd) { return _mm_movemask_epi8(odd) != 0; }
    [[SKW_STEP]] static __m128i load(const std::byte* in) { return load16(in); }
    [[SKW_STEP]] static __m256 prepare(float factor, float) { return _mm256_set1_ps(factor); }
};

struct E4m3 : E4m3Facts, ScaledSteps {
    [[SKW_STEP]] static __m128i odd(__m128i codes)
    {
        return _mm_cmpeq_epi8(_mm_or_si128(codes, _mm_set1_epi8(-128)), _mm_set1_epi8(-1));
    }
    [[SKW_STEP]] static __m256 widened(__m128i upper_bytes)
    {
        const __m128i fields = _mm_srai_epi16(upper_bytes, 1);
        return _mm256_cvtph_ps(_mm_and_si128(fields, _mm_set1_epi16(static_cast<short>(0xbfff))));
    }
    [[SKW_STEP]] static __m256i convert(__m128i codes, __m256 factor)
    {
        const __m128i crossed = cross(codes);
        return times({widened(_mm_unpacklo_epi8(_mm_setzero_si128(), crossed)),
                      widened(_mm_unpackhi_epi8(_mm_setzero_si128(), crossed))},
                     factor);
    }
};

struct E5m2 : E5m2Facts, ScaledSteps {
    [[SKW_STEP]] static __m128i odd(__m128i codes)
    {
        const __m128i exponent = _mm_set1_epi8(0x7c);
        return _mm_cmpeq_epi8(_mm_and_si128(codes, exponent), exponent);
    }
    [[SKW_STEP]] static __m256i convert(__m128i codes, __m256 factor)
    {
        const __m128i crossed = cross(codes);
        return times({_mm256_cvtph_ps(_mm_unpacklo_epi8(_mm_setzero_si128(), crossed)),
                      _mm256_cvtph_ps(_mm_unpackhi_epi8(_mm_setzero_si128(), crossed))},
                     factor);
    }
};

[[SKW_STEP]] inline Crossed i8_values(__m128i codes)
{
    const __m128i crossed = cross(codes);
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(crossed)),
            _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(crossed, 8)))};
}

struct I8 : I8Facts, ScaledSteps {
    [[SKW_STEP]] static __m256i convert(__m128i codes, __m256 factor)
    {
        return times(i8_values(codes), factor);
    }
};

struct I8Zero : I8ZeroFacts, ScaledSteps {
    struct Prepared {
        __m256 factor, zero;
    };
    [[SKW_STEP]] static Prepared prepare(float factor, float zero)
    {
        return {_mm256_set1_ps(factor), _mm256_set1_ps(zero)};
    }
    [[SKW_STEP]] static __m256i convert(__m128i codes, const Prepared& prepared)
    {
        const Crossed values = i8_values(codes);
        return times({_mm256_sub_ps(values.outer, prepared.zero), _mm256_sub_ps(values.inner, prepared.zero)},
                     prepared.factor);
    }
};

// The 16 results of a block are two tables of bytes, and the nibbles pick from both.
struct Fp4 : Fp4Facts, ScaledSteps {
    static constexpr std::size_t step = 32;
    static constexpr std::size_t pair_width = 16; // of NVFP4
    struct Tables {
        __m256i low_bytes, high_bytes;
    };
    struct Results {
        __m256i begin, end;
    };
    [[SKW_STEP]] static __m256i sizes(float scale)
    {
        const __m256 values = _mm256_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f);
        return rounded(_mm256_mul_ps(values, _mm256_set1_ps(scale)));
    }
    // Of the eight sizes in the words of each lane. Rounding to even is the same on both sides of zero, so
    // codes 8 to 15 differ in the sign alone.
    [[SKW_STEP]] static Tables tables(__m256i words)
    {
        constexpr auto signs = static_cast<long long>(0x8080808080808080u);
        const __m256i low = _mm256_and_si256(words, _mm256_set1_epi16(0xff));
        const __m256i high = _mm256_srli_epi16(words, 8);
        return {_mm256_packus_epi16(low, low),
                _mm256_xor_si256(_mm256_packus_epi16(high, high), _mm256_setr_epi64x(0, signs, 0, signs))};
    }
    // Both lanes: the results of the nibbles in their lower halves, in order.
    [[SKW_STEP]] static Results pick(__m256i lanes, const Tables& tables)
    {
        const __m256i nibble = _mm256_set1_epi8(0xf);
        const __m256i indexes = _mm256_unpacklo_epi8(_mm256_and_si256(lanes, nibble),
                                                     _mm256_and_si256(_mm256_srli_epi16(lanes, 4), nibble));
        const __m256i low = _mm256_shuffle_epi8(tables.low_bytes, indexes);
        const __m256i high = _mm256_shuffle_epi8(tables.high_bytes, indexes);
        return {_mm256_unpacklo_epi8(low, high), _mm256_unpackhi_epi8(low, high)};
    }
    [[SKW_STEP]] static Tables prepare(float factor, float)
    {
        const __m256i made = sizes(factor);
        return tables(_mm256_permute4x64_epi64(_mm256_packus_epi32(made, made), _MM_SHUFFLE(2, 0, 2, 0)));
    }
    // The lower lane takes bytes 0-3 and 8-11, so that unpacking leaves elements in order.
    [[SKW_STEP]] static Results convert(__m128i pairs, const Tables& tables)
    {
        return pick(_mm256_permutevar8x32_epi32(_mm256_castsi128_si256(pairs),
                                                _mm256_setr_epi32(0, 2, 0, 2, 1, 3, 1, 3)),
                    tables);
    }
    [[SKW_STEP]] static void store(std::byte* out, const Results& results)
    {
        Steps::store(out, results.begin);
        Steps::store(out + 32, results.end);
    }
    // A lane for each block, with tables of its own.
    [[SKW_STEP]] static void two_blocks(const std::byte* in, float scale, float next_scale, std::byte* out)
    {
        const __m256i lanes =
            _mm256_permute4x64_epi64(_mm256_castsi128_si256(load16(in)), _MM_SHUFFLE(1, 1, 0, 0));
        const Results halves = pick(lanes, tables(in_order(sizes(scale), sizes(next_scale))));
        store(out, {_mm256_permute2x128_si256(halves.begin, halves.end, 0x20),
                    _mm256_permute2x128_si256(halves.begin, halves.end, 0x31)});
    }
};

// --- without a scale

[[SKW_STEP]] inline bool any_has(__m256i codes, std::uint16_t exponent)
{
    const __m256i all = _mm256_set1_epi16(static_cast<short>(exponent));
    const __m256i odd = _mm256_cmpeq_epi16(_mm256_and_si256(codes, all), all);
    return _mm256_testz_si256(odd, odd) == 0;
}

struct Bf16 : Bf16Facts, Steps {
    [[SKW_STEP]] static __m256i load(const std::byte* in) { return load32(in); }
    [[SKW_STEP]] static bool odd(__m256i codes) { return any_has(codes, exponent); }
    [[SKW_STEP]] static __m256i convert(__m256i codes) { return codes; }
};

struct F16 : F16Facts, Steps {
    [[SKW_STEP]] static __m256i load(const std::byte* in) { return load32(in); }
    [[SKW_STEP]] static bool odd(__m256i codes) { return any_has(codes, exponent); }
    [[SKW_STEP]] static __m256i convert(__m256i codes)
    {
        return in_order(rounded(_mm256_cvtph_ps(_mm256_castsi256_si128(codes))),
                        rounded(_mm256_cvtph_ps(_mm256_extracti128_si256(codes, 1))));
    }
};

struct F32 : F32Facts, Steps {
    struct Loaded {
        __m256i low, high;
    };
    [[SKW_STEP]] static Loaded load(const std::byte* in) { return {load32(in), load32(in + 32)}; }
    [[SKW_STEP]] static bool odd(const Loaded& from)
    {
        const __m256i sizes = _mm256_set1_epi32(0x7fffffff);
        const __m256i worst =
            _mm256_max_epi32(_mm256_and_si256(from.low, sizes), _mm256_and_si256(from.high, sizes));
        const __m256i odd = _mm256_cmpgt_epi32(worst, _mm256_set1_epi32(largest));
        return _mm256_testz_si256(odd, odd) == 0;
    }
    [[SKW_STEP]] static __m256i convert(const Loaded& from)
    {
        return in_order(rounded(_mm256_castsi256_ps(from.low)), rounded(_mm256_castsi256_ps(from.high)));
    }
};

bool runs_here() noexcept
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}

} // namespace

constinit const Kernels avx2_kernels =
    make_kernels<Bf16, F16, F32, E4m3, E5m2, I8, I8Zero, Fp4>("avx2", runs_here);

} // namespace skw::mtp
#endif

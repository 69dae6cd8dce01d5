// SPDX-License-Identifier: Apache-2.0
// NEON, which every 64-bit ARM has: 16 elements a step; ends go through a copy.
#if defined(__AARCH64EL__)
#include "mtp/kernels/decode.hpp"
#include "mtp/kernels/rows.hpp"

#include <arm_neon.h>

namespace skw::mtp {

namespace {

// 16 BF16, in order.
struct Results {
    uint16x8_t low, high;
};
// 16 elements as FP32, in order.
struct Elements {
    float32x4_t quarters[4];
};

inline uint8x16_t load16(const std::byte* in)
{
    return vld1q_u8(reinterpret_cast<const std::uint8_t*>(in));
}

// BF16 in the upper half of each lane; the value is finite and stays so.
inline uint32x4_t rounded(float32x4_t value)
{
    const uint32x4_t bits = vreinterpretq_u32_f32(value);
    const uint32x4_t last = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    return vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7fff)), last);
}

inline uint16x8_t rounded(float32x4_t low, float32x4_t high)
{
    return vshrn_high_n_u32(vshrn_n_u32(rounded(low), 16), rounded(high), 16);
}

inline Results rounded(const Elements& elements)
{
    return {rounded(elements.quarters[0], elements.quarters[1]),
            rounded(elements.quarters[2], elements.quarters[3])};
}

inline Results times(const Elements& elements, float32x4_t factor)
{
    Elements products;
    for (int i = 0; i < 4; ++i) {
        products.quarters[i] = vmulq_f32(elements.quarters[i], factor);
    }
    return rounded(products);
}

inline Elements widened(uint16x8_t low, uint16x8_t high)
{
    const float16x8_t first = vreinterpretq_f16_u16(low);
    const float16x8_t second = vreinterpretq_f16_u16(high);
    return {{vcvt_f32_f16(vget_low_f16(first)), vcvt_high_f32_f16(first), vcvt_f32_f16(vget_low_f16(second)),
             vcvt_high_f32_f16(second)}};
}

struct Steps {
    static constexpr std::size_t step = 16;
    static void store(std::byte* out, const Results& results)
    {
        vst1q_u8(reinterpret_cast<std::uint8_t*>(out), vreinterpretq_u8_u16(results.low));
        vst1q_u8(reinterpret_cast<std::uint8_t*>(out) + 16, vreinterpretq_u8_u16(results.high));
    }
};

// --- with a scale

struct ScaledSteps : Steps {
    using Odd = uint8x16_t;
    static bool any(uint8x16_t odd) { return vmaxvq_u8(odd) != 0; }
    static uint8x16_t load(const std::byte* in) { return load16(in); }
    static float32x4_t prepare(float factor, float) { return vdupq_n_f32(factor); }
};

struct E4m3 : E4m3Facts, ScaledSteps {
    static uint8x16_t odd(uint8x16_t codes)
    {
        return vceqq_u8(vorrq_u8(codes, vdupq_n_u8(0x80)), vdupq_n_u8(0xff));
    }
    static Results convert(uint8x16_t codes, float32x4_t factor)
    {
        const int8x16_t fields = vreinterpretq_s8_u8(codes);
        const uint16x8_t all = vdupq_n_u16(0xbfff);
        const uint16x8_t low = vreinterpretq_u16_s16(vshll_n_s8(vget_low_s8(fields), 7));
        const uint16x8_t high = vreinterpretq_u16_s16(vshll_high_n_s8(fields, 7));
        return times(widened(vandq_u16(low, all), vandq_u16(high, all)), factor);
    }
};

struct E5m2 : E5m2Facts, ScaledSteps {
    static uint8x16_t odd(uint8x16_t codes)
    {
        const uint8x16_t exponent = vdupq_n_u8(0x7c);
        return vceqq_u8(vandq_u8(codes, exponent), exponent);
    }
    static Results convert(uint8x16_t codes, float32x4_t factor)
    {
        const uint8x16_t zero = vdupq_n_u8(0);
        return times(widened(vreinterpretq_u16_u8(vzip1q_u8(zero, codes)),
                             vreinterpretq_u16_u8(vzip2q_u8(zero, codes))),
                     factor);
    }
};

inline Elements i8_elements(uint8x16_t codes)
{
    const int16x8_t low = vmovl_s8(vget_low_s8(vreinterpretq_s8_u8(codes)));
    const int16x8_t high = vmovl_high_s8(vreinterpretq_s8_u8(codes));
    return {{vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
             vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))}};
}

struct I8 : I8Facts, ScaledSteps {
    static Results convert(uint8x16_t codes, float32x4_t factor) { return times(i8_elements(codes), factor); }
};

struct I8Zero : I8ZeroFacts, ScaledSteps {
    struct Prepared {
        float32x4_t factor, zero;
    };
    static Prepared prepare(float factor, float zero) { return {vdupq_n_f32(factor), vdupq_n_f32(zero)}; }
    static Results convert(uint8x16_t codes, const Prepared& prepared)
    {
        Elements differences = i8_elements(codes);
        for (float32x4_t& quarter : differences.quarters) {
            quarter = vsubq_f32(quarter, prepared.zero);
        }
        return times(differences, prepared.factor);
    }
};

// The 16 results of a block are two tables of bytes, and the nibbles pick from both.
struct Fp4 : Fp4Facts, ScaledSteps {
    struct Tables {
        uint8x16_t low_bytes, high_bytes;
    };
    static uint8x8_t load(const std::byte* in) { return vld1_u8(reinterpret_cast<const std::uint8_t*>(in)); }
    static Tables prepare(float factor, float)
    {
        const uint16x8_t words = rounded(vmulq_n_f32(vld1q_f32(e2m1_sizes.data()), factor),
                                         vmulq_n_f32(vld1q_f32(e2m1_sizes.data() + 4), factor));
        // Rounding to even is the same on both sides of zero, so codes 8 to 15 differ in the sign alone.
        const uint16x8_t negated = veorq_u16(words, vdupq_n_u16(0x8000));
        return {vuzp1q_u8(vreinterpretq_u8_u16(words), vreinterpretq_u8_u16(negated)),
                vuzp2q_u8(vreinterpretq_u8_u16(words), vreinterpretq_u8_u16(negated))};
    }
    static Results convert(uint8x8_t pairs, const Tables& tables)
    {
        const uint8x8x2_t zipped = vzip_u8(vand_u8(pairs, vdup_n_u8(0xf)), vshr_n_u8(pairs, 4));
        const uint8x16_t indexes = vcombine_u8(zipped.val[0], zipped.val[1]);
        const uint8x16_t low = vqtbl1q_u8(tables.low_bytes, indexes);
        const uint8x16_t high = vqtbl1q_u8(tables.high_bytes, indexes);
        return {vreinterpretq_u16_u8(vzip1q_u8(low, high)), vreinterpretq_u16_u8(vzip2q_u8(low, high))};
    }
};

// --- without a scale

struct WordSteps : Steps {
    static Results load(const std::byte* in)
    {
        return {vreinterpretq_u16_u8(load16(in)), vreinterpretq_u16_u8(load16(in + 16))};
    }
    static bool any_has(const Results& codes, std::uint16_t exponent)
    {
        const uint16x8_t all = vdupq_n_u16(exponent);
        const uint16x8_t low = vceqq_u16(vandq_u16(codes.low, all), all);
        return vmaxvq_u16(vorrq_u16(low, vceqq_u16(vandq_u16(codes.high, all), all))) != 0;
    }
};

struct Bf16 : Bf16Facts, WordSteps {
    static bool odd(const Results& codes) { return any_has(codes, exponent); }
    static Results convert(const Results& codes) { return codes; }
};

struct F16 : F16Facts, WordSteps {
    static bool odd(const Results& codes) { return any_has(codes, exponent); }
    static Results convert(const Results& codes) { return rounded(widened(codes.low, codes.high)); }
};

struct F32 : F32Facts, Steps {
    static Elements load(const std::byte* in)
    {
        Elements elements;
        for (std::size_t i = 0; i < 4; ++i) {
            elements.quarters[i] = vreinterpretq_f32_u8(load16(in + 16 * i));
        }
        return elements;
    }
    static bool odd(const Elements& elements)
    {
        uint32x4_t worst = vdupq_n_u32(0);
        for (const float32x4_t& quarter : elements.quarters) {
            worst = vmaxq_u32(worst, vandq_u32(vreinterpretq_u32_f32(quarter), vdupq_n_u32(0x7fffffff)));
        }
        return vmaxvq_u32(worst) > largest;
    }
    static Results convert(const Elements& elements) { return rounded(elements); }
};

bool runs_here() noexcept
{
    return true;
}

} // namespace

constinit const Kernels neon_kernels =
    make_kernels<Bf16, F16, F32, E4m3, E5m2, I8, I8Zero, Fp4>("neon", runs_here);

} // namespace skw::mtp
#endif

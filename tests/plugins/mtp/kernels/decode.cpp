// SPDX-License-Identifier: Apache-2.0
// The element decoders against the published vectors and against arithmetic that shares nothing with them.
#include "mtp/kernels/decode.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <utility>

using namespace skw::mtp;

namespace {

constexpr std::uint32_t no_number = 0xffffffff; // in a table of vectors: any NaN

// What a BF16 is worth; infinity as 2^128, the next step of its scale, so that distances can be compared.
double worth(std::uint16_t bits)
{
    const int exponent = (bits >> 7) & 0xff;
    const int fraction = bits & 0x7f;
    const double size =
        exponent == 0 ? std::ldexp(fraction, -133) : std::ldexp(128 + fraction, exponent - 134);
    return bits >> 15 != 0 ? -size : size;
}

// The nearest BF16 by comparing exact distances in double; of two equally near ones, the even one.
std::uint16_t nearest_bf16(float value)
{
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const auto below = static_cast<std::uint16_t>(bits >> 16); // towards zero
    if (std::isinf(value)) {
        return below;
    }
    const auto above = static_cast<std::uint16_t>(below + 1);
    const double to_below = std::fabs(static_cast<double>(value) - worth(below));
    const double to_above = std::fabs(worth(above) - static_cast<double>(value));
    if (to_below != to_above) {
        return to_below < to_above ? below : above;
    }
    return below % 2 == 0 ? below : above;
}

// A float of the given fields by its definition; the largest exponent is not special here.
float by_definition(unsigned code, int exponent_bits, int fraction_bits)
{
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = static_cast<int>(code >> fraction_bits) & ((1 << exponent_bits) - 1);
    const int fraction = static_cast<int>(code) & ((1 << fraction_bits) - 1);
    const int whole = exponent == 0 ? fraction : fraction + (1 << fraction_bits);
    const double size = std::ldexp(whole, (exponent == 0 ? 1 : exponent) - bias - fraction_bits);
    const bool negative = (code >> (exponent_bits + fraction_bits)) != 0;
    return static_cast<float>(negative ? -size : size);
}

void check(std::uint32_t got, std::uint32_t expected, unsigned code)
{
    if (expected == no_number) {
        BOOST_TEST(((got & 0x7fffffff) > 0x7f800000), std::hex << code << " became " << got);
    } else {
        BOOST_TEST(got == expected, std::hex << code << " became " << got << ", not " << expected);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_kernels_decode)

BOOST_AUTO_TEST_CASE(fp32_vectors_round_as_published)
{
    constexpr std::pair<std::uint32_t, std::uint16_t> vectors[]{
        {0x3F800000, 0x3F80}, {0x3F807FFF, 0x3F80}, {0x3F808000, 0x3F80}, {0x3F808001, 0x3F81},
        {0x3F818000, 0x3F82}, {0x3DCCCCCD, 0x3DCD}, {0x00000001, 0x0000}, {0x00008000, 0x0000},
        {0x00018000, 0x0002}, {0x00800000, 0x0080}, {0x807FFFFF, 0x8080}, {0x7F7F7FFF, 0x7F7F},
        {0x7F7F8000, 0x7F80}, {0x7F7FFFFF, 0x7F80}, {0x7FC00000, 0x7FC0}, {0x7F800001, 0x7FC0},
        {0x7FFFFFFF, 0x7FFF}, {0xFFFFFFFF, 0xFFFF}, {0xFF800000, 0xFF80}, {0x80000000, 0x8000}};
    for (const auto& [from, to] : vectors) {
        BOOST_TEST(bf16_from_f32(from) == to, std::hex << from);
    }
}

BOOST_AUTO_TEST_CASE(f16_vectors_decode_as_published)
{
    constexpr std::pair<std::uint16_t, std::uint16_t> vectors[]{
        {0x0001, 0x3380}, {0x03FF, 0x3880}, {0x0400, 0x3880}, {0x3C00, 0x3F80}, {0x3555, 0x3EAB},
        {0x7BFF, 0x4780}, {0x3C04, 0x3F80}, {0x3C05, 0x3F81}, {0x3C0C, 0x3F82}, {0x8000, 0x8000}};
    for (const auto& [from, to] : vectors) {
        BOOST_TEST(bf16_from_f32(f32_from_f16(from)) == to, std::hex << from);
    }
}

BOOST_AUTO_TEST_CASE(e4m3_vectors_decode_as_published)
{
    constexpr std::pair<std::uint8_t, std::uint32_t> vectors[]{
        {0x00, 0x0000'0000}, {0x80, 0x8000'0000}, {0x01, 0x3B00'0000}, {0x07, 0x3C60'0000},
        {0x08, 0x3C80'0000}, {0x38, 0x3F80'0000}, {0x39, 0x3F90'0000}, {0x77, 0x4370'0000},
        {0x78, 0x4380'0000}, {0x7E, 0x43E0'0000}, {0xFE, 0xC3E0'0000}, {0x7F, no_number},
        {0xFF, no_number}};
    for (const auto& [code, value] : vectors) {
        check(f32_from_e4m3(code), value, code);
    }
}

BOOST_AUTO_TEST_CASE(e5m2_vectors_decode_as_published)
{
    constexpr std::pair<std::uint8_t, std::uint32_t> vectors[]{
        {0x01, 0x3780'0000}, {0x03, 0x3840'0000}, {0x04, 0x3880'0000}, {0x3C, 0x3F80'0000},
        {0x3D, 0x3FA0'0000}, {0x7B, 0x4760'0000}, {0x7C, 0x7F80'0000}, {0xFC, 0xFF80'0000},
        {0x7D, no_number},   {0x7E, no_number},   {0x7F, no_number},   {0xFD, no_number}};
    for (const auto& [code, value] : vectors) {
        check(f32_from_e5m2(code), value, code);
    }
}

BOOST_AUTO_TEST_CASE(e8m0_vectors_decode_as_published)
{
    constexpr std::pair<std::uint8_t, std::uint32_t> vectors[]{
        {0x00, 0x0040'0000}, {0x01, 0x0080'0000}, {0x7E, 0x3F00'0000}, {0x7F, 0x3F80'0000},
        {0x80, 0x4000'0000}, {0xFE, 0x7F00'0000}, {0xFF, no_number}};
    for (const auto& [code, value] : vectors) {
        check(f32_from_e8m0(code), value, code);
    }
}

BOOST_AUTO_TEST_CASE(every_code_of_fp8_and_fp4_is_worth_its_definition)
{
    for (unsigned code = 0; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        if ((code & 0x7f) != 0x7f) {
            check(f32_from_e4m3(byte), std::bit_cast<std::uint32_t>(by_definition(code, 4, 3)), code);
        }
        if ((code & 0x7f) < 0x7c) {
            check(f32_from_e5m2(byte), std::bit_cast<std::uint32_t>(by_definition(code, 5, 2)), code);
        }
        if (code < 255) {
            const auto power = static_cast<float>(std::ldexp(1.0, static_cast<int>(code) - 127));
            check(f32_from_e8m0(byte), std::bit_cast<std::uint32_t>(power), code);
        }
        check(f32_from_e2m1(byte), std::bit_cast<std::uint32_t>(by_definition(code & 0xf, 2, 1)), code);
    }
}

BOOST_AUTO_TEST_CASE(all_65536_f16_codes_widen_exactly_and_round_to_the_nearest)
{
    for (unsigned code = 0; code < 0x10000; ++code) {
        const auto half = static_cast<std::uint16_t>(code);
        const std::uint32_t got = f32_from_f16(half);
        if ((half & 0x7fff) > 0x7c00) {
            BOOST_REQUIRE(std::isnan(std::bit_cast<float>(got)));
            BOOST_REQUIRE((bf16_from_f32(got) & 0x7fff) > 0x7f80);
            continue;
        }
        const float infinity = std::numeric_limits<float>::infinity();
        const float expected = (half & 0x7fff) == 0x7c00
                                   ? std::copysign(infinity, (half >> 15) != 0 ? -1.f : 1.f)
                                   : by_definition(code, 5, 10);
        BOOST_REQUIRE(got == std::bit_cast<std::uint32_t>(expected));
        BOOST_REQUIRE(bf16_from_f32(got) == nearest_bf16(expected));
    }
}

BOOST_AUTO_TEST_CASE(random_and_edge_fp32_round_to_the_nearest)
{
    std::mt19937 random(20260101);
    const auto check_rounding = [](std::uint32_t bits) {
        const float value = std::bit_cast<float>(bits);
        if (!std::isnan(value)) {
            BOOST_REQUIRE_MESSAGE(bf16_from_f32(bits) == nearest_bf16(value), std::hex << bits);
        }
    };
    for (int round = 0; round < 200'000; ++round) {
        check_rounding(static_cast<std::uint32_t>(random()));
    }
    // Around every boundary between two results: the half way point and its neighbours.
    for (std::uint32_t top = 0; top < 0x10000; ++top) {
        for (const std::uint32_t low : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
            check_rounding(top << 16 | low);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

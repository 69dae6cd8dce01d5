// SPDX-License-Identifier: Apache-2.0
// The kernels against the published vectors and against arithmetic that shares nothing with them.
#include "mtp/convert.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <utility>
#include <vector>

using namespace skw::mtp;

namespace {

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

float value_of_f16(std::uint16_t bits)
{
    const int exponent = (bits >> 10) & 0x1f;
    const int fraction = bits & 0x3ff;
    const double size =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return static_cast<float>(bits >> 15 != 0 ? -size : size);
}

std::vector<std::byte> bytes_of(const std::vector<std::uint32_t>& values)
{
    std::vector<std::byte> out(values.size() * 4);
    for (std::size_t at = 0; at < out.size(); ++at) {
        out[at] = static_cast<std::byte>(values[at / 4] >> (8 * (at % 4)) & 0xff);
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_convert)

BOOST_AUTO_TEST_CASE(fp32_vectors)
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

BOOST_AUTO_TEST_CASE(f16_vectors)
{
    constexpr std::pair<std::uint16_t, std::uint16_t> vectors[]{
        {0x0001, 0x3380}, {0x03FF, 0x3880}, {0x0400, 0x3880}, {0x3C00, 0x3F80}, {0x3555, 0x3EAB},
        {0x7BFF, 0x4780}, {0x3C04, 0x3F80}, {0x3C05, 0x3F81}, {0x3C0C, 0x3F82}, {0x8000, 0x8000}};
    for (const auto& [from, to] : vectors) {
        BOOST_TEST(bf16_from_f32(f32_from_f16(from)) == to, std::hex << from);
    }
}

BOOST_AUTO_TEST_CASE(all_65536_f16_codes_widen_exactly_and_round_to_the_nearest)
{
    for (unsigned code = 0; code < 0x10000; ++code) {
        const auto half = static_cast<std::uint16_t>(code);
        const auto got = std::bit_cast<float>(f32_from_f16(half));
        if ((half & 0x7fff) > 0x7c00) {
            BOOST_REQUIRE(std::isnan(got));
            BOOST_REQUIRE((bf16_from_f32(f32_from_f16(half)) & 0x7fff) > 0x7f80);
            continue;
        }
        const float expected =
            (half & 0x7fff) == 0x7c00
                ? std::copysign(std::numeric_limits<float>::infinity(), (half >> 15) != 0 ? -1.f : 1.f)
                : value_of_f16(half);
        BOOST_REQUIRE(std::bit_cast<std::uint32_t>(got) == std::bit_cast<std::uint32_t>(expected));
        BOOST_REQUIRE(bf16_from_f32(f32_from_f16(half)) == nearest_bf16(expected));
    }
}

BOOST_AUTO_TEST_CASE(random_and_edge_fp32_round_to_the_nearest)
{
    std::mt19937 random(20260101);
    const auto check = [](std::uint32_t bits) {
        const float value = std::bit_cast<float>(bits);
        if (!std::isnan(value)) {
            BOOST_REQUIRE_MESSAGE(bf16_from_f32(bits) == nearest_bf16(value), std::hex << bits);
        }
    };
    for (int round = 0; round < 500'000; ++round) {
        check(static_cast<std::uint32_t>(random()));
    }
    // Around every boundary between two results: the half way point and its neighbours.
    for (std::uint32_t top = 0; top < 0x10000; ++top) {
        for (const std::uint32_t low : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
            check(top << 16 | low);
        }
    }
}

BOOST_AUTO_TEST_CASE(rows_convert_in_place_and_count_what_is_odd)
{
    std::vector<std::byte> bytes =
        bytes_of({0x3F808001, 0x7FC00000, 0x7F800001, 0xFF800000, 0x7F7FFFFF, 0xFF7F8000, 0x00000001});
    Tally tally;
    f32_row_to_bf16_reference(bytes, std::span(bytes).first(14), tally);
    const std::uint8_t expected[]{0x81, 0x3F, 0xC0, 0x7F, 0xC0, 0x7F, 0x80,
                                  0xFF, 0x80, 0x7F, 0x80, 0xFF, 0x00, 0x00};
    BOOST_TEST(std::memcmp(bytes.data(), expected, sizeof expected) == 0);
    BOOST_TEST(tally.nan == 2u);
    BOOST_TEST(tally.inf_in_source == 1u);
    BOOST_TEST(tally.overflow == 2u);
}

BOOST_AUTO_TEST_CASE(bf16_rows_are_copied_to_the_bit_and_counted)
{
    std::vector<std::byte> bytes = bytes_of({0x7F817F80, 0xFFFF0001});
    const std::vector<std::byte> before = bytes;
    Tally tally;
    bf16_row_reference(bytes, bytes, tally);
    BOOST_TEST((bytes == before));
    BOOST_TEST(tally.nan == 2u);
    BOOST_TEST(tally.inf_in_source == 1u);
    BOOST_TEST(tally.overflow == 0u);
}

BOOST_AUTO_TEST_CASE(f16_rows_are_counted)
{
    std::vector<std::byte> bytes = bytes_of({0x7C017C00, 0x3C00FC00});
    Tally tally;
    f16_row_to_bf16_reference(bytes, bytes, tally);
    BOOST_TEST((bytes == bytes_of({0x7FC07F80, 0x3F80FF80})));
    BOOST_TEST(tally.nan == 1u);
    BOOST_TEST(tally.inf_in_source == 2u);
    BOOST_TEST(tally.overflow == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// The decoders against hand-made blocks and an encoder of the tests' own; F16 against its definition.
#include "vindex/kquant.hpp"

#include "packed.hpp"

#include "vindex/floats.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <span>

using namespace skw::vindex;
using namespace skw::test;

namespace {

template<std::size_t Size>
std::array<std::byte, Size> block_of(const std::string& bytes)
{
    BOOST_REQUIRE(bytes.size() == Size);
    std::array<std::byte, Size> block{};
    for (std::size_t i = 0; i < Size; ++i) {
        block[i] = static_cast<std::byte>(bytes[i]);
    }
    return block;
}

std::array<float, 256> noise()
{
    std::mt19937 generator(5);
    std::normal_distribution<float> normal(0.0f, 0.02f);
    std::array<float, 256> values{};
    for (float& value : values) {
        value = normal(generator);
    }
    return values;
}

// Root mean square of the error, as a part of the values' own.
double error_of(const std::array<float, 256>& found, const std::array<float, 256>& wanted)
{
    double error = 0, own = 0;
    for (std::size_t i = 0; i < 256; ++i) {
        error += std::pow(double(found[i]) - double(wanted[i]), 2);
        own += std::pow(double(wanted[i]), 2);
    }
    return std::sqrt(error / own);
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_kquant)

BOOST_AUTO_TEST_CASE(every_field_of_a_q4_block_stands_where_the_format_says)
{
    std::array<std::byte, 144> block{};
    block[1] = std::byte{0x3c};  // d = 1
    block[3] = std::byte{0x38};  // dmin = 0.5
    block[4] = std::byte{0x43};  // sub-block 0: scale 3; two high bits (1) of scale 4
    block[8] = std::byte{0x82};  // sub-block 0: minimum 2; two high bits (2) of minimum 4
    block[12] = std::byte{0x95}; // sub-block 4: low bits 5 of the scale, 9 of the minimum
    block[16] = std::byte{0x07}; // element 0: code 7; element 32: code 0
    block[80] = std::byte{0xc1}; // element 128: code 1; element 160: code 12
    std::array<float, 256> out{};
    decode_q4_k(block, out);
    BOOST_TEST(out[0] == 1.0f * 3 * 7 - 0.5f * 2);
    BOOST_TEST(out[1] == -0.5f * 2);
    BOOST_TEST(out[128] == 1.0f * (5 + 16) * 1 - 0.5f * (9 + 32));
    BOOST_TEST(out[129] == -0.5f * (9 + 32));
    BOOST_TEST(out[160] == 0.0f); // the scale of sub-block 5 is 0
}

BOOST_AUTO_TEST_CASE(every_field_of_a_q6_block_stands_where_the_format_says)
{
    std::array<std::byte, 210> block{};
    block[209] = std::byte{0x3c};      // d = 1
    block[192] = std::byte{2};         // scale of elements 0 to 15
    block[192 + 15] = std::byte{0xff}; // -1, of elements 240 to 255
    block[0] = std::byte{0x05};        // element 0: low bits 5
    block[128] = std::byte{0x02};      // element 0: high bits 2
    block[127] = std::byte{0xa0};      // element 255: low bits 10
    block[128 + 63] = std::byte{0xc0}; // element 255: high bits 3
    std::array<float, 256> out{};
    decode_q6_k(block, out);
    BOOST_TEST(out[0] == 2.0f * (5 + 32 - 32));
    BOOST_TEST(out[1] == 2.0f * -32);
    BOOST_TEST(out[255] == -1.0f * (10 + 48 - 32));
    BOOST_TEST(out[100] == 0.0f);
}

BOOST_AUTO_TEST_CASE(what_was_encoded_comes_back_within_the_formats_error)
{
    const std::array<float, 256> values = noise();
    std::array<float, 256> out{};
    decode_q4_k(block_of<144>(encode_q4_block(values)), out);
    BOOST_TEST(error_of(out, values) < 0.12);
    BOOST_TEST(error_of(out, values) > 0.02);
    decode_q6_k(block_of<210>(encode_q6_block(values)), out);
    BOOST_TEST(error_of(out, values) < 0.04);
}

BOOST_AUTO_TEST_CASE(f16_survives_the_way_to_f32_and_back)
{
    for (unsigned bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = f32_from_f16(half);
        if (std::isnan(value)) {
            BOOST_REQUIRE(std::isnan(f32_from_f16(f16_from_f32(value))));
        } else {
            BOOST_REQUIRE_EQUAL(f16_from_f32(value), half);
        }
    }
}

BOOST_AUTO_TEST_CASE(f32_rounds_to_the_nearest_f16_and_ties_to_even)
{
    for (unsigned bits = 0; bits < 0x7bff; ++bits) {
        const double low = f32_from_f16(static_cast<std::uint16_t>(bits));
        const double high = f32_from_f16(static_cast<std::uint16_t>(bits + 1));
        const auto middle = static_cast<float>((low + high) / 2); // exact in F32
        BOOST_REQUIRE_EQUAL(f16_from_f32(middle), bits + bits % 2);
        BOOST_REQUIRE_EQUAL(f16_from_f32(std::nextafter(middle, 0.0f)), bits);
        BOOST_REQUIRE_EQUAL(f16_from_f32(std::nextafter(middle, 1e6f)), bits + 1);
    }
    BOOST_TEST(f16_from_f32(65519.9f) == 0x7bff);
    BOOST_TEST(f16_from_f32(65520.0f) == 0x7c00);
    BOOST_TEST(f16_from_f32(-1e30f) == 0xfc00);
}

BOOST_AUTO_TEST_SUITE_END()

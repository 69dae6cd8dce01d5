// SPDX-License-Identifier: Apache-2.0
// The published vectors of whole rows, by every kernel set that runs here.
#include "kernels/rows.hpp"

#include "mtp/kernels/decode.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <string>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

using Codes = std::vector<std::uint32_t>;
using Values = std::vector<std::uint16_t>;

float f(std::uint32_t bits)
{
    return std::bit_cast<float>(bits);
}

float e8m0(std::uint8_t code)
{
    return f(f32_from_e8m0(code));
}

std::string hex(const Values& values)
{
    std::string text;
    for (const std::uint16_t value : values) {
        for (int shift = 12; shift >= 0; shift -= 4) {
            text += "0123456789ABCDEF"[value >> shift & 0xf];
        }
        text += ' ';
    }
    return text;
}

void check(const Format& format, const Codes& codes, const Scales& scales, const Values& expected)
{
    for (const Kernels* set : running()) {
        Tally tally;
        const auto in = bytes_of(codes, format.bits < 8 ? 1 : format.bits / 8);
        const Values made = converted(*set, format, in, scales, tally);
        BOOST_TEST(hex(made) == hex(expected), set->name << " made " << hex(made) << "of " << format.name);
        BOOST_TEST((tally == Tally{}), set->name << " counted something odd");
    }
}

Values repeated(const Values& values, std::size_t times)
{
    Values all;
    for (std::size_t i = 0; i < times; ++i) {
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_kernels_vectors)

BOOST_AUTO_TEST_CASE(plain_elements_are_rounded)
{
    check(f32,
          {0x3F800000, 0x3F807FFF, 0x3F808000, 0x3F808001, 0x3F818000, 0x3DCCCCCD, 1, 0x8000, 0x18000,
           0x00800000, 0x807FFFFF, 0x7F7F7FFF},
          {}, {0x3F80, 0x3F80, 0x3F80, 0x3F81, 0x3F82, 0x3DCD, 0, 0, 2, 0x0080, 0x8080, 0x7F7F});
    check(f16, {0x0001, 0x03FF, 0x0400, 0x3C00, 0x3555, 0x7BFF, 0x3C04, 0x3C05, 0x3C0C, 0x8000}, {},
          {0x3380, 0x3880, 0x3880, 0x3F80, 0x3EAB, 0x4780, 0x3F80, 0x3F81, 0x3F82, 0x8000});
    check(bf16, {0x3F80, 0x8000, 0x0001, 0x7F7F}, {}, {0x3F80, 0x8000, 0x0001, 0x7F7F});
}

BOOST_AUTO_TEST_CASE(elements_times_one_are_themselves)
{
    const Scales one{{1.0f}, {}, 64};
    check(e4m3, {0x00, 0x80, 0x01, 0x07, 0x08, 0x38, 0x39, 0x77, 0x78, 0x7E, 0xFE}, one,
          {0x0000, 0x8000, 0x3B00, 0x3C60, 0x3C80, 0x3F80, 0x3F90, 0x4370, 0x4380, 0x43E0, 0xC3E0});
    check(e5m2, {0x01, 0x03, 0x04, 0x3C, 0x3D, 0x7B}, one, {0x3780, 0x3840, 0x3880, 0x3F80, 0x3FA0, 0x4760});
}

BOOST_AUTO_TEST_CASE(a_blocks_of_128_take_their_own_scales)
{
    const Codes ones(129, 0x38);
    Values upper(128, 0x3F00), lower(128, 0x3DCD);
    upper.push_back(0x4040);
    lower.push_back(0x3952);
    check(e4m3, ones, {{0.5f, 3.0f}, {}, 128}, upper);
    check(e4m3, ones, {{0.1f, 0.0002f}, {}, 128}, lower);
}

BOOST_AUTO_TEST_CASE(a2_a3_a4_products_are_rounded_to_fp32_and_then_to_bf16)
{
    check(e4m3, {0x3F}, {{f(0x39191111)}, {}, 128}, {0x3990}); // 398F by one rounding
    check(e4m3, {0xFE}, {{f(0x3951B717)}, {}, 128}, {0xBDB8});
    check(e4m3, {0x45}, {{f(0x3C8B0000)}, {}, 128}, {0x3D62});
}

BOOST_AUTO_TEST_CASE(b_i_powers_of_two_scale_down_to_the_subnormals)
{
    check(e4m3, {0x4D, 0x4D, 0x4D}, {{e8m0(0x7A), e8m0(0x80), e8m0(0x00)}, {}, 1}, {0x3E50, 0x4150, 0x0150});
    check(e4m3, {0x7E}, {{e8m0(0x70)}, {}, 32}, {0x3C60});
}

BOOST_AUTO_TEST_CASE(c_nibbles_are_low_first_and_doubled_in_number)
{
    const Codes bytes{0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE,
                      0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE};
    const Values sixteen{0x0000, 0x3F80, 0x4000, 0x4040, 0x4080, 0x40C0, 0x4100, 0x4140,
                         0x8000, 0xBF80, 0xC000, 0xC040, 0xC080, 0xC0C0, 0xC100, 0xC140};
    check(fp4, bytes, {{e8m0(0x80)}, {}, 32}, repeated(sixteen, 2));
    check(fp4, bytes, {{e8m0(0x80), e8m0(0x80)}, {}, 16}, repeated(sixteen, 2));
}

BOOST_AUTO_TEST_CASE(c2_each_32_nibbles_take_their_own_scale)
{
    Values upper(32, 0x3F80), lower(32, 0x4080);
    upper.resize(64, 0x4000);
    lower.resize(64, 0x3F00);
    check(fp4, Codes(32, 0x22), {{e8m0(0x7F), e8m0(0x80)}, {}, 32}, upper);
    check(fp4, Codes(32, 0x22), {{e8m0(0x81), e8m0(0x7E)}, {}, 32}, lower);
}

BOOST_AUTO_TEST_CASE(c3_c4_single_bytes_and_the_ends_of_the_range)
{
    check(fp4, {0xA5}, {{e8m0(0x7C)}, {}, 32}, {0x3EC0, 0xBE00});
    check(fp4, {0x01}, {{e8m0(0x00)}, {}, 32}, {0x0020, 0x0000});
    check(fp4, {0x01}, {{e8m0(0x01)}, {}, 32}, {0x0040, 0x0000});
    check(fp4, {0x03}, {{e8m0(0xFE)}, {}, 32}, {0x7F40, 0x0000});
    for (const Kernels* set : running()) {
        Tally tally;
        const Values made = converted(*set, fp4, bytes_of({0x07}, 1), {{e8m0(0xFE)}, {}, 32}, tally);
        BOOST_TEST(made[0] == 0x7F80, set->name);
        BOOST_TEST((tally == Tally{.overflow = 1}), set->name);
    }
}

BOOST_AUTO_TEST_CASE(d_the_two_scales_of_nvfp4_meet_before_the_element)
{
    const Codes bytes{0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE};
    const Values expected{0x0000, 0x3A45, 0x3AC5, 0x3B13, 0x3B45, 0x3B93, 0x3BC5, 0x3C13,
                          0x8000, 0xBA45, 0xBAC5, 0xBB13, 0xBB45, 0xBB93, 0xBBC5, 0xBC13};
    const float block = f(f32_from_e4m3(0x3C));
    const float multiplied = block * f(0x3A83126F);
    const float divided = block / 1000.0f; // D2: the other convention of the same weight
    BOOST_TEST(std::bit_cast<std::uint32_t>(multiplied) == 0x3AC49BA6u);
    BOOST_TEST(std::bit_cast<std::uint32_t>(divided) == 0x3AC49BA6u);
    check(fp4, bytes, {{multiplied}, {}, 16}, expected);
    const float d3 = f(f32_from_e4m3(0x25)) * f(0x38AF2DF2);
    check(fp4, {0x03}, {{d3}, {}, 16}, {0x37D6, 0x0000}); // 37D5 in the other order
}

BOOST_AUTO_TEST_CASE(e_f_one_scale_a_row_or_a_tensor)
{
    check(e4m3, {0x7E}, {{f(0x3C4985F0)}, {}, SIZE_MAX}, {0x40B0});
    check(e4m3, {0x38, 0xB9, 0x44}, {{f(0x3DCD0000)}, {}, 3}, {0x3DCD, 0xBDE7, 0x3E9A});
    check(e4m3, {0x01, 0x7E, 0x80}, {{f(0x3E4D0000)}, {}, 3}, {0x39CD, 0x42B3, 0x8000});
}

BOOST_AUTO_TEST_CASE(g_signed_bytes_with_and_without_a_zero_point)
{
    check(i8, {0x80, 0x7F, 0x03, 0xFF, 0x00}, {{f(0x3D4CCCCD)}, {}, 5},
          {0xC0CD, 0x40CB, 0x3E1A, 0xBD4D, 0x0000});
    check(i8_zero, {12}, {{f(0x3D4CCCCD)}, {5.0f}, 1}, {0x3EB3});
}

BOOST_AUTO_TEST_CASE(h_e5m2_is_scaled_too)
{
    check(e5m2, {0x3D}, {{0.1f}, {}, 128}, {0x3E00});
}

BOOST_AUTO_TEST_CASE(odd_elements_keep_their_bits_and_are_counted)
{
    struct Odd {
        const Format& format;
        Codes codes;
        Scales scales;
        Values made;
        Tally tally;
    };
    const std::vector<Odd> all{
        {f32,
         {0x3F808001, 0x7FC00000, 0x7F800001, 0xFF800000, 0x7F7FFFFF, 0xFF7F8000, 1},
         {},
         {0x3F81, 0x7FC0, 0x7FC0, 0xFF80, 0x7F80, 0xFF80, 0x0000},
         {2, 1, 2}},
        {f16, {0x7C00, 0x7C01, 0xFC00, 0x3C00}, {}, {0x7F80, 0x7FC0, 0xFF80, 0x3F80}, {1, 2, 0}},
        {bf16, {0x7F80, 0x7F81, 0x0001, 0xFFFF}, {}, {0x7F80, 0x7F81, 0x0001, 0xFFFF}, {2, 1, 0}},
        {e4m3, {0x7F, 0xFF, 0x38}, {{-1.0f}, {}, 3}, {0x7FC0, 0xFFC0, 0xBF80}, {2, 0, 0}},
        {e4m3, {0x7E, 0xFE, 0x38}, {{f(0x7F000000)}, {}, 3}, {0x7F80, 0xFF80, 0x7F00}, {0, 0, 2}},
        {e5m2, {0x7C, 0xFC, 0x7D, 0xFF}, {{-2.0f}, {}, 4}, {0xFF80, 0x7F80, 0x7FE0, 0xFFE0}, {2, 2, 0}},
        {e5m2, {0x7C, 0xFC}, {{0.0f}, {}, 2}, {0x7FC0, 0x7FC0}, {2, 2, 0}}, // infinity times zero
        {i8, {0x80, 0x01}, {{f(0x7E000000)}, {}, 2}, {0xFF80, 0x7E00}, {0, 0, 1}},
        {i8_zero, {0x80, 0x01}, {{f(0x7E000000)}, {1.0f}, 2}, {0xFF80, 0x0000}, {0, 0, 1}},
    };
    for (const Odd& odd : all) {
        for (const Kernels* set : running()) {
            Tally tally;
            const Values made =
                converted(*set, odd.format, bytes_of(odd.codes, odd.format.bits / 8), odd.scales, tally);
            BOOST_TEST(hex(made) == hex(odd.made),
                       set->name << " made " << hex(made) << "of " << odd.format.name);
            BOOST_TEST((tally == odd.tally), set->name << " counts " << odd.format.name << " wrongly");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Scale dtypes to floats, the second level first, and nothing that is not finite.
#include "mtp/transfer/scales.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace skw::mtp;
using skw::safetensors::Dtype;

namespace {

std::span<const std::byte> bytes_of(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

struct Decoded {
    bool finite = false;
    std::vector<std::uint32_t> bits;
};

Decoded decoded(Dtype dtype, std::string_view bytes, std::size_t count, float global = 1,
                Level level = Level::none)
{
    std::vector<float> out(count);
    Decoded result;
    result.finite = decode_scales(dtype, bytes_of(bytes), global, level, out);
    for (const float value : out) {
        result.bits.push_back(std::bit_cast<std::uint32_t>(value));
    }
    return result;
}

using Bits = std::vector<std::uint32_t>;

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_scales)

BOOST_AUTO_TEST_CASE(each_dtype_is_decoded_exactly)
{
    using namespace std::string_view_literals;
    BOOST_TEST(decoded(Dtype::f32, "\x01\x00\x00\x00\xf0\x85\x49\x3c"sv, 2).bits == Bits({1u, 0x3c4985f0u}));
    BOOST_TEST(decoded(Dtype::bf16, "\xcd\x3d\x4d\xbe"sv, 2).bits == Bits({0x3dcd0000u, 0xbe4d0000u}));
    BOOST_TEST(decoded(Dtype::f16, "\x00\x3c\x01\x00"sv, 2).bits == Bits({0x3f800000u, 0x33800000u}));
    BOOST_TEST(decoded(Dtype::f8_e4m3, "\x3c\x01\xfe"sv, 3).bits ==
               Bits({0x3fc00000u, 0x3b000000u, 0xc3e00000u}));
}

BOOST_AUTO_TEST_CASE(the_lowest_power_of_two_is_no_zero)
{
    using namespace std::string_view_literals;
    for (const Dtype dtype : {Dtype::f8_e8m0, Dtype::u8}) {
        const Decoded all = decoded(dtype, "\x00\x01\x7e\x7f\x80\xfe"sv, 6);
        BOOST_TEST(all.finite);
        BOOST_TEST(all.bits ==
                   Bits({0x00400000u, 0x00800000u, 0x3f000000u, 0x3f800000u, 0x40000000u, 0x7f000000u}));
        BOOST_TEST(!decoded(dtype, "\x7f\xff"sv, 2).finite);
    }
}

BOOST_AUTO_TEST_CASE(the_second_level_is_rounded_before_anything_else)
{
    using namespace std::string_view_literals;
    // 1.5 times 0.001, and 1.5 by 1000: the same FP32.
    BOOST_TEST(
        decoded(Dtype::f8_e4m3, "\x3c"sv, 1, std::bit_cast<float>(0x3a83126fu), Level::multiply).bits ==
        Bits({0x3ac49ba6u}));
    BOOST_TEST(decoded(Dtype::f8_e4m3, "\x3c"sv, 1, 1000.0f, Level::divide).bits == Bits({0x3ac49ba6u}));
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_told)
{
    using namespace std::string_view_literals;
    BOOST_TEST(!decoded(Dtype::f32, "\x00\x00\x80\x3f\x00\x00\x80\x7f"sv, 2).finite);
    BOOST_TEST(!decoded(Dtype::f32, "\x01\x00\x80\xff"sv, 1).finite);
    BOOST_TEST(!decoded(Dtype::bf16, "\x80\xff"sv, 1).finite);
    BOOST_TEST(!decoded(Dtype::f16, "\x00\x7c"sv, 1).finite);
    BOOST_TEST(!decoded(Dtype::f8_e4m3, "\x7f"sv, 1).finite);
    BOOST_TEST(!decoded(Dtype::f8_e4m3, "\x38"sv, 1, 0.0f, Level::divide).finite);
    BOOST_TEST(!decoded(Dtype::f8_e4m3, "\x00"sv, 1, 0.0f, Level::divide).finite);
    BOOST_TEST(!decoded(Dtype::f8_e4m3, "\x7e"sv, 1, 1e37f, Level::multiply).finite);
    BOOST_TEST(decoded(Dtype::f8_e4m3, "\x7e"sv, 1, 1e35f, Level::multiply).finite);
}

BOOST_AUTO_TEST_CASE(zero_points_are_signed)
{
    using namespace std::string_view_literals;
    std::vector<float> out(3);
    decode_zeros(bytes_of("\x05\x80\xff"sv), out);
    BOOST_TEST(out == std::vector<float>({5, -128, -1}));
}

BOOST_AUTO_TEST_SUITE_END()

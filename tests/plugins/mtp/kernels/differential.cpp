// SPDX-License-Identifier: Apache-2.0
// Every kernel set against the reference, to the bit, counts included.
#include "kernels/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <set>
#include <string>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

using Bytes = std::vector<std::byte>;

std::vector<const Kernels*> fast()
{
    std::vector<const Kernels*> sets = running();
    sets.pop_back(); // the last is the reference
    return sets;
}

const Kernels& reference()
{
    return *all_kernels().back();
}

// Converts by the reference and by every other set, and compares all bytes of the output and the counts.
void compare(const Format& format, std::span<const std::byte> in, const Scales& scales)
{
    const std::size_t n = in.size() * 8 / format.bits;
    Bytes expected(2 * n), made(2 * n + 64); // what lies behind the row has to stay
    expected.resize(made.size(), std::byte{0xA5});
    Tally counted;
    convert(reference(), format, in, scales, std::span(expected).first(2 * n), counted);
    for (const Kernels* set : fast()) {
        std::fill(made.begin(), made.end(), std::byte{0xA5});
        Tally tally;
        convert(*set, format, in, scales, std::span(made).first(2 * n), tally);
        const auto differs = std::mismatch(made.begin(), made.end(), expected.begin()).first;
        BOOST_REQUIRE_MESSAGE(made == expected && tally == counted,
                              set->name << " differs from the reference in " << format.name << ", element "
                                        << (differs - made.begin()) / 2 << " of " << n << ", width "
                                        << scales.width);
    }
}

bool is_finite(const Format& format, unsigned code)
{
    return (&format != &e4m3 || (code & 0x7f) != 0x7f) && (&format != &e5m2 || (code & 0x7f) < 0x7c);
}

// All 256 codes; those that are not finite only if asked for, because one of them takes its whole block out
// of the vector code.
Bytes all_codes(const Format& format, bool all)
{
    Bytes codes(256);
    for (unsigned code = 0; code < 256; ++code) {
        codes[code] = static_cast<std::byte>(all || is_finite(format, code) ? code : 0);
    }
    return codes;
}

// 256 bytes a scale, for all finite BF16 as scales.
void sweep_scales(const Format& format, bool all, std::size_t width, std::size_t every)
{
    const Bytes codes = all_codes(format, all);
    const std::size_t elements = 256 * 8 / format.bits;
    constexpr std::size_t at_once = 64;
    Bytes in;
    for (std::size_t i = 0; i < at_once; ++i) {
        in.insert(in.end(), codes.begin(), codes.end());
    }
    Scales scales{std::vector<float>(at_once * elements / width), {}, width};
    scales.zeros.assign(scales.values.size(), 3.0f);
    std::uint32_t bits = 0;
    while (bits < 0x10000) {
        for (std::size_t i = 0; i < at_once; ++i) {
            while ((bits & 0x7f80) == 0x7f80) { // infinity and NaN are refused before
                ++bits;
            }
            const auto begin = scales.values.begin() + static_cast<std::ptrdiff_t>(i * elements / width);
            std::fill_n(begin, elements / width, std::bit_cast<float>((bits & 0xffff) << 16));
            bits += static_cast<std::uint32_t>(every);
        }
        compare(format, in, scales);
    }
}

// Floats of every kind but infinity and NaN.
float any_scale(std::mt19937_64& random)
{
    const auto bits = static_cast<std::uint32_t>(random());
    switch (random() % 8) {
    case 0: return (bits & 1) != 0 ? -0.0f : 0.0f;
    case 1: return std::bit_cast<float>(bits & 0x807fffffu);                 // subnormal
    case 2: return std::bit_cast<float>((bits & 0x80ffffffu) | 0x7e000000u); // huge
    case 3: return std::bit_cast<float>((bits & 0x7fu) << 23);               // a power of two
    case 4: return std::bit_cast<float>((bits & 0x7f800000u) == 0x7f800000u ? 0u : bits);
    default: return std::ldexp(static_cast<float>(bits % 20001) - 10000.0f, -20); // usual
    }
}

Scales any_scales(std::mt19937_64& random, std::size_t elements, std::size_t width)
{
    Scales scales{{}, {}, width};
    for (std::size_t at = 0; at < elements; at += std::min(width, elements - at)) {
        scales.values.push_back(any_scale(random));
        const bool odd = random() % 8 == 0;
        scales.zeros.push_back(odd ? any_scale(random) : static_cast<float>(random() % 256) - 128.0f);
    }
    return scales;
}

Bytes any_bytes(std::mt19937_64& random, std::size_t size)
{
    Bytes bytes(size);
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(random() >> 32);
    }
    return bytes;
}

void leave_out_what_is_not_finite(const Format& format, Bytes& bytes)
{
    for (std::byte& byte : bytes) {
        byte = is_finite(format, std::to_integer<unsigned>(byte)) ? byte : std::byte{0};
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_kernels_differential)

BOOST_AUTO_TEST_CASE(every_finite_code_agrees_at_every_finite_bf16_scale)
{
    for (const Format* format : {&e4m3, &e5m2, &i8, &i8_zero}) {
        sweep_scales(*format, false, 256, stride());
    }
    sweep_scales(fp4, false, 512, stride()); // all pairs of codes
    sweep_scales(fp4, false, 16, 4 * stride());
}

BOOST_AUTO_TEST_CASE(every_code_agrees_at_many_scales_with_those_that_are_not_finite)
{
    for (const Format* format : {&e4m3, &e5m2}) {
        sweep_scales(*format, true, 256, 16 * stride());
        sweep_scales(*format, true, 32, 16 * stride());
    }
}

BOOST_AUTO_TEST_CASE(every_f16_and_bf16_code_agrees)
{
    std::vector<std::uint32_t> codes(0x10000);
    for (std::uint32_t code = 0; code < 0x10000; ++code) {
        codes[code] = code;
    }
    compare(f16, bytes_of(codes, 2), {});
    compare(bf16, bytes_of(codes, 2), {});
}

BOOST_AUTO_TEST_CASE(every_boundary_between_two_bf16_agrees_from_f32)
{
    for (const std::uint32_t low : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
        std::vector<std::uint32_t> values(0x10000);
        for (std::uint32_t top = 0; top < 0x10000; ++top) {
            values[top] = top << 16 | low;
        }
        compare(f32, bytes_of(values, 4), {});
    }
}

BOOST_AUTO_TEST_CASE(random_blocks_of_every_width_agree)
{
    std::mt19937_64 random(7);
    for (std::size_t round = 0; round < 12'000; round += stride()) {
        const Format& format = *formats[random() % std::size(formats)];
        const std::size_t n = 2 * (random() % 400);
        constexpr std::size_t widths[]{16, 32, 64, 128, 2, 6, 34, SIZE_MAX};
        std::size_t width = widths[random() % std::size(widths)];
        width = random() % 4 == 0 ? 2 * (random() % 150 + 1) : width;
        Bytes in = any_bytes(random, format.bytes(n));
        if (random() % 2 == 0) {
            leave_out_what_is_not_finite(format, in);
        }
        compare(format, in, any_scales(random, n, width));
    }
}

BOOST_AUTO_TEST_CASE(products_beside_the_largest_number_agree_with_every_power_of_two)
{
    const Bytes codes = all_codes(i8_zero, true);
    for (int exponent = 0; exponent < 128; ++exponent) {
        const float scale = std::ldexp(1.0f, exponent);
        for (const Format* format : {&e4m3, &e5m2, &i8, &fp4}) {
            Bytes finite = codes;
            leave_out_what_is_not_finite(*format, finite);
            compare(*format, finite, {{scale}, {}, SIZE_MAX});
        }
        for (const float zero : {-0x1p24f, -0x1p20f, -0x1p19f, 0.0f, 0x1p20f, 0x1p21f, 0x1p100f}) {
            compare(i8_zero, codes, {{scale}, {zero}, SIZE_MAX});
        }
    }
}

BOOST_AUTO_TEST_CASE(one_odd_element_at_any_place_of_a_row_is_found)
{
    struct Case {
        const Format& format;
        std::set<std::uint32_t> odd;
        std::uint32_t usual;
    };
    const Case cases[]{{e4m3, {0x7f, 0xff}, 0x38},
                       {e5m2, {0x7c, 0xfc, 0x7d, 0x7e, 0x7f, 0xfd, 0xff}, 0x3c},
                       {f16, {0x7c00, 0xfc00, 0x7c01, 0xffff}, 0x3c00},
                       {bf16, {0x7f80, 0xff80, 0x7f81, 0xffff}, 0x3f80},
                       {f32, {0x7f800000, 0xff800000, 0x7f800001, 0x7f7f8000, 0xff7fffff}, 0x3f800000}};
    std::size_t kind = 0;
    for (const Case& what : cases) {
        for (const std::uint32_t odd : what.odd) {
            for (std::size_t at = kind++ % stride(); at < 150; at += stride()) {
                std::vector<std::uint32_t> codes(150, what.usual);
                codes[at] = odd;
                const Bytes in = bytes_of(codes, what.format.bits / 8);
                for (const std::size_t width : {std::size_t{32}, std::size_t{128}, std::size_t{1000}}) {
                    const Scales scales{std::vector<float>(150 / width + 1, 0.3f), {}, width};
                    compare(what.format, in, scales);
                    for (const Kernels* set : running()) {
                        Tally tally;
                        converted(*set, what.format, in, scales, tally);
                        BOOST_REQUIRE(tally.nan + tally.inf_in_source + tally.overflow == 1u);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_length_and_alignment_agrees_and_touches_nothing_else)
{
    std::mt19937_64 random(11);
    EdgeBuffer in(4096), out(4096);
    std::size_t turn = 0;
    for (const Format* format : formats) {
        for (std::size_t n = 0; n <= 200; n += format->bits == 4 ? 2 : 1) {
            for (const std::size_t width : {std::size_t{16}, std::size_t{32}, std::size_t{128}, SIZE_MAX}) {
                const Scales scales = any_scales(random, n, width);
                for (std::size_t gap = turn++ % stride(); gap < 16; gap += stride()) {
                    const Bytes bytes = any_bytes(random, format->bytes(n));
                    const auto source = in.last(bytes.size(), gap);
                    std::copy(bytes.begin(), bytes.end(), source.begin());
                    std::vector<std::byte> expected(2 * n);
                    Tally counted;
                    convert(reference(), *format, bytes, scales, expected, counted);
                    for (const Kernels* set : fast()) {
                        const auto around = out.last(2 * n + 64 + (gap * 5) % 16);
                        std::fill(around.begin(), around.end(), std::byte{0xA5});
                        const auto target = out.last(2 * n, (gap * 5) % 16);
                        Tally tally;
                        convert(*set, *format, source, scales, target, tally);
                        BOOST_REQUIRE_MESSAGE(std::equal(target.begin(), target.end(), expected.begin()) &&
                                                  tally == counted,
                                              set->name << " differs in " << n << " of " << format->name);
                        std::fill(target.begin(), target.end(), std::byte{0xA5});
                        BOOST_REQUIRE_MESSAGE(std::count(around.begin(), around.end(), std::byte{0xA5}) ==
                                                  static_cast<std::ptrdiff_t>(around.size()),
                                              set->name << " wrote beside " << n << " of " << format->name);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(plain_rows_can_be_converted_where_they_lie)
{
    std::mt19937_64 random(13);
    for (const Format* format : {&bf16, &f16, &f32}) {
        for (std::size_t n = 0; n < 300; n += stride()) {
            const Bytes in = any_bytes(random, format->bytes(n));
            Tally counted;
            Bytes expected(2 * n);
            convert(reference(), *format, in, {}, expected, counted);
            for (const Kernels* set : running()) {
                Bytes bytes = in;
                Tally tally;
                convert(*set, *format, bytes, {}, std::span(bytes).first(2 * n), tally);
                BOOST_REQUIRE_MESSAGE(std::equal(expected.begin(), expected.end(), bytes.begin()) &&
                                          tally == counted,
                                      set->name << " differs in place in " << n << " of " << format->name);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

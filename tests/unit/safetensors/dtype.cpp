// SPDX-License-Identifier: Apache-2.0
// The element types: every name of the format, and sizes without silent overflow.
#include "safetensors/dtype.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

using namespace skw::safetensors;

BOOST_AUTO_TEST_SUITE(safetensors_dtype)

BOOST_AUTO_TEST_CASE(every_type_of_the_format_is_known_by_its_name_and_width)
{
    struct Row {
        const char* name;
        unsigned bits;
    };
    constexpr std::array<Row, 22> rows{
        {{"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
         {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
         {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
         {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64}}};
    for (const Row& row : rows) {
        const auto found = find_dtype(row.name);
        BOOST_TEST_REQUIRE(found.has_value(), row.name);
        BOOST_TEST(dtype_name(*found) == row.name);
        BOOST_TEST(dtype_bits(*found) == row.bits, row.name);
    }
}

BOOST_AUTO_TEST_CASE(names_that_only_look_like_a_type_are_unknown)
{
    for (const char* name : {"", "bf16", "BF16 ", "F8", "F8_E4M3FN", "FP32", "I128"}) {
        BOOST_TEST(!find_dtype(name).has_value(), name);
    }
}

BOOST_AUTO_TEST_CASE(a_shape_without_dimensions_is_one_element_and_a_zero_makes_none)
{
    BOOST_TEST(*tensor_bytes(Dtype::f32, {}) == 4u);
    constexpr std::array<std::uint64_t, 3> empty{5, 0, 7};
    BOOST_TEST(*tensor_bytes(Dtype::f64, empty) == 0u);
}

BOOST_AUTO_TEST_CASE(packed_types_must_fill_whole_bytes)
{
    constexpr std::array<std::uint64_t, 2> even{3, 2}, odd{3, 1}, four{1, 4}, two{1, 2};
    BOOST_TEST(*tensor_bytes(Dtype::f4, even) == 3u);
    BOOST_TEST(!tensor_bytes(Dtype::f4, odd).has_value());
    BOOST_TEST(*tensor_bytes(Dtype::f6_e2m3, four) == 3u);
    BOOST_TEST(!tensor_bytes(Dtype::f6_e3m2, two).has_value());
}

BOOST_AUTO_TEST_CASE(a_size_beyond_64_bits_is_none_rather_than_a_small_one)
{
    constexpr std::array<std::uint64_t, 2> wraps{1ull << 32, 1ull << 32};
    constexpr std::array<std::uint64_t, 1> in_bits{1ull << 60};
    constexpr std::array<std::uint64_t, 3> before_zero{1ull << 40, 1ull << 40, 0};
    BOOST_TEST(!tensor_bytes(Dtype::u8, wraps).has_value());
    BOOST_TEST(!tensor_bytes(Dtype::f64, in_bits).has_value());
    BOOST_TEST(!tensor_bytes(Dtype::u8, before_zero).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// The rules for how scales lie, in their order, on shapes alone.
#include "mtp/storage/geometry.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace skw::mtp;

namespace {

using Dimensions = std::vector<std::uint64_t>;

std::string fit(const Dimensions& weight, const Dimensions& scale,
                std::optional<BlockSize> block = std::nullopt)
{
    const auto found = fit_by_shape(weight, scale, block);
    return found ? fit_text(*found) : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_storage_geometry)

BOOST_AUTO_TEST_CASE(one_value_comes_before_everything_else)
{
    for (const Dimensions& one :
         {Dimensions{}, Dimensions{1}, Dimensions{1, 1}, Dimensions{1, 1, 1}, Dimensions(64, 1)}) {
        BOOST_TEST(fit({256, 256}, one, BlockSize{128, 128}) == "tensor");
        BOOST_TEST(fit({1, 64}, one) == "tensor");
        BOOST_TEST(fit({}, one) == "tensor");
        BOOST_TEST(fit({7}, one) == "tensor");
    }
    BOOST_TEST(fit({1, 1}, {1, 1}, BlockSize{128, 128}) == "tensor");
    BOOST_TEST(fit({4, 8, 8}, {4, 1, 1}) == "matrix");
    BOOST_TEST(fit({2, 3, 8, 8}, {2, 3, 1, 1}) == "matrix");
}

BOOST_AUTO_TEST_CASE(rows_come_before_blocks)
{
    BOOST_TEST(fit({256, 16384}, {256}) == "row");
    BOOST_TEST(fit({256, 16384}, {256, 1}) == "row");
    BOOST_TEST(fit({256, 16384}, {256, 1}, BlockSize{128, 128}) == "row");
    BOOST_TEST(fit({256, 16384}, {2, 128}, BlockSize{128, 128}) == "128x128");
    BOOST_TEST(fit({256, 256}, {1, 256}) == "none");
    BOOST_TEST(fit({256, 512}, {512}) == "none");
}

BOOST_AUTO_TEST_CASE(the_configured_block_is_the_only_grid_that_counts)
{
    BOOST_TEST(fit({130, 129}, {2, 2}, BlockSize{128, 128}) == "128x128");
    BOOST_TEST(fit({256, 256}, {4, 4}, BlockSize{128, 128}) == "none");
    BOOST_TEST(fit({256, 256}, {4, 4}, BlockSize{64, 64}) == "64x64");
    BOOST_TEST(fit({256, 256}, {3, 6}, BlockSize{96, 48}) == "96x48");
    BOOST_TEST(fit({256, 200}, {256, 2}, BlockSize{1, 128}) == "128");
    BOOST_TEST(fit({256, 256}, {2, 2}, BlockSize{0, 128}) == "none");
    BOOST_TEST(fit({256, 256}, {2, 2}, BlockSize{~0ull, ~0ull}) == "none");
    // MiMo-V2 trunks pad the scale rows of fused projections: 108 instead of 106 for 13568 rows.
    BOOST_TEST(fit({13568, 4096}, {106, 32}, BlockSize{128, 128}) == "128x128");
    BOOST_TEST(fit({13568, 4096}, {108, 32}, BlockSize{128, 128}) == "none");
}

BOOST_AUTO_TEST_CASE(groups_of_a_row_are_powers_of_two_that_divide_it)
{
    BOOST_TEST(fit({96, 256}, {96, 8}) == "32");
    BOOST_TEST(fit({96, 256}, {96, 2}, BlockSize{128, 128}) == "128");
    BOOST_TEST(fit({96, 256}, {96, 16}) == "none"); // what two FP4 values in a byte look like
    BOOST_TEST(fit({96, 288}, {96, 3}) == "none");  // groups of 96, or of 128 with a ragged edge
    BOOST_TEST(fit({96, 200}, {96, 2}) == "none");  // groups of 100, or of 128
    BOOST_TEST(fit({96, 326}, {96, 3}) == "128");   // only 128 with a ragged edge
    BOOST_TEST(fit({96, 256}, {96, 256}) == "none");
}

BOOST_AUTO_TEST_CASE(without_a_configured_block_exactly_one_usual_size_must_fit)
{
    BOOST_TEST(fit({256, 300}, {2, 3}) == "128x128");
    BOOST_TEST(fit({256, 300}, {4, 5}) == "64x64");
    BOOST_TEST(fit({256, 300}, {8, 10}) == "32x32");
    BOOST_TEST(fit({256, 326}, {256, 3}) == "128");
    BOOST_TEST(fit({256, 326}, {256, 6}) == "64");
    BOOST_TEST(fit({256, 326}, {256, 11}) == "32");
    BOOST_TEST(fit({256, 300}, {1, 2}) == "none"); // 256 x 256 is no usual size
    BOOST_TEST(fit({1, 200}, {1, 2}) == "none");   // 128x128 and 1x128
    BOOST_TEST(fit({256, 300}, {3, 2}) == "none");
}

BOOST_AUTO_TEST_CASE(leading_dimensions_are_equal_in_weight_and_scale)
{
    BOOST_TEST(fit({4, 256, 256}, {4, 2, 2}) == "128x128");
    BOOST_TEST(fit({2, 2, 256, 256}, {2, 2, 2, 2}) == "128x128");
    BOOST_TEST(fit({4, 256, 256}, {2, 2}) == "none");
    BOOST_TEST(fit({4, 256, 256}, {5, 2, 2}) == "none");
    BOOST_TEST(fit({4, 256, 256}, {4}) == "none");
    BOOST_TEST(fit({256, 256}, {1, 2, 2}) == "none");
    BOOST_TEST(fit({4, 256, 256}, {4, 256}) == "row");
    // As many experts as rows: still one a row only with the batch in front.
    BOOST_TEST(fit({4, 4, 256}, {4}) == "none");
    BOOST_TEST(fit({4, 4, 256}, {4, 4}) == "row");
}

BOOST_AUTO_TEST_CASE(vectors_and_scalars_have_one_scale_or_none)
{
    BOOST_TEST(fit({256}, {256}) == "none");
    BOOST_TEST(fit({256}, {2}) == "none");
    BOOST_TEST(fit({}, {2}) == "none");
}

BOOST_AUTO_TEST_CASE(empty_weights_and_huge_dimensions_are_no_trouble)
{
    BOOST_TEST(fit({0, 256}, {0, 2}) != "none");
    BOOST_TEST(fit({256, 0}, {256, 0}, BlockSize{128, 128}) == "none");
    BOOST_TEST(fit({256, 0}, {2, 0}, BlockSize{128, 128}) == "128x128");
    BOOST_TEST(fit({0, 0}, {0, 0}) == "128x128");
    BOOST_TEST(fit({~0ull, ~0ull}, {~0ull, ~0ull}) == "none");
    BOOST_TEST(fit({~0ull, 128}, {~0ull}) == "row");
    BOOST_TEST(fit({256, 256}, {1ull << 32, 1ull << 32}) == "none"); // 2^64 elements, not 0
    BOOST_TEST(!fit_groups(Dimensions{}, Dimensions{}, 32));
    BOOST_TEST(fit_groups(Dimensions{0}, Dimensions{0}, 32).has_value());
    BOOST_TEST(!fit_groups(Dimensions{2, 33}, Dimensions{2, 1}, 32));
    BOOST_TEST(!fit_groups(Dimensions{2, 64}, Dimensions{2}, 32));
}

BOOST_AUTO_TEST_CASE(long_shapes_are_printed_in_part)
{
    BOOST_TEST(shape_text(Dimensions{}) == "[]");
    BOOST_TEST(shape_text(Dimensions{256, 16384}) == "[256, 16384]");
    BOOST_TEST(shape_text(Dimensions(64, 1)) == "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ... (64 dimensions)]");
}

BOOST_AUTO_TEST_SUITE_END()

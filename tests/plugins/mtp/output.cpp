// SPDX-License-Identifier: Apache-2.0
// The plan of the file: which reads are merged, and what the header records.
#include "mtp/output.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace skw::mtp;
using skw::safetensors::Dtype;

namespace {

SelectedTensor at(std::size_t shard, std::uint64_t begin, std::uint64_t end)
{
    SelectedTensor tensor;
    tensor.source.shard = shard;
    tensor.source.begin = begin;
    tensor.source.end = end;
    return tensor;
}

std::string text(const std::vector<Range>& ranges)
{
    std::string out;
    for (const Range& range : ranges) {
        out += std::to_string(range.shard) + ":" + std::to_string(range.begin) + "-" +
               std::to_string(range.end) + "[" + std::to_string(range.first) + "," +
               std::to_string(range.last) + ") ";
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_output)

BOOST_AUTO_TEST_CASE(neighbours_with_small_gaps_are_one_range)
{
    const std::uint64_t gap = merge_gap_bytes;
    BOOST_TEST(text(plan_ranges(std::vector{at(0, 0, 10), at(0, 10, 20), at(0, 20 + gap - 1, 30 + gap)})) ==
               "0:0-" + std::to_string(30 + gap) + "[0,3) ");
    BOOST_TEST(text(plan_ranges(std::vector{at(0, 0, 10), at(0, 10 + gap, 20 + gap)})) ==
               "0:0-10[0,1) 0:" + std::to_string(10 + gap) + "-" + std::to_string(20 + gap) + "[1,2) ");
}

BOOST_AUTO_TEST_CASE(a_step_back_or_into_another_shard_begins_a_new_range)
{
    BOOST_TEST(text(plan_ranges(std::vector{at(0, 10, 20), at(0, 0, 10), at(1, 10, 20), at(1, 20, 25)})) ==
               "0:10-20[0,1) 0:0-10[1,2) 1:10-25[2,4) ");
}

BOOST_AUTO_TEST_CASE(empty_tensors_cost_no_request_and_split_no_range)
{
    BOOST_TEST(text(plan_ranges(std::vector{at(1, 5, 5)})) == "");
    BOOST_TEST(text(plan_ranges(std::vector{at(0, 0, 4), at(1, 9, 9), at(0, 4, 8)})) == "0:0-8[0,3) ");
}

BOOST_AUTO_TEST_CASE(metadata_hold_only_what_is_known)
{
    Head head;
    head.detection.family = &families()[1];
    head.detection.prefix = "mtp.";
    head.detection.names.layers[0];
    head.selection.tensors.resize(2);
    head.selection.tensors[0].source.dtype = Dtype::f32;
    auto full =
        make_metadata(head, {"o/m", "0123456789abcdef0123456789abcdef01234567", "skulk-weights 1.2.3"});
    BOOST_TEST(full.at("format") == "pt");
    BOOST_TEST(full.at("mtp.layout") == "qwen");
    BOOST_TEST(full.at("mtp.layers") == "1");
    BOOST_TEST(full.at("mtp.source_formats") == "BF16;F32");
    BOOST_TEST(full.at("mtp.tensor_count") == "2");
    BOOST_TEST(full.at("mtp.concat_order") == "embedding,hidden");
    BOOST_TEST(full.at("mtp.source_prefixes") == "mtp.");
    BOOST_TEST(full.at("mtp.tool") == "skulk-weights 1.2.3");
    BOOST_TEST(full.count("mtp.norm_convention") == 0u);
    BOOST_TEST(make_metadata(head, {"o/m", "", ""}).count("mtp.source_revision") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

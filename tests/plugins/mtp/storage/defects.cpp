// SPDX-License-Identifier: Apache-2.0
// What the Python tool got wrong about stored forms, each as a case that fails if it comes back.
#include "mtp/storage/storage.hpp"

#include "storage/heads.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::mtp::test;

BOOST_AUTO_TEST_SUITE(mtp_storage_defects)

BOOST_AUTO_TEST_CASE(defect_1_an_inverse_scale_is_multiplied_never_inverted)
{
    const StoredHead head = read({tensor("model.layers.61.q.weight", Dtype::f8_e4m3, {256, 256}),
                                  tensor("model.layers.61.q.weight_scale_inv", Dtype::f32, {2, 2})});
    BOOST_TEST_REQUIRE(head.weights.size() == 1u);
    const Storage& storage = head.weights[0].storage;
    // The only division there is belongs to the second scale of compressed-tensors.
    BOOST_TEST(!storage.global.has_value());
    BOOST_TEST(!storage.divide_by_global);
    BOOST_TEST(storage.scale->tensor.name == "model.layers.61.q.weight_scale_inv");
}

BOOST_AUTO_TEST_CASE(defect_2_packed_fp4_experts_are_no_integers)
{
    const StoredHead head = read({tensor("mtp.0.ffn.experts.0.w1.weight", Dtype::i8, {2048, 2048}),
                                  tensor("mtp.0.ffn.experts.0.w1.scale", Dtype::f8_e8m0, {2048, 128})});
    BOOST_TEST_REQUIRE(head.weights.size() == 1u);
    BOOST_TEST((head.weights[0].storage.element == Element::fp4));
    BOOST_TEST((head.weights[0].shape == std::vector<std::uint64_t>{2048, 4096}));
}

BOOST_AUTO_TEST_CASE(defect_10_scales_of_rows_are_never_tiles)
{
    // 256 scales for [256, 16384]: as many as a grid of 128 x 128 has.
    for (const std::vector<std::uint64_t>& rows : {std::vector<std::uint64_t>{256}, {256, 1}}) {
        for (const TextConfig& config : {TextConfig{}, blocks(128, 128)}) {
            const StoredHead head = read({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 16384}),
                                          tensor("mtp.x.weight_scale", Dtype::f32, rows)},
                                         config);
            BOOST_TEST_REQUIRE(head.weights.size() == 1u);
            BOOST_TEST(head.weights[0].storage.scale->block_rows == 1u);
            BOOST_TEST(head.weights[0].storage.scale->block_columns == 0u);
        }
    }
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 16384}),
                        tensor("mtp.x.weight_scale", Dtype::f32, {2, 128})}) ==
               "Q6 F8_E4M3/128x128/F32 [256, 16384]");
    for (const std::vector<std::uint64_t>& odd :
         {std::vector<std::uint64_t>{1, 256}, {128, 2}, {16, 16}, {2, 2, 64}}) {
        BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 16384}),
                            tensor("mtp.x.weight_scale", Dtype::f32, odd)})
                       .find("neither one value") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(defect_11_a_scale_may_lie_in_any_shard)
{
    const StoredHead head = read({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 256}, 0),
                                  tensor("mtp.x.weight_scale_inv", Dtype::f32, {2, 2}, 1)});
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST_REQUIRE(head.weights.size() == 1u);
    BOOST_TEST(head.weights[0].source.shard == 0u);
    BOOST_TEST(head.weights[0].storage.scale->tensor.shard == 1u);
}

BOOST_AUTO_TEST_CASE(defect_12_channels_e5m2_nvfp4_and_mxfp4_are_taken)
{
    const std::string w = "mtp.x.weight";
    BOOST_TEST(outcome({tensor(w, Dtype::f8_e4m3, {64, 32}), tensor(w + "_scale", Dtype::bf16, {64, 1})})
                   .starts_with("Q6 "));
    BOOST_TEST(outcome({tensor(w, Dtype::f8_e5m2, {64, 32})}).starts_with("Q8 "));
    BOOST_TEST(outcome({tensor(w, Dtype::u8, {64, 32}), tensor(w + "_scale", Dtype::f8_e4m3, {64, 4}),
                        tensor(w + "_scale_2", Dtype::f32, {})})
                   .starts_with("Q5 "));
    BOOST_TEST(outcome({tensor(w + "_packed", Dtype::u8, {64, 32}), tensor(w + "_scale", Dtype::u8, {64, 2})})
                   .starts_with("Q4c "));
}

BOOST_AUTO_TEST_CASE(defect_17_calibration_values_are_no_weights)
{
    const StoredHead head =
        read({tensor("mtp.x.weight", Dtype::bf16, {4, 4}), tensor("mtp.x.input_scale", Dtype::f32, {})});
    BOOST_TEST(head.weights.size() == 1u);
    BOOST_TEST_REQUIRE(head.left_out.size() == 1u);
    BOOST_TEST(head.left_out[0] == "mtp.x.input_scale");
}

BOOST_AUTO_TEST_SUITE_END()

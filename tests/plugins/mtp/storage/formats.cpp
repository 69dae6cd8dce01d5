// SPDX-License-Identifier: Apache-2.0
// Every storage format in the shapes it is released in, and the output name and shape it makes.
#include "mtp/storage/formats.hpp"

#include "storage/heads.hpp"

#include "mtp/storage/geometry.hpp"

#include <boost/test/unit_test.hpp>

namespace skw::mtp::test {

std::string outcome(std::vector<SourceTensor> tensors, const TextConfig& config)
{
    const StoredHead head = read(std::move(tensors), config);
    if (!head.refusals.empty()) {
        return head.refusals.front().message;
    }
    if (head.weights.size() != 1) {
        return std::to_string(head.weights.size()) + " weights";
    }
    const StoredTensor& weight = head.weights.front();
    return std::string(weight.storage.id) + " " + weight.storage.format + " " + shape_text(weight.shape);
}

Refusal only_refusal(std::vector<SourceTensor> tensors, const TextConfig& config)
{
    StoredHead head = read(std::move(tensors), config);
    BOOST_TEST_REQUIRE(head.refusals.size() == 1u);
    return head.refusals.front();
}

} // namespace skw::mtp::test

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

const std::string w = "model.layers.61.self_attn.q_a_proj.weight";
const std::string b = "model.layers.61.self_attn.q_a_proj";

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_storage_formats)

BOOST_AUTO_TEST_CASE(q0_plain_values_are_taken_as_they_are)
{
    BOOST_TEST(outcome({tensor("mtp.fc.weight", Dtype::bf16, {5120, 10240})}) == "Q0 BF16 [5120, 10240]");
    BOOST_TEST(outcome({tensor("mtp.fc.weight", Dtype::f16, {4, 2})}) == "Q0 F16 [4, 2]");
    BOOST_TEST(outcome({tensor("mtp.norm.weight", Dtype::f32, {7168})}) == "Q0 F32 [7168]");
    BOOST_TEST(outcome({tensor("mtp.scalar", Dtype::f32, {})}) == "Q0 F32 []");
    BOOST_TEST(outcome({tensor("mtp.tid2eid", Dtype::i64, {9})}) == "Q0 I64 [9]");
}

BOOST_AUTO_TEST_CASE(q1_block_scales_of_the_deepseek_v3_line)
{
    BOOST_TEST(
        outcome({tensor(w, Dtype::f8_e4m3, {1536, 7168}), tensor(w + "_scale_inv", Dtype::f32, {12, 56})},
                blocks(128, 128)) == "Q1 F8_E4M3/128x128/F32 [1536, 7168]");
    BOOST_TEST(
        outcome({tensor(w, Dtype::f8_e4m3, {576, 7168}), tensor(w + "_scale_inv", Dtype::bf16, {5, 56})},
                blocks(128, 128)) == "Q1 F8_E4M3/128x128/BF16 [576, 7168]");
    BOOST_TEST(outcome({tensor(w, Dtype::f8_e4m3, {14848, 4096}),
                        tensor(w + "_scale_inv", Dtype::f32, {116, 32})}) ==
               "Q1 F8_E4M3/128x128/F32 [14848, 4096]");
}

BOOST_AUTO_TEST_CASE(q1t_one_inverse_scale_for_a_tensor_or_for_each_expert)
{
    BOOST_TEST(outcome({tensor(w, Dtype::f8_e4m3, {64, 64}), tensor(w + "_scale_inv", Dtype::bf16, {})}) ==
               "Q1t F8_E4M3/tensor/BF16 [64, 64]");
    const std::string fused = "model.mtp_layers.0.mlp.experts.gate_up_proj";
    BOOST_TEST(outcome({tensor(fused, Dtype::f8_e4m3, {8, 512, 256}),
                        tensor(fused + "_scale_inv", Dtype::bf16, {8, 1, 1})}) ==
               "Q1t F8_E4M3/matrix/BF16 [8, 512, 256]");
}

BOOST_AUTO_TEST_CASE(q2_dotted_scales_of_deepseek_v4)
{
    const std::string m = "mtp.0.attn.wq_a";
    for (const Dtype scale : {Dtype::f8_e8m0, Dtype::u8}) {
        BOOST_TEST(outcome({tensor(m + ".weight", Dtype::f8_e4m3, {1024, 4096}),
                            tensor(m + ".scale", scale, {8, 32})},
                           blocks(128, 128)) == "Q2 F8_E4M3/128x128/E8M0 [1024, 4096]");
    }
    BOOST_TEST(outcome({tensor(m + ".weight", Dtype::f8_e4m3, {1024, 4096}),
                        tensor(m + ".scale", Dtype::f32, {8, 32})},
                       blocks(128, 128)) == "Q2 F8_E4M3/128x128/F32 [1024, 4096]");
    BOOST_TEST(outcome({tensor(m + ".weight", Dtype::f8_e4m3, {1024, 4096}),
                        tensor(m + ".scale", Dtype::f8_e8m0, {32, 128})},
                       blocks(32, 32)) == "Q2 F8_E4M3/32x32/E8M0 [1024, 4096]");
}

BOOST_AUTO_TEST_CASE(q3_packed_experts_of_deepseek_v4_are_twice_as_wide)
{
    const std::string m = "mtp.0.ffn.experts.17.w1";
    TextConfig config = blocks(128, 128);
    config.expert_dtype = "fp4";
    for (const Dtype packed : {Dtype::i8, Dtype::u8}) {
        for (const Dtype scale : {Dtype::f8_e8m0, Dtype::u8}) {
            const StoredHead head =
                read({tensor(m + ".weight", packed, {2048, 2048}), tensor(m + ".scale", scale, {2048, 128})},
                     config);
            BOOST_TEST_REQUIRE(head.weights.size() == 1u);
            const StoredTensor& weight = head.weights.front();
            BOOST_TEST(weight.storage.id == "Q3");
            BOOST_TEST(weight.storage.format == (packed == Dtype::i8 ? "I8-FP4/32/E8M0" : "U8-FP4/32/E8M0"));
            BOOST_TEST(weight.name == m + ".weight");
            BOOST_TEST(weight.rows() == 2048u);
            BOOST_TEST(weight.columns() == 4096u);
            BOOST_TEST(weight.elements() == 2048u * 4096u);
            BOOST_TEST(weight.companion_bytes() == 2048u * 128u);
            BOOST_TEST(weight.source.shape.back() == 2048u);
            BOOST_TEST(weight.storage.scale->block_rows == 1u);
            BOOST_TEST(weight.storage.scale->block_columns == 32u);
        }
    }
}

BOOST_AUTO_TEST_CASE(q4_blocks_of_gpt_oss_are_flattened_under_the_plain_name)
{
    const std::string n = "mtp.0.mlp.experts.gate_up_proj";
    const StoredHead head =
        read({tensor(n + "_blocks", Dtype::u8, {4, 64, 90, 16}),
              tensor(n + "_scales", Dtype::u8, {4, 64, 90}), tensor(n + "_bias", Dtype::bf16, {4, 64})});
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST_REQUIRE(head.weights.size() == 2u);
    BOOST_TEST(head.weights[0].name == n);
    BOOST_TEST(head.weights[0].source.name == n + "_blocks");
    BOOST_TEST(head.weights[0].storage.id == "Q4");
    BOOST_TEST((head.weights[0].shape == std::vector<std::uint64_t>{4, 64, 2880}));
    BOOST_TEST(head.weights[1].name == n + "_bias");
    BOOST_TEST(outcome({tensor("mtp.v_blocks", Dtype::u8, {3, 16}),
                        tensor("mtp.v_scales", Dtype::f8_e8m0, {3})}) == "Q4 U8-FP4/32/E8M0 [96]");
}

BOOST_AUTO_TEST_CASE(q4c_packed_weights_lose_the_mark_in_their_name)
{
    for (const Dtype scale : {Dtype::u8, Dtype::f8_e8m0}) {
        const StoredHead head = read(
            {tensor(b + ".weight_packed", Dtype::u8, {64, 32}), tensor(b + ".weight_scale", scale, {64, 2})});
        BOOST_TEST(head.refusals.empty());
        BOOST_TEST_REQUIRE(head.weights.size() == 1u);
        BOOST_TEST(head.weights[0].name == w);
        BOOST_TEST(head.weights[0].source.name == b + ".weight_packed");
        BOOST_TEST(head.weights[0].storage.id == "Q4c");
        BOOST_TEST(head.weights[0].columns() == 64u);
    }
}

BOOST_AUTO_TEST_CASE(q5_multiplies_by_the_second_scale_and_q5c_divides)
{
    const StoredHead times =
        read({tensor(w, Dtype::u8, {64, 32}), tensor(b + ".weight_scale", Dtype::f8_e4m3, {64, 4}),
              tensor(b + ".weight_scale_2", Dtype::f32, {}), tensor(b + ".input_scale", Dtype::f32, {})});
    BOOST_TEST(times.refusals.empty());
    BOOST_TEST_REQUIRE(times.weights.size() == 1u);
    BOOST_TEST(times.weights[0].storage.id == "Q5");
    BOOST_TEST(times.weights[0].storage.format == "U8-NVFP4/16/E4M3*F32");
    BOOST_TEST(!times.weights[0].storage.divide_by_global);
    BOOST_TEST(times.weights[0].storage.global->name == b + ".weight_scale_2");
    BOOST_TEST(times.weights[0].companion_bytes() == 64u * 4u + 4u);

    const StoredHead over = read({tensor(b + ".weight_packed", Dtype::u8, {64, 32}),
                                  tensor(b + ".weight_scale", Dtype::f8_e4m3, {64, 4}),
                                  tensor(b + ".weight_global_scale", Dtype::f32, {1})});
    BOOST_TEST(over.refusals.empty());
    BOOST_TEST_REQUIRE(over.weights.size() == 1u);
    BOOST_TEST(over.weights[0].storage.id == "Q5c");
    BOOST_TEST(over.weights[0].storage.format == "U8-NVFP4/16/E4M3:F32");
    BOOST_TEST(over.weights[0].storage.divide_by_global);
    BOOST_TEST(over.weights[0].name == w);
}

BOOST_AUTO_TEST_CASE(q5_of_a_fused_parameter_has_underscored_companions)
{
    const std::string n = "mtp.layers.0.mlp.experts.down_proj";
    BOOST_TEST(
        outcome({tensor(n, Dtype::u8, {4, 64, 32}), tensor(n + "_weight_scale", Dtype::f8_e4m3, {4, 64, 4}),
                 tensor(n + "_weight_scale_2", Dtype::f32, {}),
                 tensor(n + "_input_scale", Dtype::f32, {})}) == "Q5 U8-NVFP4/16/E4M3*F32 [4, 64, 64]");
}

BOOST_AUTO_TEST_CASE(q6_one_scale_or_one_a_row)
{
    for (const std::vector<std::uint64_t>& one : {std::vector<std::uint64_t>{}, {1}, {1, 1}}) {
        BOOST_TEST(
            outcome({tensor(w, Dtype::f8_e4m3, {96, 64}), tensor(b + ".weight_scale", Dtype::f32, one)}) ==
            "Q6 F8_E4M3/tensor/F32 [96, 64]");
    }
    for (const Dtype scale : {Dtype::f32, Dtype::bf16, Dtype::f16}) {
        for (const std::vector<std::uint64_t>& rows : {std::vector<std::uint64_t>{96}, {96, 1}}) {
            BOOST_TEST(
                outcome({tensor(w, Dtype::f8_e4m3, {96, 64}), tensor(b + ".weight_scale", scale, rows)}) ==
                "Q6 F8_E4M3/row/" + std::string(skw::safetensors::dtype_name(scale)) + " [96, 64]");
        }
    }
}

BOOST_AUTO_TEST_CASE(q6g_powers_of_two_for_groups_of_32)
{
    for (const Dtype scale : {Dtype::u8, Dtype::f8_e8m0}) {
        BOOST_TEST(outcome({tensor(w, Dtype::f8_e4m3, {96, 64}),
                            tensor(b + ".weight_scale", scale, {96, 2})}) == "Q6g F8_E4M3/32/E8M0 [96, 64]");
    }
}

BOOST_AUTO_TEST_CASE(q7_integers_with_scales_and_zero_points)
{
    BOOST_TEST(outcome({tensor(w, Dtype::i8, {96, 64}), tensor(b + ".weight_scale", Dtype::bf16, {96, 1})}) ==
               "Q7 I8/row/BF16 [96, 64]");
    BOOST_TEST(outcome({tensor(w, Dtype::i8, {256, 256}), tensor(b + ".weight_scale", Dtype::f32, {2, 2})}) ==
               "Q7 I8/128x128/F32 [256, 256]");
    const StoredHead head =
        read({tensor(w, Dtype::i8, {96, 64}), tensor(b + ".weight_scale", Dtype::f32, {96, 1}),
              tensor(b + ".weight_zero_point", Dtype::i8, {96, 1})});
    BOOST_TEST_REQUIRE(head.weights.size() == 1u);
    BOOST_TEST(head.weights[0].storage.format == "I8+zero/row/F32");
    BOOST_TEST(head.weights[0].storage.zero->block_rows == 1u);
    BOOST_TEST(head.weights[0].companion_bytes() == 96u * 5u);
}

BOOST_AUTO_TEST_CASE(q8_e5m2_with_any_scale_or_none)
{
    BOOST_TEST(outcome({tensor(w, Dtype::f8_e5m2, {96, 64})}) == "Q8 F8_E5M2 [96, 64]");
    BOOST_TEST(outcome({tensor(w, Dtype::f8_e5m2, {96, 64}), tensor(b + ".weight_scale", Dtype::f32, {})}) ==
               "Q8 F8_E5M2/tensor/F32 [96, 64]");
    BOOST_TEST(
        outcome({tensor(w, Dtype::f8_e5m2, {256, 256}), tensor(w + "_scale_inv", Dtype::f32, {2, 2})}) ==
        "Q8 F8_E5M2/128x128/F32 [256, 256]");
}

BOOST_AUTO_TEST_CASE(batches_carry_the_scales_of_each_matrix)
{
    const std::string n = "mtp.layers.0.mlp.experts.gate_up_proj";
    const auto fused = [&n](std::vector<std::uint64_t> scale) {
        return outcome({tensor(n, Dtype::f8_e4m3, {8, 512, 256}),
                        tensor(n + "_scale_inv", Dtype::f32, std::move(scale))});
    };
    BOOST_TEST(fused({8, 4, 2}) == "Q1 F8_E4M3/128x128/F32 [8, 512, 256]");
    BOOST_TEST(fused({8, 512}) == "Q1 F8_E4M3/row/F32 [8, 512, 256]");
    BOOST_TEST(fused({8, 512, 1}) == "Q1 F8_E4M3/row/F32 [8, 512, 256]");
    BOOST_TEST(fused({1}) == "Q1t F8_E4M3/tensor/F32 [8, 512, 256]");
    for (const std::vector<std::uint64_t>& odd :
         {std::vector<std::uint64_t>{4, 2}, {8}, {7, 4, 2}, {8, 1}, {512, 1}}) {
        BOOST_TEST(fused(odd).find(" with scales F32 " + shape_text(odd)) != std::string::npos,
                   shape_text(odd));
    }
    BOOST_TEST(
        outcome({tensor(n, Dtype::i8, {8, 64, 32}), tensor(n + "_scale", Dtype::f8_e8m0, {8, 64, 2})}) ==
        "Q3 I8-FP4/32/E8M0 [8, 64, 64]");
}

BOOST_AUTO_TEST_CASE(every_row_of_the_table_is_reached_by_a_case_above)
{
    // A new row belongs here, above, and in docs/mtp-sidecars.md.
    std::string ids;
    for (const StorageFormat& row : storage_formats()) {
        ids += std::string(row.id) + " ";
    }
    BOOST_TEST(ids == "Q0 Q0 Q0 Q1t Q1 Q2 Q3 Q4 Q4c Q5 Q5c Q6 Q6g Q7 Q8 Q8 Q0 ");
}

BOOST_AUTO_TEST_SUITE_END()

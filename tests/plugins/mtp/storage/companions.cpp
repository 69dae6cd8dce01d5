// SPDX-License-Identifier: Apache-2.0
// Which names are companions, calibration values or parameters of their own.
#include "mtp/storage/companions.hpp"

#include "storage/heads.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::mtp::test;

BOOST_AUTO_TEST_SUITE(mtp_storage_companions)

BOOST_AUTO_TEST_CASE(companions_are_consumed_and_never_written_out)
{
    const StoredHead head = read({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 256}),
                                  tensor("mtp.x.weight_scale_inv", Dtype::f32, {2, 2}),
                                  tensor("mtp.x.bias", Dtype::bf16, {256})});
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST_REQUIRE(head.weights.size() == 2u);
    BOOST_TEST(head.weights[0].name == "mtp.x.bias");
    BOOST_TEST(head.weights[1].name == "mtp.x.weight");
    BOOST_TEST(head.left_out.empty());
}

BOOST_AUTO_TEST_CASE(parameters_that_end_in_scale_are_weights)
{
    const StoredHead head =
        read({tensor("mtp.0.hc_attn_scale", Dtype::f32, {3}), tensor("mtp.0.hc_ffn_scale", Dtype::f32, {3}),
              tensor("mtp.0.hc_head_scale", Dtype::f32, {1}), tensor("mtp.0.lone.scale", Dtype::bf16, {3}),
              tensor("mtp.0.gain", Dtype::bf16, {3}), tensor("mtp.0.gain_scale", Dtype::f32, {3}),
              tensor("mtp.0.some_scales", Dtype::f32, {3}), tensor("mtp.0.num_blocks", Dtype::bf16, {3})});
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST(head.weights.size() == 8u);
}

BOOST_AUTO_TEST_CASE(a_scale_without_its_weight_is_an_incomplete_checkpoint)
{
    const auto orphan = [](const char* name, Dtype dtype) {
        const Refusal refusal = only_refusal({tensor(name, dtype, {1})});
        BOOST_TEST(refusal.status == SKW_E_BAD_INPUT);
        BOOST_TEST(refusal.place == "a.safetensors");
        BOOST_TEST(refusal.hint.find("original release") != std::string::npos);
        return refusal.message;
    };
    BOOST_TEST(orphan("mtp.x.weight_scale_inv", Dtype::f32) ==
               "mtp.x.weight_scale_inv is a scale, but its weight 'mtp.x.weight' is not in the checkpoint");
    for (const char* name : {"mtp.x.weight_scale", "mtp.x.weight_scale_2", "mtp.x.weight_global_scale",
                             "mtp.x.weight_zero_point"}) {
        BOOST_TEST(orphan(name, Dtype::bf16).find("'mtp.x.weight' is not in") != std::string::npos, name);
    }
    BOOST_TEST(orphan("mtp.gate_up_proj_scale_inv", Dtype::f32).find("'mtp.gate_up_proj' is not in") !=
               std::string::npos);
    BOOST_TEST(orphan("mtp.gate_up_proj_weight_scale", Dtype::f32).find("'mtp.gate_up_proj' is not in") !=
               std::string::npos);
    BOOST_TEST(orphan("mtp.x.scale", Dtype::f8_e8m0).find("'mtp.x.weight' is not in") != std::string::npos);
    BOOST_TEST(orphan("mtp.up_scales", Dtype::u8).find("'mtp.up_blocks' is not in") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_scale_of_a_scale_does_not_vanish)
{
    const Refusal refusal = only_refusal({tensor("mtp.x.weight", Dtype::f8_e4m3, {4, 4}),
                                          tensor("mtp.x.weight_scale", Dtype::f32, {}),
                                          tensor("mtp.x.weight_scale_scale_inv", Dtype::f32, {})});
    BOOST_TEST(refusal.message ==
               "mtp.x.weight_scale_scale_inv is a scale, but its weight 'mtp.x.weight_scale' is no weight");
}

BOOST_AUTO_TEST_CASE(two_kinds_of_scale_are_refused_with_both_names)
{
    const auto w = tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 256});
    const Refusal refusal = only_refusal({w, tensor("mtp.x.weight_scale_inv", Dtype::f32, {2, 2}),
                                          tensor("mtp.x.weight_scale", Dtype::f32, {2, 2})});
    BOOST_TEST(refusal.message.find("weight_scale and weight_scale_inv") != std::string::npos,
               refusal.message);
    BOOST_TEST(refusal.status == SKW_E_BAD_INPUT);
    BOOST_TEST(only_refusal({w, tensor("mtp.x.scale", Dtype::f8_e8m0, {2, 2}),
                             tensor("mtp.x.weight_scale_inv", Dtype::f32, {2, 2})})
                   .message.find("scale and weight_scale_inv") != std::string::npos);
    BOOST_TEST(only_refusal({tensor("mtp.x.weight", Dtype::u8, {64, 32}),
                             tensor("mtp.x.weight_scale", Dtype::f8_e4m3, {64, 4}),
                             tensor("mtp.x.weight_scale_2", Dtype::f32, {}),
                             tensor("mtp.x.weight_global_scale", Dtype::f32, {})})
                   .message.find("weight_global_scale and weight_scale_2") != std::string::npos);
    const std::string fused = "mtp.experts.up";
    BOOST_TEST(
        only_refusal({tensor(fused, Dtype::f8_e4m3, {4, 64, 32}), tensor(fused + "_scale", Dtype::f32, {}),
                      tensor(fused + "_weight_scale", Dtype::f32, {})})
            .message.find("up_scale and up_weight_scale") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(plain_values_with_a_scale_contradict_themselves)
{
    for (const Dtype dtype : {Dtype::bf16, Dtype::f16, Dtype::f32}) {
        for (const char* name : {"weight_scale", "weight_scale_inv", "scale"}) {
            const Refusal refusal = only_refusal({tensor("mtp.x.weight", dtype, {8, 8}),
                                                  tensor("mtp.x." + std::string(name), Dtype::f32, {})});
            BOOST_TEST(refusal.message.find("have no scale, so one of the two is wrong") != std::string::npos,
                       refusal.message);
            BOOST_TEST(refusal.message.find("(" + std::string(name) + ")") != std::string::npos);
        }
    }
    BOOST_TEST(
        outcome({tensor("mtp.x.weight", Dtype::bf16, {8, 8}), tensor("mtp.x.weight_scale_2", Dtype::f32, {})})
            .find("which only NVFP4 has") != std::string::npos);
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::bf16, {8, 8}),
                        tensor("mtp.x.weight_zero_point", Dtype::i8, {})})
                   .find("only I8 weights") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(calibration_values_are_left_out_and_told)
{
    std::vector<SourceTensor> tensors{tensor("mtp.a.weight", Dtype::bf16, {2})};
    for (const char* name :
         {"mtp.a.input_scale", "mtp.a.activation_scale", "mtp.a.input_global_scale", "mtp.a.k_scale",
          "mtp.a.self_attn.k_proj.k_scale", "mtp.a.self_attn.v_proj.v_scale", "mtp.a.kv_scale",
          "mtp.a.self_attn.q_scale", "mtp.a.input_zero_point"}) {
        tensors.push_back(tensor(name, Dtype::f32, {1}));
    }
    const StoredHead head = read(tensors);
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST(head.weights.size() == 1u);
    BOOST_TEST(head.left_out.size() == 9u);
    BOOST_TEST(std::is_sorted(head.left_out.begin(), head.left_out.end()));
}

BOOST_AUTO_TEST_CASE(what_could_be_a_weight_is_never_dropped_for_its_name)
{
    for (const char* name : {"k_scale", "v_scale", "kv_scale", "input_scale", "activation_scale"}) {
        for (const std::vector<std::uint64_t>& shape : {std::vector<std::uint64_t>{4, 8}, {128}}) {
            const StoredHead head = read({tensor("mtp.attn." + std::string(name), Dtype::bf16, shape)});
            BOOST_TEST(head.left_out.empty(), name);
            BOOST_TEST(head.refusals.empty(), name);
            BOOST_TEST_REQUIRE(head.weights.size() == 1u);
            BOOST_TEST(head.weights[0].name == "mtp.attn." + std::string(name));
        }
        const StoredHead integers = read({tensor("mtp.attn." + std::string(name), Dtype::i8, {4, 8})});
        BOOST_TEST(integers.left_out.empty(), name);
        BOOST_TEST(integers.refusals.size() == 1u, name);
    }
    // EXL2 has such a name for packed scales.
    BOOST_TEST(only_refusal({tensor("mtp.attn.q_scale", Dtype::bf16, {4, 8})}).message.find("EXL2") !=
               std::string::npos);
    // One value of an input that is not there.
    BOOST_TEST(read({tensor("mtp.attn.input_scale", Dtype::f32, {1})}).weights.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_calibration_value_beside_a_weight_is_one_or_one_a_row)
{
    const auto beside = [](const char* name, Dtype dtype, std::vector<std::uint64_t> shape) {
        return read({tensor("mtp.a.weight", Dtype::f8_e4m3, {64, 256}),
                     tensor("mtp.a.weight_scale", Dtype::f32, {}),
                     tensor("mtp.a." + std::string(name), dtype, std::move(shape))});
    };
    for (const std::vector<std::uint64_t>& shape :
         {std::vector<std::uint64_t>{}, {1}, {1, 1}, {64}, {64, 1}, {0}}) {
        const StoredHead head = beside("input_scale", Dtype::bf16, shape);
        BOOST_TEST(head.left_out.size() == 1u);
        BOOST_TEST(head.refusals.empty());
    }
    BOOST_TEST(beside("input_scale", Dtype::f8_e8m0, {1}).left_out.size() == 1u);
    BOOST_TEST(beside("input_zero_point", Dtype::i8, {1}).left_out.size() == 1u);
    for (const std::vector<std::uint64_t>& shape : {std::vector<std::uint64_t>{65}, {256}, {2, 2}, {64, 2}}) {
        for (const char* name : {"input_scale", "k_scale", "output_scale"}) {
            const StoredHead head = beside(name, Dtype::f32, shape);
            BOOST_TEST(head.left_out.empty());
            BOOST_TEST_REQUIRE(head.refusals.size() == 1u);
            BOOST_TEST(head.refusals[0].message.find("has the name of a measured range beside a weight") !=
                       std::string::npos);
        }
    }
    BOOST_TEST(beside("input_scale", Dtype::i64, {1}).refusals.size() == 1u);
    BOOST_TEST(
        read({tensor("mtp.a.weight", Dtype::bf16, {4, 4}), tensor("mtp.a.input_scale", Dtype::f32, {4, 4})})
            .refusals.size() == 1u);
    const StoredHead fused = read({tensor("mtp.experts.up", Dtype::f8_e4m3, {8, 4, 16}),
                                   tensor("mtp.experts.up_scale", Dtype::f32, {8, 1, 1}),
                                   tensor("mtp.experts.up_input_scale", Dtype::f32, {8})});
    BOOST_TEST(fused.left_out.size() == 1u);
    BOOST_TEST(fused.refusals.empty());
}

BOOST_AUTO_TEST_CASE(an_output_scale_is_calibration_only_beside_eight_bits)
{
    const StoredHead plain =
        read({tensor("mtp.a.weight", Dtype::bf16, {2, 2}), tensor("mtp.a.output_scale", Dtype::f32, {})});
    BOOST_TEST(plain.weights.size() == 2u);
    const StoredHead scaled =
        read({tensor("mtp.a.weight", Dtype::f8_e4m3, {2, 2}), tensor("mtp.a.weight_scale", Dtype::f32, {}),
              tensor("mtp.a.output_scale", Dtype::f32, {})});
    BOOST_TEST(scaled.weights.size() == 1u);
    BOOST_TEST(scaled.left_out.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_q_scale_beside_q_weight_is_exl2_and_no_calibration)
{
    const StoredHead head =
        read({tensor("mtp.a.q_scale", Dtype::f32, {1}), tensor("mtp.a.q_weight", Dtype::i32, {4})});
    BOOST_TEST(head.left_out.empty());
    BOOST_TEST_REQUIRE(head.refusals.size() == 1u);
    BOOST_TEST(head.refusals[0].message.find("EXL2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_row_of_companion_names_finds_its_weight)
{
    for (const CompanionName& row : companion_names()) {
        std::vector<SourceTensor> all{tensor("mtp.x" + std::string(row.ending), Dtype::u8, {1}),
                                      tensor("mtp.x" + std::string(row.weight), Dtype::u8, {1})};
        std::ranges::sort(all, {}, &SourceTensor::name);
        const TensorsByName by_name(all);
        const SourceTensor* companion = by_name.find("mtp.x" + std::string(row.ending));
        const Claim claim = find_claim(*companion, by_name);
        BOOST_TEST((claim.name == &row), row.ending);
        BOOST_TEST_REQUIRE(claim.weight != nullptr);
        BOOST_TEST(claim.weight->name == "mtp.x" + std::string(row.weight));
    }
}

BOOST_AUTO_TEST_CASE(every_companion_and_calibration_value_is_known_by_its_ending)
{
    for (const CompanionName& row : companion_names()) {
        BOOST_TEST(is_companion_ending("down_proj" + std::string(row.ending)), row.ending);
    }
    for (const CalibrationName& row : calibration_names()) {
        BOOST_TEST(is_companion_ending("down_proj." + std::string(row.last)), row.last);
    }
    for (const char* name : {"down_proj.qzeros", "down_proj.g_idx", "down_proj.weight_shape", "w1.scales"}) {
        BOOST_TEST(is_companion_ending(name), name);
    }
    for (const char* name : {"", "down_proj.weight", "down_proj.weight_packed", "down_proj.qweight",
                             "up_blocks", "scale.weight", "down_proj.bias"}) {
        BOOST_TEST(!is_companion_ending(name), name);
    }
}

BOOST_AUTO_TEST_SUITE_END()

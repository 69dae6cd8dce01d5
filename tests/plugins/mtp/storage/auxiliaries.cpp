// SPDX-License-Identifier: Apache-2.0
// What may stand beside a quantised weight, and what is refused there or everywhere.
#include "mtp/storage/auxiliaries.hpp"

#include "storage/heads.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

const std::string m = "mtp.0.mlp.down_proj";

// An FP8 weight with its scale, and one tensor more.
StoredHead beside_fp8(const std::string& name, Dtype dtype = Dtype::bf16,
                      std::vector<std::uint64_t> shape = {8})
{
    return read({tensor(m + ".weight", Dtype::f8_e4m3, {8, 8}), tensor(m + ".weight_scale", Dtype::f32, {8}),
                 tensor(name, dtype, std::move(shape))});
}

// Two fused FP8 parameters with their scales, and one tensor more.
StoredHead beside_fused(const std::string& name, std::vector<std::uint64_t> shape)
{
    return read({tensor("mtp.experts.gate_up_proj", Dtype::f8_e4m3, {4, 8, 16}),
                 tensor("mtp.experts.gate_up_proj_scale", Dtype::f32, {4, 8, 1}),
                 tensor("mtp.experts.down_proj", Dtype::f8_e4m3, {4, 16, 8}),
                 tensor("mtp.experts.down_proj_scale_inv", Dtype::f32, {4, 1, 1}),
                 tensor("mtp.experts." + name, Dtype::f32, std::move(shape))});
}

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_storage_auxiliaries)

BOOST_AUTO_TEST_CASE(what_no_format_knows_beside_a_quantised_weight_is_refused_by_name)
{
    for (const char* last : {"weight_scale_second", "input_offset", "weight_g_scale", "gain", "code_book"}) {
        const StoredHead head = beside_fp8(m + "." + last);
        BOOST_TEST_REQUIRE(head.refusals.size() == 1u, last);
        BOOST_TEST(head.refusals[0].message.starts_with(m + "." + last + " stands beside " + m +
                                                        ".weight, which is stored as F8_E4M3/row/F32; "));
        BOOST_TEST(head.refusals[0].status == SKW_E_UNSUPPORTED);
        BOOST_TEST(head.refusals[0].hint == "use the original release of the model");
        BOOST_TEST(head.weights.size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(helper_modules_below_a_quantised_weight_are_refused)
{
    for (const char* name : {"weight_quantizer._amax", "input_quantizer._scale", "weight.state",
                             "inner.weight", "inner.bias", "adapter.default.up.weight"}) {
        BOOST_TEST(beside_fp8(m + "." + name).refusals.size() == 1u, name);
    }
    BOOST_TEST(beside_fp8(m + ".inner.weight", Dtype::f8_e5m2, {8, 8}).refusals.size() == 1u);
}

BOOST_AUTO_TEST_CASE(pre_scales_and_low_rank_parts_are_refused_wherever_they_stand)
{
    for (const char* name : {"pre_quant_scale", "smooth_scale", "smooth_factor",
                             "input_quantizer._pre_quant_scale", "fc1_smooth_scale"}) {
        for (const Dtype dtype : {Dtype::bf16, Dtype::f8_e4m3}) {
            const Refusal refusal = only_refusal(
                {tensor(m + "." + name, Dtype::f32, {8}), tensor("mtp.0.norm.weight", Dtype::bf16, {8}),
                 tensor("mtp.0.x.weight", dtype, {8, 8}), tensor("mtp.0.x.input_scale", Dtype::f32, {}),
                 tensor(dtype == Dtype::bf16 ? "mtp.0.y" : "mtp.0.x.weight_scale", Dtype::f32, {})});
            BOOST_TEST(refusal.message.starts_with(m + "." + name + " scales the input of a weight"));
        }
    }
    for (const char* name : {"lora_A.weight", "lora_B.default.weight", "lora_a", "weight_lora_b",
                             "weight_quantizer._svdquant_lora_a", "svdquant.up"}) {
        const Refusal refusal = only_refusal(
            {tensor(m + "." + name, Dtype::bf16, {8, 2}), tensor(m + ".weight", Dtype::bf16, {8, 8})});
        BOOST_TEST(has(refusal.message, " is a low-rank part of a weight"), refusal.message);
    }
}

BOOST_AUTO_TEST_CASE(biases_and_index_tables_beside_a_quantised_weight_are_taken)
{
    for (const char* last : {"bias", "e_score_correction_bias", "expert_bias"}) {
        const StoredHead head = beside_fp8(m + "." + last);
        BOOST_TEST(head.refusals.empty(), last);
        BOOST_TEST(head.weights.size() == 2u, last);
    }
    BOOST_TEST(beside_fp8(m + ".tid2eid", Dtype::i64).refusals.empty());
    BOOST_TEST(beside_fp8("mtp.0.mlp.gain").refusals.empty());
    BOOST_TEST(beside_fp8("mtp.0.mlp.down_proj_norm.weight").refusals.empty());
}

BOOST_AUTO_TEST_CASE(beside_plain_weights_parameters_are_free)
{
    const StoredHead head =
        read({tensor("mtp.0.gate.weight", Dtype::bf16, {8, 8}), tensor("mtp.0.gate.bias", Dtype::f32, {8}),
              tensor("mtp.0.gate.gain", Dtype::f32, {8}), tensor("mtp.0.gate.inner.weight", Dtype::bf16, {8}),
              tensor("mtp.0.x.weight", Dtype::f8_e5m2, {8, 8})});
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST(head.weights.size() == 5u);
}

BOOST_AUTO_TEST_CASE(fused_weights_stand_beside_each_other)
{
    BOOST_TEST(beside_fused("gate_up_proj_bias", {4, 8}).refusals.empty());
    BOOST_TEST(beside_fused("router", {4, 16}).refusals.empty()); // a matrix of its own
    BOOST_TEST(beside_fused("hc_attn_fn", {64}).refusals.empty());
    BOOST_TEST(beside_fused("router", {4, 16}).weights.size() == 3u);
    for (const char* name : {"gate_up_proj_smooth", "gate_up_proj_scale_second", "down_proj_residual"}) {
        const StoredHead head = beside_fused(name, {4, 8});
        BOOST_TEST_REQUIRE(head.refusals.size() == 1u, name);
        BOOST_TEST(has(head.refusals[0].message, "stands beside mtp.experts."), name);
    }
    BOOST_TEST(beside_fused("gain", {16}).refusals.size() == 1u);
    BOOST_TEST(beside_fused("second_scales", {4, 8}).refusals.size() == 1u);
    const StoredHead blocks = read(
        {tensor("mtp.e.up_blocks", Dtype::u8, {4, 8, 2, 16}), tensor("mtp.e.up_scales", Dtype::u8, {4, 8, 2}),
         tensor("mtp.e.up_bias", Dtype::bf16, {4, 8}), tensor("mtp.e.up_gain", Dtype::bf16, {4, 8})});
    BOOST_TEST(blocks.weights.size() == 2u);
    BOOST_TEST(blocks.refusals.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_same_auxiliary_of_many_experts_is_one_complaint)
{
    std::vector<SourceTensor> tensors;
    for (int expert = 0; expert < 100; ++expert) {
        const std::string e = "mtp.0.experts." + std::to_string(expert) + ".w1";
        tensors.push_back(tensor(e + ".weight", Dtype::f8_e4m3, {8, 8}));
        tensors.push_back(tensor(e + ".weight_scale", Dtype::f32, {}));
        tensors.push_back(tensor(e + ".second", Dtype::f32, {8}));
    }
    BOOST_TEST(has(only_refusal(tensors).message, "; and 99 more like it"));
}

BOOST_AUTO_TEST_SUITE_END()

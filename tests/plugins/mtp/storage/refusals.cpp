// SPDX-License-Identifier: Apache-2.0
// What is not taken: packings of tools, dtypes, contradictions; one complaint a reason, with its next step.
#include "mtp/storage/refusals.hpp"

#include "storage/heads.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

std::string refused(std::vector<SourceTensor> tensors, const TextConfig& config = {})
{
    const Refusal refusal = only_refusal(std::move(tensors), config);
    BOOST_TEST(refusal.place == "a.safetensors");
    BOOST_TEST(refusal.hint == "use the original release of the model");
    return refusal.message;
}

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_storage_refusals)

BOOST_AUTO_TEST_CASE(gptq_and_awq_are_one_complaint_a_module)
{
    const std::string got =
        refused({tensor("mtp.fc.g_idx", Dtype::i32, {8}), tensor("mtp.fc.qweight", Dtype::i32, {8, 8}),
                 tensor("mtp.fc.qzeros", Dtype::i32, {8}), tensor("mtp.fc.scales", Dtype::f16, {8}),
                 tensor("mtp.fc.bias", Dtype::f16, {8})});
    BOOST_TEST(got.starts_with("mtp.fc.qweight is stored as I32, part of GPTQ or AWQ packed integers; "),
               got);
}

BOOST_AUTO_TEST_CASE(integers_packed_by_compressed_tensors_are_refused)
{
    const std::string got = refused({tensor("mtp.fc.weight_packed", Dtype::i32, {8, 8}),
                                     tensor("mtp.fc.weight_scale", Dtype::bf16, {8, 1}),
                                     tensor("mtp.fc.weight_shape", Dtype::i64, {2})});
    BOOST_TEST(got.starts_with(
                   "mtp.fc.weight_packed is stored as I32, part of compressed-tensors packed integers; "),
               got);
}

BOOST_AUTO_TEST_CASE(mlx_groups_are_refused)
{
    const std::string got =
        refused({tensor("mtp.fc.weight", Dtype::u32, {8, 8}), tensor("mtp.fc.scales", Dtype::bf16, {8, 1}),
                 tensor("mtp.fc.biases", Dtype::bf16, {8, 1})});
    BOOST_TEST(got.starts_with("mtp.fc.weight is stored as U32, part of "), got);
    BOOST_TEST(has(got, "(MLX)"));
}

BOOST_AUTO_TEST_CASE(bitsandbytes_hangs_on_the_weight)
{
    const std::string got =
        refused({tensor("mtp.fc.weight", Dtype::u8, {8, 1}), tensor("mtp.fc.weight.absmax", Dtype::f32, {8}),
                 tensor("mtp.fc.weight.quant_map", Dtype::f32, {16}),
                 tensor("mtp.fc.weight.quant_state.bitsandbytes__nf4", Dtype::u8, {80})});
    BOOST_TEST(got.starts_with("mtp.fc.weight is stored as U8, part of bitsandbytes blocks; "), got);
    BOOST_TEST(
        has(refused({tensor("mtp.fc.weight", Dtype::i8, {8, 8}), tensor("mtp.fc.SCB", Dtype::f32, {8})}),
            "bitsandbytes"));
}

BOOST_AUTO_TEST_CASE(exl_hqq_and_ascend_are_refused)
{
    BOOST_TEST(has(refused({tensor("mtp.fc.trellis", Dtype::i16, {8}), tensor("mtp.fc.suh", Dtype::f16, {8}),
                            tensor("mtp.fc.svh", Dtype::f16, {8})}),
                   "mtp.fc.trellis is stored as I16, part of EXL3 trellis codes"));
    BOOST_TEST(
        has(refused({tensor("mtp.fc.q_weight", Dtype::i32, {8}), tensor("mtp.fc.q_scale", Dtype::i32, {8}),
                     tensor("mtp.fc.q_groups", Dtype::i16, {8})}),
            "mtp.fc.q_weight is stored as I32, part of EXL2 packed integers"));
    BOOST_TEST(has(refused({tensor("mtp.fc.W_q", Dtype::u8, {8}), tensor("mtp.fc.scale", Dtype::f16, {8}),
                            tensor("mtp.fc.zero", Dtype::f16, {8})}),
                   "mtp.fc.W_q is stored as U8, part of HQQ packed integers"));
    BOOST_TEST(has(refused({tensor("mtp.fc.weight", Dtype::i8, {8, 8}),
                            tensor("mtp.fc.weight_scale", Dtype::f32, {8, 1}),
                            tensor("mtp.fc.weight_offset", Dtype::f32, {8, 1})}),
                   "mtp.fc.weight is stored as I8, part of integers with an offset (Ascend)"));
}

BOOST_AUTO_TEST_CASE(every_marker_refuses_by_itself)
{
    for (const ForeignPacking& packing : foreign_packings()) {
        for (const std::string_view marker : packing.markers) {
            const std::string name = "mtp.x." + std::string(marker);
            const std::string got = refused({tensor(name, Dtype::i32, {4})});
            BOOST_TEST(got == name + " is stored as I32, part of " + std::string(packing.format) + "; " +
                                  std::string(packing.reason));
        }
    }
}

BOOST_AUTO_TEST_CASE(dtypes_that_no_weight_has_are_refused_with_their_own_reason)
{
    for (const Dtype dtype : {Dtype::f4, Dtype::f6_e2m3, Dtype::f6_e3m2, Dtype::u16, Dtype::u32, Dtype::u64,
                              Dtype::boolean, Dtype::c64, Dtype::f64, Dtype::i16, Dtype::i32, Dtype::i64,
                              Dtype::f8_e4m3fnuz, Dtype::f8_e5m2fnuz, Dtype::f8_e8m0}) {
        const std::string reason(foreign_dtype_reason(dtype));
        BOOST_TEST(!reason.empty());
        BOOST_TEST(refused({tensor("mtp.x.weight", dtype, {8})}) ==
                   "mtp.x.weight is stored as " + std::string(skw::safetensors::dtype_name(dtype)) + "; " +
                       reason);
    }
    BOOST_TEST(has(refused({tensor("mtp.x.weight", Dtype::f8_e4m3fnuz, {8, 8}),
                            tensor("mtp.x.weight_scale", Dtype::f32, {})}),
                   "off by a factor of two"));
    BOOST_TEST(foreign_dtype_reason(Dtype::bf16).empty());
}

BOOST_AUTO_TEST_CASE(only_known_index_tables_may_be_integers)
{
    for (const char* name : {"tid2eid", "d2t", "t2d", "position_ids", "num_batches_tracked"}) {
        BOOST_TEST(outcome({tensor("mtp.x." + std::string(name), Dtype::i64, {4})}) == "Q0 I64 [4]");
        BOOST_TEST(has(outcome({tensor("mtp.x." + std::string(name), Dtype::u32, {4})}), "index tables"));
    }
    for (const char* name : {"Qidxs", "codes", "indices", "weight", "gate_proj"}) {
        BOOST_TEST(has(refused({tensor("mtp.x." + std::string(name), Dtype::i64, {4})}), "index tables"));
    }
}

BOOST_AUTO_TEST_CASE(eight_bits_without_a_scale_are_not_copied)
{
    BOOST_TEST(refused({tensor("mtp.x.weight", Dtype::f8_e4m3, {8})}) ==
               "mtp.x.weight is stored as F8_E4M3 without a scale");
    BOOST_TEST(refused({tensor("mtp.x.weight", Dtype::i8, {8})}) ==
               "mtp.x.weight is stored as I8 without a scale");
    BOOST_TEST(refused({tensor("mtp.x.weight", Dtype::u8, {8})}) ==
               "mtp.x.weight is stored as U8 without a scale");
    BOOST_TEST(refused({tensor("mtp.x.weight_packed", Dtype::u8, {8})}) ==
               "mtp.x.weight_packed is stored as U8 without a scale");
    BOOST_TEST(refused({tensor("mtp.up_blocks", Dtype::u8, {2, 16})}) ==
               "mtp.up_blocks is stored as U8 without a scale");
}

BOOST_AUTO_TEST_CASE(scales_of_an_unknown_shape_are_refused_with_both_shapes)
{
    const std::string got = refused({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 16384}),
                                     tensor("mtp.x.weight_scale_inv", Dtype::f32, {3, 7})},
                                    blocks(128, 128));
    BOOST_TEST(
        has(got, "mtp.x.weight is stored as F8_E4M3 [256, 16384] with scales F32 [3, 7] (weight_scale_inv)"),
        got);
    BOOST_TEST(has(got, "block of 128x128, as config.json has it"), got);
    BOOST_TEST(has(refused({tensor("mtp.x.weight", Dtype::f8_e4m3, {1, 200}),
                            tensor("mtp.x.weight_scale", Dtype::f32, {1, 2})}),
                   "[1, 200] with scales F32 [1, 2] (weight_scale), which are neither one value"));
}

BOOST_AUTO_TEST_CASE(packed_fp4_with_the_wrong_scales_is_refused_with_both_shapes)
{
    const auto packed = tensor("mtp.x.weight", Dtype::i8, {64, 48});
    BOOST_TEST(has(refused({packed, tensor("mtp.x.scale", Dtype::f8_e8m0, {64, 4})}),
                   "I8 [64, 48] with scales F8_E8M0 [64, 4] (scale), which are not one for each 32 values"));
    BOOST_TEST(has(refused({packed, tensor("mtp.x.scale", Dtype::f8_e8m0, {1, 1})}), "[1, 1]"));
    BOOST_TEST(has(refused({packed, tensor("mtp.x.scale", Dtype::f8_e8m0, {63, 3})}), "[63, 3]"));
    BOOST_TEST(has(refused({packed, tensor("mtp.x.scale", Dtype::f8_e4m3, {64, 3})}), "no known format"));
    // Two values in a byte with float scales for 32 of them would look like groups of 16 integers.
    BOOST_TEST(has(refused({packed, tensor("mtp.x.scale", Dtype::f32, {64, 3})}),
                   "[64, 48] with scales F32 [64, 3]"));
    BOOST_TEST(has(
        refused({tensor("mtp.up_blocks", Dtype::u8, {4, 3, 8}), tensor("mtp.up_scales", Dtype::u8, {4, 3})}),
        "U8 [4, 3, 8] with scales U8 [4, 3]"));
    BOOST_TEST(
        has(refused({tensor("mtp.up_blocks", Dtype::u8, {16}), tensor("mtp.up_scales", Dtype::u8, {})}),
            "U8 [16] with scales U8 []"));
}

BOOST_AUTO_TEST_CASE(nvfp4_needs_its_two_scales_whole)
{
    const auto packed = tensor("mtp.x.weight", Dtype::u8, {64, 32});
    const auto scale = tensor("mtp.x.weight_scale", Dtype::f8_e4m3, {64, 4});
    BOOST_TEST(has(refused({packed, scale}), "without the second scale of NVFP4"));
    BOOST_TEST(has(refused({packed, tensor("mtp.x.weight_scale_2", Dtype::f32, {})}), "U8 without a scale"));
    BOOST_TEST(has(refused({packed, scale, tensor("mtp.x.weight_scale_2", Dtype::f32, {64})}),
                   "second scale F32 [64] (weight_scale_2), which is not one F32 value"));
    BOOST_TEST(has(refused({packed, scale, tensor("mtp.x.weight_global_scale", Dtype::bf16, {1})}),
                   "second scale BF16 [1] (weight_global_scale)"));
    BOOST_TEST(has(refused({packed, tensor("mtp.x.weight_scale", Dtype::f8_e4m3, {64, 2}),
                            tensor("mtp.x.weight_scale_2", Dtype::f32, {})}),
                   "one for each 16 values"));
    BOOST_TEST(has(refused({tensor("mtp.x.weight", Dtype::f8_e4m3, {64, 32}),
                            tensor("mtp.x.weight_scale", Dtype::f32, {}),
                            tensor("mtp.x.weight_scale_2", Dtype::f32, {})}),
                   "which only NVFP4 has"));
}

BOOST_AUTO_TEST_CASE(scales_of_a_dtype_that_no_format_has_are_refused)
{
    for (const Dtype dtype : {Dtype::f64, Dtype::i64, Dtype::i8, Dtype::f8_e4m3, Dtype::f8_e5m2}) {
        BOOST_TEST(has(refused({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 256}),
                                tensor("mtp.x.weight_scale_inv", dtype, {2, 2})}),
                       "no known format has scales of this dtype"));
    }
    BOOST_TEST(has(refused({tensor("mtp.x.weight", Dtype::u8, {256, 256}),
                            tensor("mtp.x.weight_scale", Dtype::f32, {256})}),
                   "U8 [256, 256] with scales F32 [256]"));
}

BOOST_AUTO_TEST_CASE(zero_points_lie_like_the_scales_of_integers)
{
    const auto w = tensor("mtp.x.weight", Dtype::i8, {64, 32});
    const auto scale = tensor("mtp.x.weight_scale", Dtype::f32, {64, 1});
    BOOST_TEST(has(refused({w, scale, tensor("mtp.x.weight_zero_point", Dtype::i8, {1})}),
                   "I8 [1] (weight_zero_point), which do not lie like the scales"));
    BOOST_TEST(has(refused({w, scale, tensor("mtp.x.weight_zero_point", Dtype::i8, {63, 1})}),
                   "which do not lie like the scales"));
    BOOST_TEST(has(refused({w, scale, tensor("mtp.x.weight_zero_point", Dtype::i32, {64, 1})}),
                   "only I8 weights with I8 zero points"));
    BOOST_TEST(has(refused({tensor("mtp.x.weight", Dtype::f8_e4m3, {64, 32}), scale,
                            tensor("mtp.x.weight_zero_point", Dtype::i8, {64, 1})}),
                   "only I8 weights with I8 zero points"));
}

BOOST_AUTO_TEST_CASE(the_configured_dtype_of_experts_must_not_contradict)
{
    const std::string m = "mtp.0.ffn.experts.3.w1";
    const auto fp4 = [](const std::string& module) {
        return std::vector{tensor(module + ".weight", Dtype::i8, {64, 32}),
                           tensor(module + ".scale", Dtype::f8_e8m0, {64, 2})};
    };
    const auto fp8 = [](const std::string& module) {
        return std::vector{tensor(module + ".weight", Dtype::f8_e4m3, {256, 256}),
                           tensor(module + ".scale", Dtype::f8_e8m0, {2, 2})};
    };
    BOOST_TEST(refused(fp4(m), experts("fp8")) ==
               m + ".weight is stored as I8-FP4/32/E8M0, but config.json gives the experts the dtype 'fp8'");
    BOOST_TEST(
        refused(fp8(m), experts("fp4")) ==
        m + ".weight is stored as F8_E4M3/128x128/E8M0, but config.json gives the experts the dtype 'fp4'");
    BOOST_TEST(
        has(refused({tensor(m + ".weight", Dtype::i8, {64, 32}), tensor(m + ".scale", Dtype::f32, {64})},
                    experts("fp4")),
            "I8/row/F32, but"));
    BOOST_TEST(outcome(fp4(m), experts("fp4")).starts_with("Q3"));
    BOOST_TEST(outcome(fp8(m), experts("fp8")).starts_with("Q2"));
    BOOST_TEST(outcome(fp8("mtp.0.ffn.shared_experts.w1"), experts("fp4")).starts_with("Q2"));
    BOOST_TEST(outcome({tensor(m + ".weight", Dtype::bf16, {4, 4})}, experts("fp4")).starts_with("Q0"));
}

BOOST_AUTO_TEST_CASE(two_tensors_that_make_one_name_are_refused)
{
    BOOST_TEST(
        refused({tensor("mtp.x.weight", Dtype::bf16, {2}), tensor("mtp.x.weight", Dtype::bf16, {2})}) ==
        "mtp.x.weight and mtp.x.weight would both become mtp.x.weight");
    BOOST_TEST(refused({tensor("mtp.x", Dtype::bf16, {2}), tensor("mtp.x_blocks", Dtype::u8, {2, 16}),
                        tensor("mtp.x_scales", Dtype::u8, {2})}) ==
               "mtp.x_blocks and mtp.x would both become mtp.x");
    BOOST_TEST(!read({tensor("mtp.x.weight", Dtype::bf16, {2, 2}),
                      tensor("mtp.x.weight_packed", Dtype::u8, {64, 32}),
                      tensor("mtp.x.weight_scale", Dtype::u8, {64, 2})})
                    .refusals.empty());
}

BOOST_AUTO_TEST_CASE(alike_complaints_are_one_with_a_number)
{
    std::vector<SourceTensor> tensors;
    for (int expert = 0; expert < 768; ++expert) {
        const std::string m = "mtp.0.experts." + std::to_string(expert);
        tensors.push_back(tensor(m + ".up.weight", Dtype::f8_e4m3, {4, 4}));
        tensors.push_back(tensor(m + ".down.qweight", Dtype::i32, {4, 4}));
        tensors.push_back(tensor(m + ".down.scales", Dtype::f16, {4, 4}));
        tensors.push_back(tensor(m + ".gate.weight_scale", Dtype::f32, {}));
    }
    const StoredHead head = read(tensors);
    BOOST_TEST_REQUIRE(head.refusals.size() == 3u);
    BOOST_TEST(has(head.refusals[0].message, "mtp.0.experts.0.down.qweight is stored as I32, part of GPTQ"));
    BOOST_TEST(head.refusals[1].message ==
               "mtp.0.experts.0.gate.weight_scale is a scale, but its weight "
               "'mtp.0.experts.0.gate.weight' is not in the checkpoint; and 767 more like it");
    BOOST_TEST(head.refusals[2].message ==
               "mtp.0.experts.0.up.weight is stored as F8_E4M3 without a scale; and 767 more like it");
    BOOST_TEST(has(head.refusals[0].message, "; and 767 more like it"));
}

BOOST_AUTO_TEST_CASE(the_list_of_complaints_is_bounded)
{
    std::vector<SourceTensor> tensors;
    for (std::uint64_t at = 0; at < 5000; ++at) {
        const std::string m = "mtp.m" + std::to_string(at);
        tensors.push_back(tensor(m + ".weight", Dtype::f8_e4m3, {512, 4000 + at}));
        tensors.push_back(tensor(m + ".weight_scale", Dtype::f32, {3, 3}));
    }
    const StoredHead head = read(tensors);
    BOOST_TEST_REQUIRE(head.refusals.size() == RefusalList::limit + 1);
    BOOST_TEST(head.refusals.back().message == "4936 further tensors cannot be taken, for other reasons");
}

BOOST_AUTO_TEST_SUITE_END()

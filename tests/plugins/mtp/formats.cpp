// SPDX-License-Identifier: Apache-2.0
// Which dtypes pass, and that every quantised form is refused with the tensor and its format.
#include "mtp/formats.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace skw::mtp;
using skw::safetensors::Dtype;

namespace {

SourceTensor tensor(std::string name, Dtype dtype, std::vector<std::uint64_t> shape)
{
    SourceTensor out;
    out.name = std::move(name);
    out.dtype = dtype;
    out.shape = std::move(shape);
    return out;
}

const std::vector<std::string> shards{"s.safetensors"};

std::string refusal(std::vector<SourceTensor> tensors)
{
    try {
        select_tensors(std::move(tensors), shards);
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.place() == "s.safetensors");
        return failure.message();
    }
    return "accepted";
}

const std::string tail = "; this version reads BF16, F16 and F32 only; use the BF16 release of the model";

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_formats)

BOOST_AUTO_TEST_CASE(floats_become_bf16_and_index_tables_stay)
{
    const Selection got =
        select_tensors({tensor("mtp.c", Dtype::f32, {2}), tensor("mtp.a", Dtype::bf16, {2}),
                        tensor("mtp.b", Dtype::f16, {}), tensor("mtp.tid2eid", Dtype::i64, {9})},
                       shards);
    BOOST_TEST_REQUIRE(got.tensors.size() == 4u);
    BOOST_TEST((got.tensors[0].action == Action::copy));
    BOOST_TEST((got.tensors[1].action == Action::from_f16));
    BOOST_TEST((got.tensors[2].action == Action::from_f32));
    BOOST_TEST((got.tensors[3].action == Action::keep));
    BOOST_TEST((got.tensors[3].output_dtype() == Dtype::i64));
    BOOST_TEST((got.tensors[2].output_dtype() == Dtype::bf16));
}

BOOST_AUTO_TEST_CASE(calibration_values_are_left_out_and_told)
{
    const Selection got =
        select_tensors({tensor("mtp.a.weight", Dtype::bf16, {2}), tensor("mtp.a.input_scale", Dtype::f32, {}),
                        tensor("mtp.a.k_scale", Dtype::f32, {1})},
                       shards);
    BOOST_TEST(got.tensors.size() == 1u);
    BOOST_TEST(got.left_out.size() == 2u);
}

BOOST_AUTO_TEST_CASE(parameters_that_end_in_scale_are_not_companions)
{
    BOOST_TEST(refusal({tensor("mtp.0.hc_attn_scale", Dtype::f32, {3}),
                        tensor("mtp.0.hc_ffn_scale", Dtype::f32, {3}),
                        tensor("mtp.0.lone.scale", Dtype::f32, {3})}) == "accepted");
}

BOOST_AUTO_TEST_CASE(quantised_weights_are_refused_with_format_geometry_and_scale)
{
    struct Row {
        Dtype dtype;
        std::vector<std::uint64_t> weight;
        std::string scale;
        Dtype scale_dtype;
        std::vector<std::uint64_t> scale_shape;
        std::string says;
    };
    const std::string w = "mtp.x.weight";
    const std::vector<Row> rows{
        {Dtype::f8_e4m3,
         {256, 300},
         "mtp.x.weight_scale_inv",
         Dtype::f32,
         {2, 3},
         "F8_E4M3 with 128x128 block scales (mtp.x.weight_scale_inv)"},
        {Dtype::f8_e4m3,
         {256, 256},
         "mtp.x.weight_scale_inv",
         Dtype::bf16,
         {8, 8},
         "F8_E4M3 with 32x32 block scales (mtp.x.weight_scale_inv)"},
        {Dtype::f8_e4m3,
         {256, 256},
         "mtp.x.scale",
         Dtype::f8_e8m0,
         {2, 2},
         "F8_E4M3 with 128x128 block scales (mtp.x.scale)"},
        {Dtype::f8_e5m2, {256, 256}, "mtp.x.weight_scale", Dtype::f32, {}, "F8_E5M2 with one scale"},
        {Dtype::f8_e4m3,
         {256, 16384},
         "mtp.x.weight_scale",
         Dtype::f32,
         {256, 1},
         "F8_E4M3 with per-channel scales (mtp.x.weight_scale)"},
        {Dtype::i8, {256, 256}, "mtp.x.weight_scale", Dtype::bf16, {256}, "I8 with per-channel scales"},
        {Dtype::i8,
         {64, 48},
         "mtp.x.scale",
         Dtype::f8_e8m0,
         {64, 3},
         "I8 with 1x16 block scales (mtp.x.scale)"},
        {Dtype::u8, {8, 8}, "mtp.x.weight_scale", Dtype::f8_e4m3, {8, 5}, "U8 with scales of shape [8, 5]"},
        {Dtype::bf16,
         {8, 8},
         "mtp.x.weight_scale_2",
         Dtype::f32,
         {},
         "BF16 with one scale (mtp.x.weight_scale_2)"},
    };
    for (const Row& row : rows) {
        const std::string got =
            refusal({tensor(w, row.dtype, row.weight), tensor(row.scale, row.scale_dtype, row.scale_shape)});
        BOOST_TEST(got.starts_with("mtp.x.weight is stored as " + row.says), got);
        BOOST_TEST(got.ends_with(tail), got);
    }
}

BOOST_AUTO_TEST_CASE(packed_and_foreign_forms_are_refused_by_their_names)
{
    for (const char* name : {"qweight", "qzeros", "g_idx", "scales", "biases", "weight_packed",
                             "weight_shape", "weight_offset", "absmax", "quant_map", "trellis", "q_weight",
                             "q_scale", "q_scale_max", "q_groups", "q_invperm", "q_perm", "W_q"}) {
        const std::string got = refusal({tensor("mtp.x." + std::string(name), Dtype::i32, {4})});
        BOOST_TEST(got.starts_with("mtp.x." + std::string(name) + " is stored as I32, part of "), got);
        BOOST_TEST(got.ends_with(tail), got);
    }
    BOOST_TEST(refusal({tensor("mtp.x.scales", Dtype::bf16, {4}), tensor("mtp.x.weight", Dtype::u32, {4})})
                   .find("MLX") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(integers_that_are_no_known_table_are_refused)
{
    for (const char* name : {"Qidxs", "codes", "indices", "weight", "gate_proj", "anything"}) {
        const std::string full = "mtp.x." + std::string(name);
        for (const Dtype dtype : {Dtype::i16, Dtype::i32, Dtype::i64}) {
            const std::string got = refusal({tensor(full, dtype, {4, 4})});
            BOOST_TEST(got.starts_with(full + " is stored as I"), got);
            BOOST_TEST(got.ends_with(tail), got);
        }
    }
}

BOOST_AUTO_TEST_CASE(dtypes_that_no_weight_has_are_refused)
{
    for (const Dtype dtype :
         {Dtype::f4, Dtype::f6_e2m3, Dtype::u8, Dtype::i8, Dtype::u32, Dtype::boolean, Dtype::c64, Dtype::f64,
          Dtype::u64, Dtype::i32, Dtype::f8_e4m3fnuz, Dtype::f8_e8m0}) {
        const std::string got = refusal({tensor("mtp.x.weight", dtype, {8})});
        BOOST_TEST(
            got.starts_with("mtp.x.weight is stored as " + std::string(skw::safetensors::dtype_name(dtype))),
            got);
    }
    BOOST_TEST(refusal({tensor("mtp.x.weight", Dtype::f8_e4m3, {8})}) ==
               "mtp.x.weight is stored as F8_E4M3 without a scale" + tail);
}

BOOST_AUTO_TEST_CASE(a_scale_without_its_weight_is_an_incomplete_checkpoint)
{
    BOOST_TEST(refusal({tensor("mtp.x.weight_scale_inv", Dtype::f32, {1})}) ==
               "mtp.x.weight_scale_inv is a scale, but its weight 'mtp.x.weight' is not in the checkpoint");
    BOOST_TEST(refusal({tensor("mtp.x.weight_scale", Dtype::f32, {1})}).find("'mtp.x.weight' is not in") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

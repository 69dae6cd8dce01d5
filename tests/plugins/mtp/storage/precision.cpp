// SPDX-License-Identifier: Apache-2.0
// Which parameters stay F32, under each setting.
#include "mtp/storage/precision.hpp"

#include "storage/heads.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::mtp::test;

namespace {

Dtype written(const std::string& name, Dtype stored, KeepF32 keep = KeepF32::routing)
{
    const StoredHead head = read({tensor(name, stored, {4})});
    BOOST_TEST_REQUIRE(head.weights.size() == 1u);
    return output_dtype(head.weights[0], keep);
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_storage_precision)

BOOST_AUTO_TEST_CASE(what_decides_the_routing_stays_f32)
{
    for (const char* name :
         {"model.layers.61.mlp.gate.e_score_correction_bias", "mtp.0.ffn.gate.bias", "mtp.0.attn.attn_sink",
          "model.mtp.layers.0.self_attn.attention_sink_bias", "mtp.0.hc_attn_fn", "mtp.0.hc_attn_base",
          "mtp.0.hc_attn_scale", "mtp.0.hc_ffn_fn", "mtp.0.hc_head_scale",
          "mtp.layers.0.mlp.gate.expert_bias", "mtp.layers.0.mlp.router_bias", "mtp.layers.0.self_attn.sinks",
          "mtp.hyper_connection_mixer.alpha", "mtp.layers.0.attn_hyper_connection.fn.weight"}) {
        BOOST_TEST((written(name, Dtype::f32) == Dtype::f32), name);
        BOOST_TEST((written(name, Dtype::f32, KeepF32::all) == Dtype::f32), name);
        BOOST_TEST((written(name, Dtype::f32, KeepF32::none) == Dtype::bf16), name);
    }
}

BOOST_AUTO_TEST_CASE(norms_and_other_weights_are_rounded_unless_all_stay)
{
    for (const char* name :
         {"model.layers.61.enorm.weight", "model.layers.61.self_attn.indexer.k_norm.bias", "mtp.norm.weight",
          "mtp.0.ffn.gate.weight", "mtp.0.ffn.gate_proj.bias", "mtp.0.aggregate.bias",
          "mtp.0.hc_.attn.weight", "mtp.0.xhc_attn", "bias", "mtp.0.attn_sink.weight"}) {
        BOOST_TEST((written(name, Dtype::f32) == Dtype::bf16), name);
        BOOST_TEST((written(name, Dtype::f32, KeepF32::all) == Dtype::f32), name);
    }
}

BOOST_AUTO_TEST_CASE(only_what_is_stored_as_f32_can_stay_f32)
{
    for (const KeepF32 keep : {KeepF32::routing, KeepF32::none, KeepF32::all}) {
        BOOST_TEST((written("mtp.0.ffn.gate.bias", Dtype::bf16, keep) == Dtype::bf16));
        BOOST_TEST((written("mtp.0.ffn.gate.bias", Dtype::f16, keep) == Dtype::bf16));
        BOOST_TEST((written("mtp.tid2eid", Dtype::i64, keep) == Dtype::i64));
        BOOST_TEST((written("mtp.tid2eid", Dtype::i32, keep) == Dtype::i32));
        BOOST_TEST((written("mtp.x.weight", Dtype::f8_e5m2, keep) == Dtype::bf16));
    }
}

BOOST_AUTO_TEST_CASE(every_row_has_a_reason)
{
    for (const KeptParameter& row : kept_parameters()) {
        BOOST_TEST(row.reason.size() > 20u, row.pattern);
    }
}

BOOST_AUTO_TEST_SUITE_END()

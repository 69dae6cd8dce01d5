// SPDX-License-Identifier: Apache-2.0
// The names of each family, built from the blocks that families share.
#include "releases.hpp"

namespace skw::test {

using Names = std::vector<std::string>;

namespace {

Names weights(const Names& modules, const std::string& scale = {})
{
    Names out;
    for (const std::string& module : modules) {
        out.push_back(module + ".weight");
        if (!scale.empty()) {
            out.push_back(module + scale);
        }
    }
    return out;
}

Names experts(const std::string& block, const Names& parts, const std::string& scale = {})
{
    Names out;
    for (const char* number : {"0", "1", "2"}) {
        out = out + under(block + ".experts." + number + ".", weights(parts, scale));
    }
    return out;
}

const Names gated{"gate_proj", "up_proj", "down_proj"};
const Names fusion{"eh_proj.weight", "enorm.weight", "hnorm.weight"};
const Names norms{"input_layernorm.weight", "post_attention_layernorm.weight"};
const Names attention =
    weights({"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"});
const Names dense = weights({"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"});
const Names router{"mlp.gate.weight", "mlp.gate.e_score_correction_bias"};
const Names copies{"embed_tokens.weight", "shared_head.head.weight"};
const Names own_qwen{"fc.weight", "norm.weight", "pre_fc_norm_embedding.weight", "pre_fc_norm_hidden.weight"};

Names mla(const std::string& scale = {})
{
    return weights({"self_attn.q_a_proj", "self_attn.q_b_proj", "self_attn.kv_a_proj_with_mqa",
                    "self_attn.kv_b_proj", "self_attn.o_proj"},
                   scale) +
           Names{"self_attn.q_a_layernorm.weight", "self_attn.kv_a_layernorm.weight"};
}

Names moe(const std::string& scale = {})
{
    return experts("mlp", gated, scale) + under("mlp.shared_experts.", weights(gated, scale)) + router;
}

// One extra layer of the DeepSeek V3 line and its relatives.
Names deepseek(const std::string& scale = {})
{
    return fusion + norms + mla(scale) + moe(scale) + copies + Names{"shared_head.norm.weight"};
}

const Names indexer{"self_attn.indexer.wq_b.weight",        "self_attn.indexer.wq_b.weight_scale_inv",
                    "self_attn.indexer.wk.weight",          "self_attn.indexer.wk.weight_scale_inv",
                    "self_attn.indexer.k_norm.bias",        "self_attn.indexer.k_norm.weight",
                    "self_attn.indexer.weights_proj.weight"};

// A block of V4, which its drafters share: scales stand behind a dot, hc_*_scale are parameters.
Names v4_block()
{
    return weights({"attn.wq_a", "attn.wq_b", "attn.wkv", "attn.wo_a", "attn.wo_b"}, ".scale") +
           experts("ffn", {"w1", "w2", "w3"}, ".scale") +
           under("ffn.shared_experts.", weights({"w1", "w2", "w3"}, ".scale")) +
           Names{"attn.q_norm.weight", "attn.kv_norm.weight", "attn.attn_sink",  "ffn.gate.weight",
                 "ffn.gate.bias",      "attn_norm.weight",    "ffn_norm.weight", "hc_attn_fn",
                 "hc_attn_base",       "hc_attn_scale",       "hc_ffn_fn",       "hc_ffn_base",
                 "hc_ffn_scale"};
}

const Names v4_head{"norm.weight", "hc_head_fn", "hc_head_base", "hc_head_scale"};

Names v4()
{
    return v4_block() + v4_head + weights({"e_proj", "h_proj"}, ".scale") +
           Names{"enorm.weight", "hnorm.weight"};
}

Names dspark()
{
    return under("mtp.0.", v4_block() + Names{"main_proj.weight", "main_proj.scale", "main_norm.weight"}) +
           under("mtp.1.", v4_block()) +
           under("mtp.2.", v4_block() + v4_head +
                               Names{"markov_head.markov_w1.weight", "markov_head.markov_w2.weight",
                                     "confidence_head.proj.weight"});
}

const Names qwen_trunk{"model.language_model.embed_tokens.weight",
                       "model.language_model.layers.3.mlp.x.weight", "model.visual.blocks.0.attn.qkv.weight",
                       "lm_head.weight"};
const Names plain_trunk{"model.embed_tokens.weight", "model.layers.0.input_layernorm.weight",
                        "model.layers.4.mlp.down_proj.weight", "model.norm.weight", "lm_head.weight"};

Names qwen_moe()
{
    return own_qwen + under("layers.0.", norms + attention + experts("mlp", gated) +
                                             Names{"mlp.gate.weight", "mlp.shared_expert_gate.weight"} +
                                             under("mlp.shared_expert.", weights(gated)));
}

Names qwen_dense(const std::string& scale = {})
{
    return own_qwen + under("layers.0.", norms + weights({"self_attn.q_proj", "self_attn.o_proj",
                                                          "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"},
                                                         scale));
}

Names step_layer(const std::string& number)
{
    return under("model.layers." + number + ".",
                 fusion + norms + attention + dense +
                     Names{"transformer.shared_head.norm.weight", "transformer.shared_head.output.weight"});
}

Names three(const std::string& prefix, const Names& names)
{
    return under(prefix + "0.", names) + under(prefix + "1.", names) + under(prefix + "2.", names);
}

} // namespace

const std::vector<Release>& releases()
{
    static const std::vector<Release> all{
        {.family = "DeepSeek V3, R1, V3.1",
         .head = under("model.layers.61.", deepseek(".weight_scale_inv")),
         .others = plain_trunk + Names{"model.layers.6.mlp.gate_proj.weight"},
         .config = R"({"model_type":"deepseek_v3","num_hidden_layers":61,"num_nextn_predict_layers":1})",
         .prefixes = {"model.layers.61."},
         .base = 61,
         .copies = under("model.layers.61.", copies)},
        {.family = "DeepSeek V3.2",
         .head = under("model.layers.61.", deepseek(".weight_scale_inv") + indexer),
         .others = plain_trunk,
         .config = R"({"model_type":"deepseek_v32","num_hidden_layers":61,"num_nextn_predict_layers":1})",
         .prefixes = {"model.layers.61."},
         .base = 61,
         .copies = under("model.layers.61.", copies)},
        {.family = "DeepSeek V4-Flash, V4-Pro",
         .head = under("mtp.0.", v4()),
         .others = {"embed.weight", "head.weight", "hc_head_fn", "layers.42.ffn.experts.0.w1.weight"},
         .config = R"({"model_type":"deepseek_v4","num_hidden_layers":43,"num_nextn_predict_layers":1,
                       "expert_dtype":"fp4"})",
         .prefixes = {"mtp."}},
        {.family = "DeepSeek V4-Flash-Base, V4-Pro-Base",
         .head = under("mtp.0.", v4() + Names{"emb.tok_emb.weight", "head.weight"}),
         .others = {"head.weight", "layers.42.attn.wkv.weight"},
         .config = R"({"model_type":"deepseek_v4","num_hidden_layers":43,"num_nextn_predict_layers":1,
                       "expert_dtype":"fp8"})",
         .prefixes = {"mtp."},
         .copies = {"mtp.0.emb.tok_emb.weight", "mtp.0.head.weight"}},
        {.family = "DeepSeek V4-Flash-DSpark, V4.1-Flash",
         .head = dspark(),
         .others = {"embed.weight", "layers.42.attn.wkv.weight"},
         .config = R"({"model_type":"deepseek_v41","text_config":{"model_type":"deepseek_v41_text",
                       "num_hidden_layers":43,"num_nextn_predict_layers":1,"dspark_block_size":5}})",
         .prefixes = {"mtp."},
         .layers = 3},
        {.family = "Qwen3-Next",
         .head = under("mtp.", qwen_moe()),
         .others = plain_trunk,
         .config = R"({"model_type":"qwen3_next","num_hidden_layers":48,"num_nextn_predict_layers":1})",
         .prefixes = {"mtp."}},
        {.family = "Qwen3.5, 3.6, 3.8",
         .head = under("mtp.", qwen_dense(".weight_scale_inv")),
         .others = qwen_trunk,
         .config = R"({"model_type":"qwen3_5","text_config":{"model_type":"qwen3_5_text",
                       "num_hidden_layers":32,"mtp_num_hidden_layers":1,"mtp_use_dedicated_embeddings":false}})",
         .prefixes = {"mtp."}},
        {.family = "Qwen3.8-Flash-Next",
         .head =
             under("mtp.", Names{"fc_embedding.weight", "fc_hidden.weight", "pre_fc_norm_embedding.weight",
                                 "pre_fc_norm_hidden.weight", "hyper_connection_mixer.hc_norm.weight",
                                 "layers.0.attn_hyper_connection.hc_norm.weight",
                                 "layers.0.mlp_hyper_connection.hc_norm.weight",
                                 "layers.0.mlp.experts.gate_up_proj", "layers.0.mlp.experts.down_proj"}),
         .others = qwen_trunk,
         .config = R"({"model_type":"qwen4_exp","text_config":{"model_type":"qwen4_exp_text",
                       "num_hidden_layers":48,"mtp_num_hidden_layers":1}})",
         .prefixes = {"mtp."}},
        {.family = "Intern-S2 preview, Mobius",
         .head = under("mtp.normal.layers.0.", own_qwen + attention + experts("mlp", gated)) +
                 under("mtp.sci.layers.0.", own_qwen + attention + experts("mlp", gated)),
         .others = qwen_trunk,
         .config = R"({"model_type":"interns2_mobius","text_config":{"model_type":"qwen3_5_moe_text",
                       "num_hidden_layers":40,"mtp_num_hidden_layers":1,"mtp_num_experts":64}})",
         .prefixes = {"mtp."}},
        {.family = "GLM-4.5, 4.6, 4.7, 4.7-Flash",
         .head = under("model.layers.46.", deepseek(".weight_scale")),
         .others = plain_trunk,
         .config = R"({"model_type":"glm4_moe","num_hidden_layers":46,"num_nextn_predict_layers":null})",
         .prefixes = {"model.layers.46."},
         .base = 46,
         .copies = under("model.layers.46.", copies)},
        {.family = "GLM-5, 5.1, 5.2",
         .head = under("model.layers.78.", deepseek() + indexer),
         .others = plain_trunk,
         .config = R"({"model_type":"glm_moe_dsa","num_hidden_layers":78,"num_nextn_predict_layers":1})",
         .prefixes = {"model.layers.78."},
         .base = 78,
         .copies = under("model.layers.78.", copies)},
        {.family = "GLM-5.3-Flash",
         .head = under("model.language_model.layers.40.",
                       fusion + norms + mla() + moe() +
                           Names{"hc_attn_fn", "hc_attn_scale", "shared_head.norm.weight"}),
         .others = qwen_trunk,
         .config = R"({"model_type":"glm5_next","text_config":{"model_type":"glm5_next_text",
                       "num_hidden_layers":40,"num_nextn_predict_layers":1}})",
         .prefixes = {"model.language_model.layers.40."},
         .base = 40},
        {.family = "MiMo-7B",
         .head = under("model.mtp_layers.0.",
                       Names{"token_layernorm.weight", "hidden_layernorm.weight", "input_proj.weight",
                             "final_layernorm.weight", "self_attn.q_proj.bias", "self_attn.k_proj.bias",
                             "self_attn.v_proj.bias"} +
                           norms + attention + dense),
         .others = plain_trunk,
         .config = R"({"model_type":"mimo","num_hidden_layers":36,"num_nextn_predict_layers":1})",
         .prefixes = {"model.mtp_layers."}},
        {.family = "MiMo-V2-Flash, V2.5, V2.6",
         .head =
             three("model.mtp.layers.",
                   fusion +
                       Names{"input_layernorm.weight", "pre_mlp_layernorm.weight", "final_layernorm.weight",
                             "self_attn.attention_sink_bias", "self_attn.qkv_proj.weight",
                             "self_attn.qkv_proj.weight_scale_inv", "self_attn.o_proj.weight"} +
                       dense),
         .others = plain_trunk,
         .config = R"({"model_type":"mimo_v2_flash","num_hidden_layers":48})",
         .prefixes = {"model.mtp."},
         .layers = 3},
        {.family = "ERNIE 4.5",
         .head = under("model.mtp_block.0.", norms + attention + dense) +
                 Names{"model.mtp_emb_norm.0.weight", "model.mtp_hidden_norm.0.weight",
                       "model.mtp_linear_proj.0.weight"},
         .others = plain_trunk,
         .config = R"({"model_type":"ernie4_5_moe","num_hidden_layers":28,"num_nextn_predict_layers":1})",
         .prefixes = {"model.mtp_block.", "model.mtp_emb_norm.", "model.mtp_hidden_norm.",
                      "model.mtp_linear_proj."}},
        {.family = "LongCat-Flash",
         .head = Names{"model.mtp.embed_tokens.weight", "model.mtp.norm.weight"} +
                 under("model.mtp.layers.0.", Names{"eh_proj.weight", "enorm.m.weight", "hnorm.m.weight"} +
                                                  norms + mla(".weight_scale_inv") +
                                                  under("transformer_layer.", dense)),
         .others = plain_trunk + Names{"model.layers.27.self_attn.0.o_proj.weight"},
         .config = R"({"model_type":"longcat_flash","num_layers":28})",
         .prefixes = {"model.mtp."},
         .copies = {"model.mtp.embed_tokens.weight"}},
        {.family = "Nemotron-3 Super, Ultra, Nemotron-3.5",
         .head = under("mtp.layers.0.",
                       fusion + Names{"norm.weight", "mixer.q_proj.weight", "mixer.k_proj.weight",
                                      "mixer.v_proj.weight", "mixer.o_proj.weight"}) +
                 under("mtp.layers.1.", experts("mixer", {"up_proj", "down_proj"}) +
                                            Names{"norm.weight", "final_layernorm.weight",
                                                  "mixer.gate.weight", "mixer.gate.e_score_correction_bias",
                                                  "mixer.shared_experts.up_proj.weight"}),
         .others = {"backbone.embeddings.weight", "backbone.layers.87.mixer.in_proj.weight",
                    "lm_head.weight"},
         .config = R"({"model_type":"nemotron_h","num_hidden_layers":88,"num_nextn_predict_layers":1,
                       "mtp_hybrid_override_pattern":"*E"})",
         .prefixes = {"mtp."},
         .layers = 2},
        {.family = "K-EXAONE, EXAONE 4.5",
         .head = under("mtp.", qwen_moe()),
         .others = plain_trunk,
         .config = R"({"model_type":"exaone_moe","num_hidden_layers":48,"num_nextn_predict_layers":1})",
         .prefixes = {"mtp."}},
        {.family = "Step-3.5-Flash, Step-3.7",
         .head = step_layer("45") + step_layer("46") + step_layer("47"),
         .others = plain_trunk,
         .config = R"({"model_type":"step3p7","text_config":{"model_type":"step3p5",
                       "num_hidden_layers":45,"num_nextn_predict_layers":3}})",
         .prefixes = {"model.layers.45.", "model.layers.46.", "model.layers.47."},
         .layers = 3,
         .base = 45},
        {.family = "openPangu-Ultra-MoE",
         .head = under("model.layers.61.", deepseek()),
         .others = plain_trunk,
         .config = R"({"model_type":"pangu_ultra_moe","num_hidden_layers":61,"num_nextn_predict_layers":1})",
         .prefixes = {"model.layers.61."},
         .base = 61,
         .copies = under("model.layers.61.", copies)},
        {.family = "Ling, Bailing 2.x, 2.5, 3",
         .head = under("model.layers.32.", fusion + norms + moe() +
                                               Names{"attention.dense.weight", "final_layernorm.weight",
                                                     "attention.query_key_value.weight"}),
         .others = {"model.word_embeddings.weight", "model.layers.31.attention.dense.weight"},
         .config = R"({"model_type":"bailing_hybrid","num_hidden_layers":32,"num_nextn_predict_layers":1})",
         .prefixes = {"model.layers.32."},
         .base = 32},
        {.family = "Hunyuan Hy3",
         .head = under("model.layers.80.",
                       fusion + norms + attention + moe() + copies + Names{"final_layernorm.weight"}),
         .others = plain_trunk,
         .config = R"({"model_type":"hy_v3","num_hidden_layers":80,"num_nextn_predict_layers":1})",
         .prefixes = {"model.layers.80."},
         .base = 80,
         .copies = under("model.layers.80.", copies)},
        {.family = "Hunyuan HY-V4",
         .head =
             under("model.mtp_layers.0.",
                   fusion + norms + mla(".weight_scale") +
                       Names{"final_layernorm.weight", "mlp.experts.gate_up_proj", "mlp.experts.down_proj",
                             "mlp.experts.gate_up_proj_scale", "mlp.experts.down_proj_scale"}),
         .others = plain_trunk,
         .config = R"({"model_type":"hy_v4","num_hidden_layers":64,"num_nextn_predict_layers":1})",
         .prefixes = {"model.mtp_layers."}},
        {.family = "dots3-note",
         .head =
             Names{"model.mtp.embed_tokens.weight"} +
             under("model.layers.46.", fusion + norms + mla(".weight_scale_inv") + moe(".weight_scale_inv") +
                                           Names{"eh_proj.weight_scale_inv", "shared_head.norm.weight"}),
         .others = plain_trunk,
         .config = R"({"model_type":"dots3_note","num_hidden_layers":46,"num_nextn_predict_layers":1,
                       "mtp_layer_types":["sliding_attention"]})",
         .prefixes = {"model.layers.46.", "model.mtp."},
         .base = 46},
        {.family = "Inkling",
         .head = Names{"model.mtp.chain_norm.weight"} +
                 three("model.mtp.layers.",
                       Names{"embed_norm.weight", "hidden_norm.weight", "input_proj.weight",
                             "transformer_block.attn.wq_du.weight", "transformer_block.mlp.w13_dn.weight"}),
         .others = {"model.llm.norm.weight", "model.llm.embed_norm.weight",
                    "model.llm.layers.41.attn.wq_du.weight"},
         .config = R"({"model_type":"inkling_mm_model","mtp_config":{"num_nextn_predict_layers":3},
                       "text_config":{"num_hidden_layers":42}})",
         .prefixes = {"model.mtp."},
         .layers = 3},
        {.family = "Kimi-K3",
         .head = under("language_model.model.layers.93.", deepseek()),
         .others = {"language_model.lm_head.weight", "language_model.model.layers.92.self_attn.o_proj.weight",
                    "vision_tower.encoder.layers.93.attn.weight", "mm_projector.proj.0.weight"},
         .config = R"({"model_type":"kimi_k3","text_config":{"model_type":"kimi_linear",
                       "num_hidden_layers":93,"num_nextn_predict_layers":1}})",
         .prefixes = {"language_model.model.layers.93."},
         .base = 93,
         .copies = under("language_model.model.layers.93.", copies)},
    };
    return all;
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// Families whose head is a decoder layer behind the trunk, without latent attention: GLM, Hy3, Bailing,
// Step-3.5; and MiniMax, which declares such layers and has none.
#include "localhub/families/families.hpp"

namespace skw::localhub {
namespace {

struct Glm {
    std::uint64_t hidden, queries, keys, head, dense, expert, experts, vocabulary;

    static Glm of(const FamilyOptions& options)
    {
        const std::uint64_t experts = options.experts_or(8, 128);
        return options.real ? Glm{4096, 12'288, 1024, 128, 10'944, 1408, experts, 151'552}
                            : Glm{320, 384, 128, 64, 448, 192, experts, 512};
    }
};

void add_glm_layer(const Part& at, const Glm& n, Storage storage, bool dense)
{
    at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
    const Part attention = at.in("self_attn");
    attention.attention(n.hidden, n.queries, n.keys, storage, storage);
    attention.tensor("q_proj.bias", {n.queries});
    attention.tensor("k_proj.bias", {n.keys});
    attention.tensor("v_proj.bias", {n.keys});
    if (dense) {
        at.mlp("mlp", n.hidden, n.dense, storage);
        return;
    }
    const Part mlp = at.in("mlp");
    mlp.linear("gate", n.experts, n.hidden);
    mlp.tensor("gate.e_score_correction_bias", {n.experts}, SampleType::f32);
    mlp.mlp("shared_experts", n.hidden, n.expert, storage);
    mlp.experts("experts", n.experts, n.hidden, n.expert, storage);
}

Checkpoint glm(const FamilyOptions& options, Storage storage)
{
    constexpr std::uint64_t layers = 46;
    Checkpoint out{.model = "GLM-4.5-Air", .licence = "mit"};
    const Glm n = Glm::of(options);
    const Part model = out.root().in("model");
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    add_glm_layer(model.in("layers", 0), n, storage, true);
    add_glm_layer(model.in("layers", 4), n, storage, false); // 4 and 46 begin alike
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", n.vocabulary, n.hidden);
    const Part head = model.head().in("layers", layers);
    add_glm_layer(head, n, storage, false);
    head.norms({"enorm", "hnorm", "shared_head.norm"}, n.hidden);
    head.linear("eh_proj", n.hidden, 2 * n.hidden);
    head.linear("embed_tokens", n.vocabulary, n.hidden);
    head.linear("shared_head.head", n.vocabulary, n.hidden);
    out.config = {{"architectures", {"Glm4MoeForCausalLM"}},
                  {"model_type", "glm4_moe"},
                  {"hidden_size", n.hidden},
                  {"intermediate_size", n.dense},
                  {"moe_intermediate_size", n.expert},
                  {"num_hidden_layers", layers},
                  {"num_nextn_predict_layers", 1},
                  {"first_k_dense_replace", 1},
                  {"n_routed_experts", n.experts},
                  {"n_shared_experts", 1},
                  {"num_attention_heads", n.queries / n.head},
                  {"num_key_value_heads", n.keys / n.head},
                  {"head_dim", n.head},
                  {"vocab_size", n.vocabulary},
                  {"attention_bias", true},
                  {"use_qk_norm", false},
                  {"tie_word_embeddings", false},
                  {"torch_dtype", "bfloat16"}};
    return out;
}

constexpr std::uint64_t hidden = 320, queries = 256, keys = 128, head_width = 64, intermediate = 448,
                        expert = 192, vocabulary = 512;

json::object common_config(const char* architecture, const char* model_type, std::uint64_t layers)
{
    return {{"architectures", {architecture}},
            {"model_type", model_type},
            {"hidden_size", hidden},
            {"intermediate_size", intermediate},
            {"num_hidden_layers", layers},
            {"num_attention_heads", queries / head_width},
            {"num_key_value_heads", keys / head_width},
            {"head_dim", head_width},
            {"vocab_size", vocabulary},
            {"tie_word_embeddings", false},
            {"torch_dtype", "bfloat16"}};
}

} // namespace

Checkpoint make_glm(const FamilyOptions& options)
{
    return glm(options, Storage::bf16);
}

Checkpoint make_glm_fp8(const FamilyOptions& options)
{
    Checkpoint out = glm(options, Storage::fp8_channel);
    out.model = "GLM-4.5-Air-FP8";
    out.config["quantization_config"] = compressed_config("float-quantized", {{"num_bits", 8},
                                                                              {"type", "float"},
                                                                              {"strategy", "channel"},
                                                                              {"symmetric", true},
                                                                              {"dynamic", false}});
    return out;
}

Checkpoint make_hy3(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 80;
    Checkpoint out{.model = "Hy3", .licence = "other"};
    const std::uint64_t experts = options.experts_or(8, 8);
    const Part model = out.root().in("model");
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, hidden);
        at.in("self_attn").attention(hidden, queries, keys);
        at.in("self_attn").norms({"q_norm", "k_norm"}, head_width);
        at.linear("mlp.router.gate", experts, hidden);
        at.tensor("mlp.expert_bias", {experts}, SampleType::f32);
        at.mlp("mlp.shared_mlp", hidden, expert);
        at.experts("mlp.experts", experts, hidden, expert);
    };
    model.linear("embed_tokens", vocabulary, hidden);
    add_layer(model.in("layers", 8)); // 8 and 80 begin alike
    model.norm("norm", hidden);
    out.root().linear("lm_head", vocabulary, hidden);
    const Part head = model.head().in("layers", layers);
    add_layer(head);
    head.norms({"enorm", "hnorm", "final_layernorm"}, hidden);
    head.linear("eh_proj", hidden, 2 * hidden);
    head.linear("embed_tokens", vocabulary, hidden);
    head.linear("shared_head", vocabulary, hidden);
    out.config = common_config("HYV3ForCausalLM", "hy_v3", layers);
    out.config["num_experts"] = experts;
    out.config["num_nextn_predict_layers"] = 1;
    return out;
}

Checkpoint make_bailing(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 20;
    Checkpoint out{.model = "Ling-mini-2.0", .licence = "mit"};
    const std::uint64_t experts = options.experts_or(8, 8);
    const Part model = out.root().in("model");
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, hidden);
        at.linear("attention.query_key_value", queries + 2 * keys, hidden);
        at.linear("attention.dense", hidden, queries);
        at.norms({"attention.query_layernorm", "attention.key_layernorm"}, head_width);
        at.linear("mlp.gate", experts, hidden);
        at.tensor("mlp.gate.expert_bias", {experts}, SampleType::f32);
        at.mlp("mlp.shared_experts", hidden, expert);
        at.experts("mlp.experts", experts, hidden, expert);
    };
    model.linear("word_embeddings", vocabulary, hidden);
    add_layer(model.in("layers", 2)); // 2 and 20 begin alike
    model.norm("norm", hidden);
    out.root().linear("lm_head", vocabulary, hidden);
    const Part head = model.head().in("layers", layers);
    add_layer(head);
    head.norms({"enorm", "hnorm", "final_layernorm"}, hidden);
    head.linear("eh_proj", hidden, 2 * hidden);
    out.config = common_config("BailingMoeV2ForCausalLM", "bailing_moe", layers);
    out.config["num_experts"] = experts;
    out.config["num_nextn_predict_layers"] = 1;
    return out;
}

Checkpoint make_step35(const FamilyOptions&)
{
    constexpr std::uint64_t layers = 45, steps = 3;
    Checkpoint out{.model = "Step-3.5-Flash", .licence = "apache-2.0"};
    const Part model = out.root().in("model");
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, hidden, SampleType::f32);
        const Part attention = at.in("self_attn");
        attention.attention(hidden, queries, keys);
        attention.linear("g_proj", queries / head_width, hidden);
        attention.norms({"q_norm", "k_norm"}, head_width, SampleType::f32);
        at.mlp("mlp", hidden, intermediate);
    };
    model.linear("embed_tokens", vocabulary, hidden);
    add_layer(model.in("layers", 0));
    add_layer(model.in("layers", 4)); // 4 and 45 begin alike
    model.norm("norm", hidden, SampleType::f32);
    out.root().linear("lm_head", vocabulary, hidden);
    for (std::uint64_t step = 0; step < steps; ++step) {
        const Part head = model.head().in("layers", layers + step);
        add_layer(head);
        head.norms({"enorm", "hnorm", "transformer.shared_head.norm"}, hidden, SampleType::f32);
        head.linear("eh_proj", hidden, 2 * hidden);
        head.linear("transformer.shared_head.output", vocabulary, hidden);
    }
    out.mtp_shards = 2;
    out.config = common_config("Step3p5ForCausalLM", "step3p5", layers);
    out.config["num_nextn_predict_layers"] = steps;
    return out;
}

Checkpoint make_minimax(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 62;
    Checkpoint out{.model = "MiniMax-M2", .licence = "mit"};
    const std::uint64_t experts = options.experts_or(8, 8);
    const Part model = out.root().in("model");
    model.linear("embed_tokens", vocabulary, hidden);
    for (const std::uint64_t layer : {std::uint64_t{0}, layers - 1}) {
        const Part at = model.in("layers", layer);
        at.norms({"input_layernorm", "post_attention_layernorm"}, hidden);
        at.in("self_attn").attention(hidden, queries, keys, Storage::fp8_block, Storage::fp8_block);
        const Part moe = at.in("block_sparse_moe");
        moe.linear("gate", experts, hidden);
        moe.tensor("e_score_correction_bias", {experts}, SampleType::f32);
        for (std::uint64_t i = 0; i < experts; ++i) {
            moe.in("experts", i).linear("w1", expert, hidden, Storage::fp8_block);
            moe.in("experts", i).linear("w2", hidden, expert, Storage::fp8_block);
            moe.in("experts", i).linear("w3", expert, hidden, Storage::fp8_block);
        }
    }
    model.norm("norm", hidden);
    out.root().linear("lm_head", vocabulary, hidden);
    out.trunk_shards = 2;
    out.config = common_config("MiniMaxM2ForCausalLM", "minimax_m2", layers);
    out.config["num_local_experts"] = experts;
    out.config["use_mtp"] = true;
    out.config["num_mtp_modules"] = 3;
    out.config["mtp_transformer_layers"] = 1;
    out.config["quantization_config"] = fp8_config();
    return out;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// The Qwen line and what follows it: a head under mtp.* with one fused projection (Qwen3-Next, EXAONE,
// Intern-S2), or two matrices and hyper-connections (Qwen3.8-Flash-Next).
#include "localhub/families/families.hpp"

namespace skw::localhub {
namespace {

struct Sizes {
    std::uint64_t hidden, heads, key_heads, head, expert, experts, vocabulary;

    static Sizes of(const FamilyOptions& options)
    {
        const std::uint64_t experts = options.experts_or(8, 512);
        return options.real ? Sizes{2048, 16, 2, 256, 512, experts, 151'936}
                            : Sizes{320, 4, 2, 64, 192, experts, 512};
    }
};

// `gated`: the query projection also makes the output gate.
void add_attention(const Part& at, const Sizes& n, bool gated)
{
    at.linear("q_proj", (gated ? 2 : 1) * n.heads * n.head, n.hidden);
    at.linear("k_proj", n.key_heads * n.head, n.hidden);
    at.linear("v_proj", n.key_heads * n.head, n.hidden);
    at.linear("o_proj", n.hidden, n.heads * n.head);
    at.norms({"q_norm", "k_norm"}, n.head);
}

void add_experts(const Part& mlp, const Sizes& n, bool fused)
{
    mlp.linear("gate", n.experts, n.hidden);
    mlp.mlp("shared_expert", n.hidden, n.expert);
    mlp.linear("shared_expert_gate", 1, n.hidden);
    if (fused) {
        mlp.tensor("experts.gate_up_proj", {n.experts, 2 * n.expert, n.hidden});
        mlp.tensor("experts.down_proj", {n.experts, n.hidden, n.expert});
    } else {
        mlp.experts("experts", n.experts, n.hidden, n.expert);
    }
}

void add_layer(const Part& at, const Sizes& n, bool fused)
{
    at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
    add_attention(at.in("self_attn"), n, true);
    add_experts(at.in("mlp"), n, fused);
}

void add_fusion(const Part& at, std::uint64_t hidden)
{
    at.linear("fc", hidden, 2 * hidden);
    at.norms({"pre_fc_norm_embedding", "pre_fc_norm_hidden", "norm"}, hidden);
}

json::object config(const Sizes& n, const char* model_type, std::uint64_t layers)
{
    return {{"model_type", model_type},
            {"hidden_size", n.hidden},
            {"moe_intermediate_size", n.expert},
            {"shared_expert_intermediate_size", n.expert},
            {"num_experts", n.experts},
            {"num_experts_per_tok", 10},
            {"num_hidden_layers", layers},
            {"num_attention_heads", n.heads},
            {"num_key_value_heads", n.key_heads},
            {"head_dim", n.head},
            {"vocab_size", n.vocabulary},
            {"tie_word_embeddings", false},
            {"dtype", "bfloat16"}};
}

} // namespace

Checkpoint make_qwen3_next(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 48;
    Checkpoint out{.model = "Qwen3-Next-80B-A3B", .licence = "apache-2.0"};
    const Sizes n = Sizes::of(options);
    const Part model = out.root().in("model");
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    add_layer(model.in("layers", 3), n, false);
    add_layer(model.in("layers", layers - 1), n, false);
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", n.vocabulary, n.hidden);
    const Part head = out.root().head().in("mtp");
    add_fusion(head, n.hidden);
    add_layer(head.in("layers", 0), n, false);
    out.trunk_shards = 2;
    out.config = config(n, "qwen3_next", layers);
    out.config["architectures"] = {"Qwen3NextForCausalLM"};
    out.config["num_nextn_predict_layers"] = 1;
    return out;
}

Checkpoint make_exaone(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 48;
    Checkpoint out{.model = "K-EXAONE-236B-A23B", .licence = "other"};
    const Sizes n = Sizes::of({.real = false, .experts = options.experts});
    const auto add = [&](const Part& at, bool experts) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
        add_attention(at.in("self_attn"), n, false);
        if (experts) {
            const Part mlp = at.in("mlp");
            mlp.linear("gate", n.experts, n.hidden);
            mlp.tensor("e_score_correction_bias", {n.experts}, SampleType::f32);
            mlp.mlp("shared_experts", n.hidden, n.expert);
            mlp.experts("experts", n.experts, n.hidden, n.expert);
        } else {
            at.mlp("mlp", n.hidden, 2 * n.expert);
        }
    };
    const Part model = out.root().in("model");
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    add(model.in("layers", 0), false);
    add(model.in("layers", layers - 1), true);
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", n.vocabulary, n.hidden);
    const Part head = out.root().head().in("mtp");
    add_fusion(head, n.hidden);
    add(head.in("layers", 0), false);
    out.config = config(n, "exaone_moe", layers);
    out.config["architectures"] = {"ExaoneMoEForCausalLM"};
    out.config["num_nextn_predict_layers"] = 1;
    return out;
}

Checkpoint make_qwen_flash_next(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 48;
    Checkpoint out{.model = "Qwen3.8-Flash-Next", .licence = "apache-2.0"};
    out.note = "The names inside the hyper-connections are not those of the release, which were not seen.";
    const Sizes n = Sizes::of({.real = false, .experts = options.experts});
    const auto add_mixer = [&](const Part& at, bool with_norm) {
        at.tensor("fn", {8, 4 * n.hidden});
        at.tensor("base", {8});
        at.tensor("scale", {3});
        if (with_norm) {
            at.norm("norm", 4 * n.hidden);
        }
    };
    const auto add = [&](const Part& at) {
        add_layer(at, n, true);
        add_mixer(at.in("attn_hyper_connection"), true);
        add_mixer(at.in("mlp_hyper_connection"), true);
    };
    const Part model = out.root().in("model.language_model");
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    add(model.in("layers", 0));
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", n.vocabulary, n.hidden);
    const Part head = out.root().head().in("mtp");
    head.linear("fc_embedding", n.hidden, n.hidden);
    head.linear("fc_hidden", n.hidden, n.hidden);
    head.norms({"pre_fc_norm_embedding", "pre_fc_norm_hidden", "norm"}, n.hidden);
    add_mixer(head.in("hyper_connection_mixer"), false);
    add(head.in("layers", 0));
    json::object text = config(n, "qwen4_exp_text", layers);
    text["mtp_num_hidden_layers"] = 1;
    text["mtp_use_dedicated_embeddings"] = false;
    out.config = {{"architectures", {"Qwen4ExpForConditionalGeneration"}},
                  {"model_type", "qwen4_exp"},
                  {"text_config", std::move(text)}};
    return out;
}

Checkpoint make_intern_s2(const FamilyOptions&)
{
    constexpr std::uint64_t layers = 32;
    Checkpoint out{.model = "Intern-S2-Preview", .licence = "apache-2.0"};
    const Sizes n = Sizes::of({});
    const auto add = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
        add_attention(at.in("self_attn"), n, true);
        at.mlp("mlp", n.hidden, 2 * n.expert);
    };
    const Part model = out.root().in("model.language_model");
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    add(model.in("layers", 3));
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", n.vocabulary, n.hidden);
    for (const char* subject : {"normal", "sci"}) {
        const Part layer = out.root().head().in("mtp").in(subject).in("layers", 0);
        add_fusion(layer, n.hidden);
        add(layer);
    }
    json::object text = config(n, "qwen3_5_text", layers);
    text["mtp_num_hidden_layers"] = 1;
    out.config = {{"architectures", {"InternS2PreviewForConditionalGeneration"}},
                  {"model_type", "interns2_preview"},
                  {"text_config", std::move(text)}};
    return out;
}

} // namespace skw::localhub

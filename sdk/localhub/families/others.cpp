// SPDX-License-Identifier: Apache-2.0
// Families with names of their own below model: MiMo, MiMo-V2, ERNIE, LongCat, HY-V4, Inkling; and Nemotron,
// one step in two layers.
#include "localhub/families/families.hpp"

namespace skw::localhub {
namespace {

constexpr std::uint64_t vocabulary = 512;

struct Dense {
    std::uint64_t hidden, queries, keys, head, intermediate;
};

json::object common_config(const char* architecture, const char* model_type, const Dense& n,
                           std::uint64_t layers)
{
    return {{"architectures", {architecture}},
            {"model_type", model_type},
            {"hidden_size", n.hidden},
            {"intermediate_size", n.intermediate},
            {"num_hidden_layers", layers},
            {"num_attention_heads", n.queries / n.head},
            {"num_key_value_heads", n.keys / n.head},
            {"head_dim", n.head},
            {"vocab_size", vocabulary},
            {"torch_dtype", "bfloat16"}};
}

} // namespace

Checkpoint make_mimo(const FamilyOptions& options)
{
    Checkpoint out{.model = "MiMo-7B-Base", .licence = "mit"};
    const Dense n = options.real ? Dense{4096, 4096, 1024, 128, 11'008} : Dense{320, 256, 128, 64, 448};
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
        const Part attention = at.in("self_attn");
        attention.attention(n.hidden, n.queries, n.keys);
        attention.tensor("q_proj.bias", {n.queries});
        attention.tensor("k_proj.bias", {n.keys});
        attention.tensor("v_proj.bias", {n.keys});
        at.mlp("mlp", n.hidden, n.intermediate);
    };
    const Part model = out.root().in("model");
    model.linear("embed_tokens", vocabulary, n.hidden);
    add_layer(model.in("layers", 0));
    add_layer(model.in("layers", 35));
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", vocabulary, n.hidden);
    const Part head = model.head().in("mtp_layers", 0);
    add_layer(head);
    head.norms({"token_layernorm", "hidden_layernorm", "final_layernorm"}, n.hidden);
    head.linear("input_proj", n.hidden, 2 * n.hidden);
    out.config = common_config("MiMoForCausalLM", "mimo", n, 36);
    out.config["num_nextn_predict_layers"] = 1;
    return out;
}

Checkpoint make_mimo_v2(const FamilyOptions& options)
{
    struct Sizes {
        std::uint64_t hidden, heads, key_heads, head, value, intermediate;
    };
    Checkpoint out{.model = "MiMo-V2-Flash", .licence = "mit"};
    const Sizes n = options.real ? Sizes{4096, 64, 8, 192, 128, 16'384} : Sizes{320, 4, 2, 48, 32, 448};
    const auto add_layer = [&](const Part& at, const char* second_norm) {
        at.norms({"input_layernorm", second_norm}, n.hidden);
        const Part attention = at.in("self_attn");
        attention.linear("qkv_proj", n.heads * n.head + n.key_heads * (n.head + n.value), n.hidden,
                         Storage::fp8_block);
        attention.linear("o_proj", n.hidden, n.heads * n.value);
        attention.tensor("attention_sink_bias", {n.heads});
        at.mlp("mlp", n.hidden, n.intermediate, Storage::fp8_block);
    };
    const Part model = out.root().in("model");
    model.linear("embed_tokens", vocabulary, n.hidden);
    add_layer(model.in("layers", 0), "post_attention_layernorm");
    add_layer(model.in("layers", 47), "post_attention_layernorm");
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", vocabulary, n.hidden);
    for (std::uint64_t layer = 0; layer < 3; ++layer) {
        const Part head = model.head().in("mtp.layers", layer);
        add_layer(head, "pre_mlp_layernorm");
        head.norms({"enorm", "hnorm", "final_layernorm"}, n.hidden);
        head.linear("eh_proj", n.hidden, 2 * n.hidden);
    }
    out.trunk_shards = 2;
    out.own_file = "model_mtp.safetensors";
    out.config = {{"architectures", {"MiMoV2FlashForCausalLM"}},
                  {"model_type", "mimo_v2_flash"},
                  {"hidden_size", n.hidden},
                  {"intermediate_size", n.intermediate},
                  {"num_hidden_layers", 48},
                  {"num_attention_heads", n.heads},
                  {"num_key_value_heads", n.key_heads},
                  {"head_dim", n.head},
                  {"v_head_dim", n.value},
                  {"vocab_size", vocabulary},
                  {"quantization_config", fp8_config()}};
    return out;
}

Checkpoint make_ernie(const FamilyOptions&)
{
    constexpr std::uint64_t layers = 28;
    Checkpoint out{.model = "ERNIE-4.5-21B-A3B", .licence = "apache-2.0"};
    constexpr Dense n{320, 256, 128, 64, 448};
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
        at.in("self_attn").attention(n.hidden, n.queries, n.keys);
        at.mlp("mlp", n.hidden, n.intermediate);
    };
    const Part model = out.root().in("model");
    model.linear("embed_tokens", vocabulary, n.hidden);
    add_layer(model.in("layers", 0));
    add_layer(model.in("layers", layers - 1));
    model.norm("norm", n.hidden);
    const Part head = model.head();
    add_layer(head.in("mtp_block", 0));
    head.norms({"mtp_emb_norm.0", "mtp_hidden_norm.0"}, n.hidden);
    head.linear("mtp_linear_proj.0", n.hidden, 2 * n.hidden);
    out.config = common_config("Ernie4_5_MoeForCausalLM", "ernie4_5_moe", n, layers);
    out.config["num_nextn_predict_layers"] = 1;
    out.config["tie_word_embeddings"] = true;
    return out;
}

Checkpoint make_longcat(const FamilyOptions&)
{
    constexpr std::uint64_t layers = 28, hidden = 320, heads = 4, query_rank = 192, key_rank = 64, nope = 32,
                            rope = 16, intermediate = 448, experts = 4, expert = 192;
    Checkpoint out{.model = "LongCat-Flash-Chat", .licence = "mit"};
    const auto add_attention = [&](const Part& at) {
        at.linear("q_a_proj", query_rank, hidden);
        at.norm("q_a_layernorm", query_rank);
        at.linear("q_b_proj", heads * (nope + rope), query_rank);
        at.linear("kv_a_proj_with_mqa", key_rank + rope, hidden);
        at.norm("kv_a_layernorm", key_rank);
        at.linear("kv_b_proj", 2 * heads * nope, key_rank);
        at.linear("o_proj", hidden, heads * nope);
    };
    const Part model = out.root().in("model");
    model.linear("embed_tokens", vocabulary, hidden);
    for (const std::uint64_t layer : {std::uint64_t{0}, layers - 1}) { // two attentions in each
        const Part at = model.in("layers", layer);
        for (std::uint64_t half = 0; half < 2; ++half) {
            add_attention(at.in("self_attn", half));
            at.in("mlps", half).mlp("", hidden, intermediate);
            at.in("input_layernorm").norm(std::to_string(half), hidden);
            at.in("post_attention_layernorm").norm(std::to_string(half), hidden);
        }
        at.linear("mlp.router.classifier", experts, hidden, Storage::f32);
        at.tensor("mlp.router.e_score_correction_bias", {experts}, SampleType::f32);
        at.experts("mlp.experts", experts, hidden, expert);
    }
    model.norm("norm", hidden);
    out.root().linear("lm_head", vocabulary, hidden);
    const Part head = model.head().in("mtp");
    head.linear("embed_tokens", vocabulary, hidden);
    const Part layer = head.in("layers", 0);
    layer.linear("eh_proj", hidden, 2 * hidden);
    layer.norms({"enorm.m", "hnorm.m", "input_layernorm", "post_attention_layernorm"}, hidden);
    add_attention(layer.in("self_attn"));
    layer.mlp("transformer_layer.mlp", hidden, intermediate);
    head.norm("norm", hidden);
    out.config = {{"architectures", {"LongcatFlashForCausalLM"}},
                  {"model_type", "longcat_flash"},
                  {"hidden_size", hidden},
                  {"ffn_hidden_size", intermediate},
                  {"expert_ffn_hidden_size", expert},
                  {"num_layers", layers},
                  {"num_attention_heads", heads},
                  {"q_lora_rank", query_rank},
                  {"kv_lora_rank", key_rank},
                  {"n_routed_experts", experts},
                  {"vocab_size", vocabulary},
                  {"torch_dtype", "bfloat16"}};
    return out;
}

Checkpoint make_nemotron(const FamilyOptions& options)
{
    struct Sizes {
        std::uint64_t hidden, queries, keys, latent, expert, shared, experts;
    };
    constexpr std::uint64_t layers = 88;
    Checkpoint out{.model = "Nemotron-3-Super", .licence = "other"};
    const std::uint64_t count = options.experts_or(8, 512);
    const Sizes n = options.real ? Sizes{4096, 4096, 256, 1024, 2688, 5376, count}
                                 : Sizes{320, 256, 128, 96, 192, 448, count};
    const auto add_moe = [&](const Part& at) {
        at.linear("gate", n.experts, n.hidden);
        at.tensor("gate.e_score_correction_bias", {n.experts}, SampleType::f32);
        at.linear("fc1_latent_proj", n.latent, n.hidden);
        at.linear("fc2_latent_proj", n.hidden, n.latent);
        at.linear("shared_experts.up_proj", n.shared, n.hidden);
        at.linear("shared_experts.down_proj", n.hidden, n.shared);
        for (std::uint64_t expert = 0; expert < n.experts; ++expert) {
            at.in("experts", expert).linear("up_proj", n.expert, n.latent);
            at.in("experts", expert).linear("down_proj", n.latent, n.expert);
        }
    };
    const Part trunk = out.root().in("backbone");
    trunk.linear("embeddings", vocabulary, n.hidden);
    trunk.in("layers", 0).norm("norm", n.hidden);
    trunk.in("layers", 0).tensor("mixer.A_log", {32}, SampleType::f32);
    trunk.in("layers", 0).linear("mixer.in_proj", 2 * n.hidden, n.hidden);
    trunk.in("layers", 7).norm("norm", n.hidden);
    trunk.in("layers", 7).in("mixer").attention(n.hidden, n.queries, n.keys);
    trunk.norm("norm_f", n.hidden);
    out.root().linear("lm_head", vocabulary, n.hidden);
    const Part first = out.root().head().in("mtp.layers", 0), second = out.root().head().in("mtp.layers", 1);
    first.norms({"enorm", "hnorm", "norm"}, n.hidden);
    first.linear("eh_proj", n.hidden, 2 * n.hidden);
    first.in("mixer").attention(n.hidden, n.queries, n.keys);
    second.norms({"norm", "final_layernorm"}, n.hidden);
    add_moe(second.in("mixer"));
    out.config = {{"architectures", {"NemotronHForCausalLM"}},
                  {"model_type", "nemotron_h"},
                  {"hidden_size", n.hidden},
                  {"moe_intermediate_size", n.expert},
                  {"moe_latent_size", n.latent},
                  {"moe_shared_expert_intermediate_size", n.shared},
                  {"n_routed_experts", n.experts},
                  {"num_hidden_layers", layers},
                  {"num_nextn_predict_layers", 1},
                  {"mtp_hybrid_override_pattern", "*E"},
                  {"vocab_size", vocabulary},
                  {"torch_dtype", "bfloat16"}};
    return out;
}

Checkpoint make_hy_v4(const FamilyOptions& options)
{
    constexpr std::uint64_t layers = 64, expert = 192;
    Checkpoint out{.model = "Hy4", .licence = "other"};
    out.note =
        "Names follow the loaders, and the number of layers is not that of the release; no header of it "
        "was seen.";
    constexpr Dense n{320, 256, 128, 64, 448};
    const std::uint64_t experts = options.experts_or(8, 8);
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
        at.in("self_attn").attention(n.hidden, n.queries, n.keys);
        const Part mlp = at.in("mlp");
        mlp.linear("gate", experts, n.hidden);
        mlp.tensor("experts.gate_up_proj", {experts, 2 * expert, n.hidden});
        mlp.tensor("experts.down_proj", {experts, n.hidden, expert});
    };
    const Part model = out.root().in("model");
    model.linear("embed_tokens", vocabulary, n.hidden);
    add_layer(model.in("layers", 0));
    add_layer(model.in("layers", layers - 1));
    model.norm("norm", n.hidden);
    out.root().linear("lm_head", vocabulary, n.hidden);
    const Part head = model.head().in("mtp_layers", 0);
    add_layer(head);
    head.norms({"enorm", "hnorm", "final_layernorm"}, n.hidden);
    head.linear("eh_proj", n.hidden, 2 * n.hidden);
    out.config = common_config("HYV4ForCausalLM", "hy_v4", n, layers);
    out.config["num_experts"] = experts;
    out.config["num_nextn_predict_layers"] = 1;
    return out;
}

Checkpoint make_inkling(const FamilyOptions&)
{
    constexpr std::uint64_t layers = 42, steps = 3;
    Checkpoint out{.model = "Inkling-Small", .licence = "apache-2.0"};
    out.note = "Names follow the loaders, those inside transformer_block and the numbers of layers are not "
               "those of the release; no header of it was seen.";
    constexpr Dense n{320, 256, 128, 64, 448};
    const auto add_layer = [&](const Part& at) {
        at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden);
        at.in("attn").attention(n.hidden, n.queries, n.keys);
        at.mlp("mlp", n.hidden, n.intermediate);
    };
    const Part model = out.root().in("model"), trunk = model.in("llm");
    trunk.linear("embed_tokens", vocabulary, n.hidden);
    add_layer(trunk.in("layers", 0));
    add_layer(trunk.in("layers", layers - 1));
    trunk.norms({"embed_norm", "norm"}, n.hidden); // the head needs both of them
    out.root().linear("lm_head", vocabulary, n.hidden);
    for (std::uint64_t step = 0; step < steps; ++step) {
        const Part head = model.head().in("mtp.layers", step);
        head.norms({"embed_norm", "hidden_norm"}, n.hidden);
        head.linear("input_proj", n.hidden, 2 * n.hidden);
        add_layer(head.in("transformer_block"));
    }
    out.config = {{"architectures", {"InklingForConditionalGeneration"}},
                  {"model_type", "inkling"},
                  {"text_config", common_config("InklingForCausalLM", "inkling_text", n, layers)},
                  {"mtp_config", {{"num_nextn_predict_layers", steps}}}};
    return out;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// DeepSeek-V3, V3.2 and what is built like them: Kimi-K3, dots3-note, GLM-5, openPangu, GLM-5.3-Flash.
// Multi-head latent attention, one shared expert, and the head as a decoder layer behind the trunk.
#include "localhub/families/families.hpp"

namespace skw::localhub {
namespace {

struct Sizes {
    std::uint64_t hidden, heads, query_rank, key_rank, nope, rope, value, dense, expert, experts, vocabulary;
    std::uint64_t index_heads, index_head;

    static Sizes of(const FamilyOptions& options)
    {
        const std::uint64_t experts = options.experts_or(8, 256);
        return options.real
                   ? Sizes{7168, 128, 1536, 512, 128, 64, 128, 18'432, 2048, experts, 129'280, 64, 128}
                   : Sizes{320, 4, 192, 64, 32, 16, 32, 448, 192, experts, 512, 4, 48};
    }
};

struct Style {
    Storage linear = Storage::fp8_block;
    SampleType norms = SampleType::bf16;
    bool indexer = false;
    bool mixers = false; // hyper-connections about attention and feed-forward
};

void add_attention(const Part& at, const Sizes& n, const Style& style)
{
    at.linear("q_a_proj", n.query_rank, n.hidden, style.linear);
    at.norm("q_a_layernorm", n.query_rank, style.norms);
    at.linear("q_b_proj", n.heads * (n.nope + n.rope), n.query_rank, style.linear);
    at.linear("kv_a_proj_with_mqa", n.key_rank + n.rope, n.hidden, style.linear);
    at.norm("kv_a_layernorm", n.key_rank, style.norms);
    at.linear("kv_b_proj", n.heads * (n.nope + n.value), n.key_rank, style.linear);
    at.linear("o_proj", n.hidden, n.heads * n.value, style.linear);
    if (style.indexer) {
        const Part index = at.in("indexer");
        index.linear("wq_b", n.index_heads * n.index_head, n.query_rank, style.linear);
        index.linear("wk", n.index_head, n.hidden, style.linear);
        index.linear("weights_proj", n.index_heads, n.hidden);
        index.norm("k_norm", n.index_head, style.norms);
        index.tensor("k_norm.bias", {n.index_head}, style.norms);
    }
}

void add_layer(const Part& at, const Sizes& n, const Style& style, bool dense)
{
    at.norms({"input_layernorm", "post_attention_layernorm"}, n.hidden, style.norms);
    add_attention(at.in("self_attn"), n, style);
    for (const std::string_view mixer : {"hc_attn", "hc_ffn"}) {
        if (style.mixers) {
            const std::string name(mixer);
            at.tensor(name + "_fn", {24, 4 * n.hidden}, SampleType::f32);
            at.tensor(name + "_base", {24}, SampleType::f32);
            at.tensor(name + "_scale", {3}, SampleType::f32);
        }
    }
    if (dense) {
        at.mlp("mlp", n.hidden, n.dense, style.linear);
        return;
    }
    const Part mlp = at.in("mlp");
    mlp.linear("gate", n.experts, n.hidden);
    mlp.tensor("gate.e_score_correction_bias", {n.experts}, SampleType::f32);
    mlp.mlp("shared_experts", n.hidden, n.expert, style.linear);
    mlp.experts("experts", n.experts, n.hidden, n.expert, style.linear);
}

constexpr std::uint64_t layers = 61, dense_layers = 3;

void add_trunk(const Part& root, const Sizes& n, const Style& style, const FamilyOptions& options)
{
    const Part model = root.in("model");
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    for (std::uint64_t layer = 0; layer < layers; ++layer) {
        if (options.real || layer == 0 || layer == dense_layers || layer + 1 == layers) {
            add_layer(model.in("layers", layer), n, style, layer < dense_layers);
        }
    }
    model.norm("norm", n.hidden, style.norms);
    root.linear("lm_head", n.vocabulary, n.hidden);
}

// The first and the last layer, under their numbers.
void add_short_trunk(const Part& root, const Part& model, const Sizes& n, const Style& style,
                     std::uint64_t count)
{
    model.linear("embed_tokens", n.vocabulary, n.hidden);
    add_layer(model.in("layers", 0), n, style, true);
    add_layer(model.in("layers", count - 1), n, style, false);
    model.norm("norm", n.hidden, style.norms);
    root.linear("lm_head", n.vocabulary, n.hidden);
}

enum class Copies { none, embedding, embedding_and_head };

void add_head(const Part& at, const Sizes& n, const Style& style, Copies copies,
              Storage fusion = Storage::bf16)
{
    add_layer(at, n, style, false);
    at.norms({"enorm", "hnorm", "shared_head.norm"}, n.hidden, style.norms);
    at.linear("eh_proj", n.hidden, 2 * n.hidden, fusion);
    if (copies != Copies::none) {
        at.linear("embed_tokens", n.vocabulary, n.hidden);
    }
    if (copies == Copies::embedding_and_head) {
        at.linear("shared_head.head", n.vocabulary, n.hidden);
    }
}

json::object config(const Sizes& n, const char* architecture, const char* model_type)
{
    return {{"architectures", {architecture}},
            {"model_type", model_type},
            {"hidden_size", n.hidden},
            {"intermediate_size", n.dense},
            {"moe_intermediate_size", n.expert},
            {"num_hidden_layers", layers},
            {"num_nextn_predict_layers", 1},
            {"first_k_dense_replace", dense_layers},
            {"moe_layer_freq", 1},
            {"n_routed_experts", n.experts},
            {"n_shared_experts", 1},
            {"num_experts_per_tok", 8},
            {"num_attention_heads", n.heads},
            {"num_key_value_heads", n.heads},
            {"q_lora_rank", n.query_rank},
            {"kv_lora_rank", n.key_rank},
            {"qk_nope_head_dim", n.nope},
            {"qk_rope_head_dim", n.rope},
            {"v_head_dim", n.value},
            {"vocab_size", n.vocabulary},
            {"rms_norm_eps", 1e-6},
            {"scoring_func", "sigmoid"},
            {"topk_method", "noaux_tc"},
            {"torch_dtype", "bfloat16"},
            {"tie_word_embeddings", false}};
}

// The released checkpoint has 163 shards, and the head in the last four of them.
void set_shards(Checkpoint& out, const FamilyOptions& options)
{
    out.trunk_shards = options.real ? 159 : 2;
    out.mtp_shards = options.real ? 4 : 2;
    out.shared_percent = options.real ? 33 : 50;
}

} // namespace

Checkpoint make_deepseek_v3(const FamilyOptions& options)
{
    Checkpoint out{.model = "DeepSeek-V3", .licence = "mit"};
    const Sizes n = Sizes::of(options);
    add_trunk(out.root(), n, {}, options);
    add_head(out.root().head().in("model.layers", layers), n, {}, Copies::embedding_and_head);
    out.config = config(n, "DeepseekV3ForCausalLM", "deepseek_v3");
    out.config["quantization_config"] = fp8_config();
    set_shards(out, options);
    return out;
}

Checkpoint make_deepseek_v32(const FamilyOptions& options)
{
    Checkpoint out{.model = "DeepSeek-V3.2-Exp", .licence = "mit"};
    const Sizes n = Sizes::of(options);
    const Style style{.linear = Storage::fp8_block_pow2, .norms = SampleType::f32, .indexer = true};
    add_trunk(out.root(), n, style, options);
    add_head(out.root().head().in("model.layers", layers), n, style, Copies::embedding_and_head);
    out.config = config(n, "DeepseekV32ForCausalLM", "deepseek_v32");
    out.config["index_head_dim"] = n.index_head;
    out.config["index_n_heads"] = n.index_heads;
    json::object quantised = fp8_config();
    quantised["scale_fmt"] = "ue8m0";
    out.config["quantization_config"] = std::move(quantised);
    set_shards(out, options);
    return out;
}

Checkpoint make_kimi_k3(const FamilyOptions& options)
{
    Checkpoint out{.model = "Kimi-K3", .licence = "other"};
    out.note = "Names inside the head follow the loaders; no header of the release was seen.";
    const Sizes n = Sizes::of(options);
    const Style style{.linear = Storage::bf16};
    const Part root = out.root().in("language_model");
    out.root().linear("vision_tower.encoder.blocks.70.wo", 64, 64); // a tower's layers are no decoder's
    add_trunk(root, n, style, options);
    add_head(root.head().in("model.layers", layers), n, style, Copies::embedding_and_head);
    out.config = {{"architectures", {"KimiK3ForConditionalGeneration"}},
                  {"model_type", "kimi_k3"},
                  {"text_config", config(n, "KimiK3ForCausalLM", "kimi_k3_text")},
                  {"vision_config", {{"num_hidden_layers", 71}}}};
    return out;
}

Checkpoint make_dots3_note(const FamilyOptions& options)
{
    Checkpoint out{.model = "dots3-note", .licence = "mit"};
    const Sizes n = Sizes::of(options);
    constexpr std::uint64_t trunk = 46;
    const Part model = out.root().in("model");
    add_short_trunk(out.root(), model, n, {}, trunk);
    add_head(model.head().in("layers", trunk), n, {}, Copies::none, Storage::fp8_block);
    model.head().linear("mtp.embed_tokens", n.vocabulary, n.hidden);
    out.config = config(n, "Dots3NoteForCausalLM", "dots3_note");
    out.config["num_hidden_layers"] = trunk;
    out.config["mtp_layer_types"] = {"full_attention"};
    out.config["quantization_config"] = fp8_config();
    return out;
}

Checkpoint make_glm5(const FamilyOptions& options)
{
    Checkpoint out{.model = "GLM-5", .licence = "mit"};
    const Sizes n = Sizes::of(options);
    const Style style{.linear = Storage::bf16, .indexer = true};
    constexpr std::uint64_t trunk = 78;
    add_short_trunk(out.root(), out.root().in("model"), n, style, trunk);
    add_head(out.root().head().in("model.layers", trunk), n, style, Copies::embedding);
    out.config = config(n, "GlmMoeDsaForCausalLM", "glm_moe_dsa");
    out.config["num_hidden_layers"] = trunk;
    out.config["index_head_dim"] = n.index_head;
    out.config["index_n_heads"] = n.index_heads;
    return out;
}

Checkpoint make_glm5_next(const FamilyOptions& options)
{
    Checkpoint out{.model = "GLM-5.3-Flash", .licence = "mit"};
    out.note =
        "Names follow the loaders, and the number of layers is not that of the release; no header of it "
        "was seen.";
    const Sizes n = Sizes::of(options);
    const Style style{.linear = Storage::bf16, .mixers = true};
    constexpr std::uint64_t trunk = 40;
    const Part model = out.root().in("model.language_model");
    out.root().linear("model.visual.blocks.40.attn.proj", 64, 64); // a tower's blocks are no decoder's
    add_short_trunk(out.root(), model, n, style, trunk);
    add_head(model.head().in("layers", trunk), n, style, Copies::embedding_and_head);
    json::object text = config(n, "Glm5NextForCausalLM", "glm5_next_text");
    text["num_hidden_layers"] = trunk;
    out.config = {{"architectures", {"Glm5NextForConditionalGeneration"}},
                  {"model_type", "glm5_next"},
                  {"text_config", std::move(text)}};
    return out;
}

Checkpoint make_openpangu(const FamilyOptions& options)
{
    Checkpoint out{.model = "openPangu-Ultra-MoE-718B", .licence = "other"};
    out.note = "Names inside the head follow the loaders; no header of the release was seen.";
    const Sizes n = Sizes::of(options);
    const Style style{.linear = Storage::bf16};
    add_short_trunk(out.root(), out.root().in("model"), n, style, layers);
    add_head(out.root().head().in("model.layers", layers), n, style, Copies::embedding_and_head);
    out.config = config(n, "PanguUltraMoEForCausalLM", "pangu_ultra_moe");
    return out;
}

} // namespace skw::localhub

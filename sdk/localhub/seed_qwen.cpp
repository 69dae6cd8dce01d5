// SPDX-License-Identifier: Apache-2.0
// The sample "qwen-mtp": names, config and spread of Qwen3.5-4B, with every linear dimension divided by a
// scale.
#include "localhub/seed_parts.hpp"

#include "support/error.hpp"
#include "support/json.hpp"

namespace skw::localhub {
namespace {

constexpr std::uint64_t layers = 32, heads = 16, kv_heads = 4, key_heads = 16, value_heads = 32,
                        convolution = 4;
constexpr std::uint64_t full_attention_interval = 4, vision_layers = 24, vision_positions = 2304, patch = 16;
constexpr std::uint64_t layers_in_first_shard = 17;

struct Sizes {
    explicit Sizes(std::uint64_t scale)
        : hidden(2560 / scale),
          intermediate(9216 / scale),
          head(256 / scale),
          linear_head(128 / scale),
          vocabulary(248'320 / scale),
          vision(1024 / scale),
          vision_intermediate(4096 / scale)
    {
    }
    std::uint64_t hidden, intermediate, head, linear_head, vocabulary, vision, vision_intermediate;
};

void add_mlp(Tensors& out, const std::string& prefix, const Sizes& n, SampleType type)
{
    add(out, prefix + "mlp.gate_proj.weight", {n.intermediate, n.hidden}, type);
    add(out, prefix + "mlp.up_proj.weight", {n.intermediate, n.hidden}, type);
    add(out, prefix + "mlp.down_proj.weight", {n.hidden, n.intermediate}, type);
}

void add_full_attention(Tensors& out, const std::string& prefix, const Sizes& n, SampleType type)
{
    // The query projection also makes the output gate: twice the heads.
    add(out, prefix + "self_attn.q_proj.weight", {2 * heads * n.head, n.hidden}, type);
    add(out, prefix + "self_attn.k_proj.weight", {kv_heads * n.head, n.hidden}, type);
    add(out, prefix + "self_attn.v_proj.weight", {kv_heads * n.head, n.hidden}, type);
    add(out, prefix + "self_attn.o_proj.weight", {n.hidden, heads * n.head}, type);
    add(out, prefix + "self_attn.q_norm.weight", {n.head}, type);
    add(out, prefix + "self_attn.k_norm.weight", {n.head}, type);
}

void add_linear_attention(Tensors& out, const std::string& prefix, const Sizes& n)
{
    const std::uint64_t mixed = (2 * key_heads + value_heads) * n.linear_head;
    const std::uint64_t value = value_heads * n.linear_head;
    add(out, prefix + "linear_attn.in_proj_qkv.weight", {mixed, n.hidden});
    add(out, prefix + "linear_attn.in_proj_z.weight", {value, n.hidden});
    add(out, prefix + "linear_attn.in_proj_a.weight", {value_heads, n.hidden});
    add(out, prefix + "linear_attn.in_proj_b.weight", {value_heads, n.hidden});
    add(out, prefix + "linear_attn.conv1d.weight", {mixed, 1, convolution});
    add(out, prefix + "linear_attn.A_log", {value_heads});
    add(out, prefix + "linear_attn.dt_bias", {value_heads});
    add(out, prefix + "linear_attn.norm.weight", {n.linear_head});
    add(out, prefix + "linear_attn.out_proj.weight", {n.hidden, value});
}

void add_layer(Tensors& out, std::uint64_t layer, const Sizes& n)
{
    const std::string prefix = "model.language_model.layers." + std::to_string(layer) + ".";
    add(out, prefix + "input_layernorm.weight", {n.hidden});
    add(out, prefix + "post_attention_layernorm.weight", {n.hidden});
    add_mlp(out, prefix, n, SampleType::bf16);
    if ((layer + 1) % full_attention_interval == 0) {
        add_full_attention(out, prefix, n, SampleType::bf16);
    } else {
        add_linear_attention(out, prefix, n);
    }
}

void add_vision(Tensors& out, const Sizes& n)
{
    const auto linear = [&](const std::string& name, std::uint64_t rows, std::uint64_t columns) {
        add(out, name + ".weight", {rows, columns});
        add(out, name + ".bias", {rows});
    };
    const auto norm = [&](const std::string& name) {
        add(out, name + ".weight", {n.vision});
        add(out, name + ".bias", {n.vision});
    };
    const std::string tower = "model.visual.";
    add(out, tower + "patch_embed.proj.weight", {n.vision, 3, 2, patch, patch});
    add(out, tower + "patch_embed.proj.bias", {n.vision});
    add(out, tower + "pos_embed.weight", {vision_positions, n.vision});
    for (std::uint64_t layer = 0; layer < vision_layers; ++layer) {
        const std::string prefix = tower + "blocks." + std::to_string(layer) + ".";
        norm(prefix + "norm1");
        norm(prefix + "norm2");
        linear(prefix + "attn.qkv", 3 * n.vision, n.vision);
        linear(prefix + "attn.proj", n.vision, n.vision);
        linear(prefix + "mlp.linear_fc1", n.vision_intermediate, n.vision);
        linear(prefix + "mlp.linear_fc2", n.vision, n.vision_intermediate);
    }
    norm(tower + "merger.norm");
    linear(tower + "merger.linear_fc1", 4 * n.vision, 4 * n.vision);
    linear(tower + "merger.linear_fc2", n.hidden, 4 * n.vision);
}

// The MTP tensors but for the MLP, which the real checkpoint has in the other shard.
void add_mtp_head(Tensors& out, const Sizes& n, SampleType type)
{
    add(out, "mtp.fc.weight", {n.hidden, 2 * n.hidden}, type);
    for (const char* name : {"mtp.norm", "mtp.pre_fc_norm_embedding", "mtp.pre_fc_norm_hidden",
                             "mtp.layers.0.input_layernorm", "mtp.layers.0.post_attention_layernorm"}) {
        add(out, std::string(name) + ".weight", {n.hidden}, type);
    }
    add_full_attention(out, "mtp.layers.0.", n, type);
}

std::string config(const Sizes& n)
{
    json::array kinds;
    for (std::uint64_t layer = 0; layer < layers; ++layer) {
        kinds.push_back((layer + 1) % full_attention_interval == 0 ? "full_attention" : "linear_attention");
    }
    const json::object text{{"model_type", "qwen3_5_text"},
                            {"hidden_size", n.hidden},
                            {"intermediate_size", n.intermediate},
                            {"num_hidden_layers", layers},
                            {"num_attention_heads", heads},
                            {"num_key_value_heads", kv_heads},
                            {"head_dim", n.head},
                            {"vocab_size", n.vocabulary},
                            {"hidden_act", "silu"},
                            {"rms_norm_eps", 1e-6},
                            {"attn_output_gate", true},
                            {"attention_bias", false},
                            {"dtype", "bfloat16"},
                            {"full_attention_interval", full_attention_interval},
                            {"layer_types", std::move(kinds)},
                            {"linear_conv_kernel_dim", convolution},
                            {"linear_key_head_dim", n.linear_head},
                            {"linear_num_key_heads", key_heads},
                            {"linear_num_value_heads", value_heads},
                            {"linear_value_head_dim", n.linear_head},
                            {"max_position_embeddings", 262'144},
                            {"mtp_num_hidden_layers", 1},
                            {"mtp_use_dedicated_embeddings", false},
                            {"tie_word_embeddings", true}};
    const json::object vision{{"model_type", "qwen3_5"},
                              {"depth", vision_layers},
                              {"hidden_size", n.vision},
                              {"intermediate_size", n.vision_intermediate},
                              {"num_heads", 16},
                              {"in_channels", 3},
                              {"num_position_embeddings", vision_positions},
                              {"out_hidden_size", n.hidden},
                              {"patch_size", patch},
                              {"spatial_merge_size", 2},
                              {"temporal_patch_size", 2}};
    return pretty_json(json::object{{"architectures", {"Qwen3_5ForConditionalGeneration"}},
                                    {"model_type", "qwen3_5"},
                                    {"image_token_id", 248'056},
                                    {"tie_word_embeddings", true},
                                    {"text_config", text},
                                    {"vision_config", vision},
                                    {"transformers_version", "4.57.0"}});
}

std::string readme(std::uint64_t scale)
{
    return "---\nlibrary_name: transformers\nlicense: apache-2.0\npipeline_tag: image-text-to-text\n"
           "base_model:\n- Qwen/Qwen3.5-4B-Base\n---\n\n# Sample checkpoint\n\n"
           "Names, shapes and configuration follow Qwen3.5-4B, with every linear dimension divided by " +
           std::to_string(scale) + ".\nThe values are pseudo-random: nothing can be generated with them.\n";
}

} // namespace

SampleRepo plan_qwen(const SeedOptions& options)
{
    const std::uint64_t scale = options.scale.value_or(16);
    if (scale == 0 || scale > 64 || (scale & (scale - 1)) != 0) {
        throw UsageError("the scale must be 1, 2, 4, 8, 16, 32 or 64");
    }
    SampleRepo out;
    const Sizes n(scale);
    Tensors first, second;
    add(first, "model.language_model.embed_tokens.weight", {n.vocabulary, n.hidden});
    for (std::uint64_t layer = 0; layer < layers; ++layer) {
        add_layer(layer < layers_in_first_shard ? first : second, layer, n);
    }
    add_mlp(first, "mtp.layers.0.", n, options.mtp_type);
    add(second, "model.language_model.norm.weight", {n.hidden});
    add_vision(second, n);
    add_mtp_head(second, n, options.mtp_type);
    for (Tensors* list : {&first, &second}) {
        for (SampleTensor& tensor : *list) {
            tensor.mtp = tensor.name.starts_with("mtp.");
        }
    }
    if (options.single_file) {
        first.insert(first.end(), second.begin(), second.end());
        add_shards(out, {std::move(first)});
    } else {
        add_shards(out, {std::move(first), std::move(second)},
                   {.stem = "model.safetensors"}); // so does the real one
    }
    add_terms(out, "Qwen3.5-4B");
    out.texts["config.json"] = config(n);
    out.texts["README.md"] = readme(scale);
    out.texts["generation_config.json"] =
        pretty_json(json::object{{"do_sample", true}, {"temperature", 0.6}, {"top_k", 20}, {"top_p", 0.95}});
    out.texts["tokenizer_config.json"] =
        pretty_json(json::object{{"tokenizer_class", "Qwen2Tokenizer"}, {"model_max_length", 262'144}});
    out.texts["tokenizer.json"] = pretty_json(
        json::object{{"version", "1.0"},
                     {"model", {{"type", "BPE"}, {"vocab", json::object()}, {"merges", json::array()}}}});
    return out;
}

} // namespace skw::localhub

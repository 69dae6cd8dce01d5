// SPDX-License-Identifier: Apache-2.0
// One small Qwen3.5 in every storage a head was seen in: the same names, another format of the projections.
#include "localhub/families/families.hpp"

namespace skw::localhub {
namespace {

constexpr std::uint64_t hidden = 320, queries = 512, keys = 128, head_width = 64, intermediate = 448,
                        vocabulary = 512, layers = 32, width_of_expert = 192;

struct Style {
    Storage projections = Storage::bf16;
    Storage output = Storage::bf16;  // of o_proj and down_proj
    Storage fusion = Storage::bf16;  // of mtp.fc
    std::uint64_t mxfp4_experts = 0; // in place of the MLP
};

void add_layer(const Part& at, const Style& style)
{
    at.norms({"input_layernorm", "post_attention_layernorm"}, hidden);
    const Part attention = at.in("self_attn");
    attention.linear("q_proj", queries, hidden, style.projections);
    attention.linear("k_proj", keys, hidden, style.projections);
    attention.linear("v_proj", keys, hidden, style.projections);
    attention.linear("o_proj", hidden, queries / 2, style.output);
    attention.norms({"q_norm", "k_norm"}, head_width);
    if (style.mxfp4_experts == 0) {
        at.linear("mlp.gate_proj", intermediate, hidden, style.projections);
        at.linear("mlp.up_proj", intermediate, hidden, style.projections);
        at.linear("mlp.down_proj", hidden, intermediate, style.output);
        return;
    }
    const Part mlp = at.in("mlp");
    mlp.linear("gate", style.mxfp4_experts, hidden);
    mlp.linear("experts.gate_up_proj", 2 * width_of_expert, hidden, Storage::mxfp4_blocks,
               {style.mxfp4_experts});
    mlp.linear("experts.down_proj", hidden, width_of_expert, Storage::mxfp4_blocks, {style.mxfp4_experts});
}

Checkpoint qwen(const char* model, const Style& style, json::object quantisation)
{
    Checkpoint out{.model = model, .licence = "apache-2.0"};
    const Part text = out.root().in("model.language_model");
    text.linear("embed_tokens", vocabulary, hidden);
    add_layer(text.in("layers", 3), style);
    add_layer(text.in("layers", layers - 1), style);
    text.norm("norm", hidden);
    const Part head = out.root().head().in("mtp");
    head.linear("fc", hidden, 2 * hidden, style.fusion);
    head.norms({"pre_fc_norm_embedding", "pre_fc_norm_hidden", "norm"}, hidden);
    add_layer(head.in("layers", 0), style);
    json::object text_config{{"model_type", "qwen3_5_text"},
                             {"hidden_size", hidden},
                             {"intermediate_size", intermediate},
                             {"num_hidden_layers", layers},
                             {"num_attention_heads", queries / head_width / 2},
                             {"num_key_value_heads", keys / head_width},
                             {"head_dim", head_width},
                             {"vocab_size", vocabulary},
                             {"attn_output_gate", true},
                             {"mtp_num_hidden_layers", 1},
                             {"mtp_use_dedicated_embeddings", false},
                             {"tie_word_embeddings", true},
                             {"dtype", "bfloat16"}};
    if (style.mxfp4_experts != 0) {
        text_config["num_experts"] = style.mxfp4_experts;
        text_config["moe_intermediate_size"] = width_of_expert;
    }
    out.config = {{"architectures", {"Qwen3_5ForConditionalGeneration"}},
                  {"model_type", "qwen3_5"},
                  {"tie_word_embeddings", true},
                  {"text_config", std::move(text_config)}};
    if (!quantisation.empty()) {
        out.config["quantization_config"] = std::move(quantisation);
    }
    return out;
}

Style all(Storage storage)
{
    return {.projections = storage, .output = storage};
}

json::object weights(int bits, const char* type, const char* strategy, int group)
{
    json::object out{{"num_bits", bits}, {"type", type}, {"strategy", strategy}, {"symmetric", true}};
    if (group != 0) {
        out["group_size"] = group;
    }
    return out;
}

} // namespace

Checkpoint make_qwen_fp8(const FamilyOptions&)
{
    json::object quantisation = fp8_config();
    quantisation["modules_to_not_convert"] = {"lm_head", "mtp.fc"};
    Checkpoint out = qwen("Qwen3.5-4B-FP8", all(Storage::fp8_block_bf16), std::move(quantisation));
    out.trunk_shards = 2;
    out.own_file = "mtp.safetensors";
    out.own_file_in_index = false;
    return out;
}

Checkpoint make_qwen_fp8_tensor(const FamilyOptions&)
{
    return qwen("Qwen3.5 in ModelOpt's FP8", all(Storage::fp8_tensor),
                {{"quant_method", "modelopt"}, {"quant_algo", "FP8"}});
}

Checkpoint make_qwen_e5m2(const FamilyOptions&)
{
    json::object quantisation = fp8_config();
    quantisation["fmt"] = "e5m2";
    return qwen("Qwen3.5 in FP8 E5M2", all(Storage::e5m2_block), std::move(quantisation));
}

Checkpoint make_qwen_mxfp8(const FamilyOptions&)
{
    return qwen("Qwen3.5 in MXFP8", all(Storage::mxfp8),
                {{"quant_method", "modelopt"}, {"quant_algo", "MXFP8"}});
}

Checkpoint make_qwen_int8(const FamilyOptions&)
{
    return qwen("Qwen3.5 in INT8", {.projections = Storage::int8_channel, .output = Storage::int8_zero_point},
                compressed_config("int-quantized", weights(8, "int", "channel", 0)));
}

Checkpoint make_qwen_nvfp4(const FamilyOptions&)
{
    return qwen("Qwen3.5 in ModelOpt's NVFP4", all(Storage::nvfp4),
                {{"quant_method", "modelopt"}, {"quant_algo", "NVFP4"}});
}

Checkpoint make_qwen_nvfp4_ct(const FamilyOptions&)
{
    return qwen("Qwen3.5 in NVFP4 of compressed-tensors", all(Storage::nvfp4_ct),
                compressed_config("nvfp4-pack-quantized", weights(4, "float", "tensor_group", 16)));
}

Checkpoint make_qwen_mxfp4(const FamilyOptions& options)
{
    return qwen("Qwen3.5 with experts stored as in gpt-oss", {.mxfp4_experts = options.experts_or(8, 8)},
                {{"quant_method", "mxfp4"}, {"modules_to_not_convert", {"self_attn", "mlp.gate", "mtp.fc"}}});
}

Checkpoint make_qwen_mxfp4_ct(const FamilyOptions&)
{
    return qwen("Qwen3.5 in MXFP4 of compressed-tensors", all(Storage::mxfp4_ct),
                compressed_config("mxfp4-pack-quantized", weights(4, "float", "group", 32)));
}

Checkpoint make_qwen_gptq(const FamilyOptions&)
{
    Style style = all(Storage::gptq);
    style.fusion = Storage::gptq; // even this was seen packed
    return qwen(
        "Qwen3.5 in GPTQ", style,
        {{"quant_method", "gptq"}, {"bits", 4}, {"group_size", 128}, {"desc_act", true}, {"sym", true}});
}

Checkpoint make_qwen_mlx(const FamilyOptions&)
{
    Style style = all(Storage::mlx);
    style.fusion = Storage::mlx;
    Checkpoint out = qwen("Qwen3.5 in MLX's 4 bits", style, {});
    out.format = "mlx";
    out.config["quantization"] = json::object{{"group_size", 64}, {"bits", 4}, {"mode", "affine"}};
    return out;
}

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// The rows.
#include "localhub/families/families.hpp"

#include <array>

namespace skw::localhub {
namespace {

constexpr std::array families{
    SampleFamily{"deepseek-v3", "deepseek-ai/DeepSeek-V3",
                 "layer 61 behind the trunk, FP8 blocks with F32 scales", make_deepseek_v3, true, true},
    SampleFamily{"deepseek-v3.2", "deepseek-ai/DeepSeek-V3.2-Exp",
                 "the same with an indexer, power-of-two scales and F32 norms", make_deepseek_v32, true,
                 true},
    SampleFamily{"deepseek-v4", "deepseek-ai/DeepSeek-V4-Flash",
                 "mtp.0.*, experts in packed FP4 with E8M0 scales", make_deepseek_v4, true, true},
    SampleFamily{"deepseek-v4-base", "deepseek-ai/DeepSeek-V4-Flash-Base",
                 "the same with FP8 experts, F32 scales", make_deepseek_v4_base, false, true},
    SampleFamily{"dspark", "deepseek-ai/DeepSeek-V4-Flash-DSpark",
                 "three drafter stages under mtp.*, refused unless asked for", make_dspark, false, true},
    SampleFamily{"glm", "zai-org/GLM-4.5-Air", "layer 46 with its own embedding and head, BF16", make_glm,
                 true, true},
    SampleFamily{"glm-fp8", "zai-org/GLM-4.5-Air-FP8", "the same in FP8 with a BF16 scale a row",
                 make_glm_fp8, false, true},
    SampleFamily{"glm-5", "zai-org/GLM-5", "layer 78 with an indexer and a copy of the embedding, BF16", make_glm5,
                 false, true},
    SampleFamily{"glm5-next", "zai-org/GLM-5.3-Flash",
                 "a layer of model.language_model with hyper-connections", make_glm5_next, false, true},
    SampleFamily{"mimo", "XiaomiMiMo/MiMo-7B-Base", "model.mtp_layers.0.*, hidden half first", make_mimo,
                 true},
    SampleFamily{"mimo-v2", "XiaomiMiMo/MiMo-V2-Flash", "three layers in model_mtp.safetensors, FP8 and BF16",
                 make_mimo_v2, true},
    SampleFamily{"ernie", "baidu/ERNIE-4.5-21B-A3B-PT",
                 "four groups of siblings, model.mtp_block.0.* and its like", make_ernie},
    SampleFamily{"longcat", "meituan-longcat/LongCat-Flash-Chat",
                 "model.mtp.*, declared by nothing, num_layers in place of num_hidden_layers", make_longcat},
    SampleFamily{"nemotron", "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16",
                 "one step in two layers, mtp.layers.0 and 1", make_nemotron, true, true},
    SampleFamily{"step-3.5", "stepfun-ai/Step-3.5-Flash",
                 "layers 45 to 47, each with its own head, F32 norms", make_step35},
    SampleFamily{"dots3-note", "rednote-hilab/dots3.note", "layer 46 and model.mtp.embed_tokens",
                 make_dots3_note, false, true},
    SampleFamily{"kimi-k3", "moonshotai/Kimi-K3", "language_model.model.layers.61.*, declared in text_config",
                 make_kimi_k3, false, true},
    SampleFamily{"minimax", "MiniMaxAI/MiniMax-M2", "an MTP head is declared and not there", make_minimax,
                 false, true},
    SampleFamily{"exaone", "LGAI-EXAONE/K-EXAONE-236B-A23B", "mtp.* as in Qwen3-Next, ordinary norms",
                 make_exaone, false, true},
    SampleFamily{"hy3", "tencent/Hy3-preview", "layer 80 with final_layernorm", make_hy3, false, true},
    SampleFamily{"hy-v4", "tencent/Hy4-preview", "model.mtp_layers.0.*, fused experts", make_hy_v4, false,
                 true},
    SampleFamily{"openpangu", "openpangu/openPangu-Ultra-MoE-718B-model", "layer 61 as in DeepSeek-V3, BF16",
                 make_openpangu, false, true},
    SampleFamily{"inkling", "thinkingmachines/Inkling-Small", "three layers of model.mtp.layers.*",
                 make_inkling},
    SampleFamily{"bailing", "inclusionAI/Ling-mini-2.0", "layer 20 with fused attention", make_bailing, false,
                 true},
    SampleFamily{"intern-s2", "internlm/Intern-S2-Preview", "two heads, mtp.normal.* and mtp.sci.*",
                 make_intern_s2},
    SampleFamily{"qwen3-next", "Qwen/Qwen3-Next-80B-A3B-Instruct", "mtp.* with experts one by one, BF16",
                 make_qwen3_next, true, true},
    SampleFamily{"qwen-flash-next", "Qwen/Qwen3.8-Flash-Next",
                 "two fusion matrices, fused experts, hyper-connections", make_qwen_flash_next, false, true},
    SampleFamily{"qwen-mtp-fp8", "Qwen/Qwen3.5-4B-FP8",
                 "FP8 blocks with BF16 scales in a mtp.safetensors that the index leaves out", make_qwen_fp8},
    SampleFamily{"qwen-fp8-tensor", "lab/qwen-fp8-modelopt", "FP8 with one scale a tensor",
                 make_qwen_fp8_tensor},
    SampleFamily{"qwen-e5m2", "lab/qwen-e5m2", "FP8 E5M2 blocks", make_qwen_e5m2},
    SampleFamily{"qwen-mxfp8", "lab/qwen-mxfp8", "FP8 with an E8M0 scale a group of 32", make_qwen_mxfp8},
    SampleFamily{"qwen-int8", "lab/qwen-w8a8", "INT8 a row, some with a zero point", make_qwen_int8},
    SampleFamily{"qwen-nvfp4", "lab/qwen-nvfp4", "NVFP4 as ModelOpt writes it", make_qwen_nvfp4},
    SampleFamily{"qwen-nvfp4-ct", "lab/qwen-nvfp4-ct", "NVFP4 as compressed-tensors writes it",
                 make_qwen_nvfp4_ct},
    SampleFamily{"qwen-mxfp4", "lab/qwen-mxfp4", "MXFP4 experts as in gpt-oss, _blocks and _scales",
                 make_qwen_mxfp4, false, true},
    SampleFamily{"qwen-mxfp4-ct", "lab/qwen-mxfp4-ct", "MXFP4 as compressed-tensors writes it",
                 make_qwen_mxfp4_ct},
    SampleFamily{"qwen-gptq", "lab/qwen-gptq", "GPTQ, which is refused", make_qwen_gptq},
    SampleFamily{"qwen-mlx", "lab/qwen-mlx-4bit", "MLX affine, which is refused", make_qwen_mlx},
};

} // namespace

std::span<const SampleFamily> sample_families()
{
    return families;
}

json::object fp8_config(std::uint64_t block)
{
    return {{"quant_method", "fp8"},
            {"fmt", "e4m3"},
            {"activation_scheme", "dynamic"},
            {"weight_block_size", {block, block}}};
}

json::object compressed_config(std::string_view format, json::object weights)
{
    return {{"quant_method", "compressed-tensors"},
            {"format", format},
            {"quantization_status", "compressed"},
            {"config_groups", {{"group_0", {{"targets", {"Linear"}}, {"weights", std::move(weights)}}}}},
            {"ignore", {"lm_head"}}};
}

} // namespace skw::localhub

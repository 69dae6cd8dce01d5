// SPDX-License-Identifier: Apache-2.0
// The lists. LARQL refuses little by itself: it reads what it does not know as if it were a plain Llama.
#include "vindex/architecture.hpp"

#include "vindex/json_fields.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <string>

namespace skw::vindex {
namespace {

struct Known {
    std::string_view type;
    Family family;
};
constexpr Known allowed[] = {
    {"llama", Family::dense},        {"mistral", Family::dense},     {"qwen3", Family::dense},
    {"phi3", Family::dense},         {"gemma", Family::dense},       {"gemma2", Family::dense},
    {"gemma3", Family::dense},       {"gemma3_text", Family::dense}, {"gemma4", Family::gemma4},
    {"gemma4_text", Family::gemma4}, {"mixtral", Family::mixtral},
};

constexpr std::string_view latent = "it uses multi-head latent attention, which LARQL does not extract";
constexpr std::string_view linear =
    "it mixes linear attention or state-space layers with ordinary ones; LARQL would leave those layers out";
constexpr std::string_view biases =
    "it adds bias vectors to queries, keys and values, which LARQL's k-quant files do not hold; the index "
    "would answer wrongly";
constexpr std::string_view kimi = "LARQL does not know it and would read it as another family";

struct Refused {
    std::string_view prefix; // of model_type
    std::string_view reason;
};
constexpr Refused refused[] = {
    {"deepseek", latent},   {"minicpm3", latent},
    {"longcat", latent},    {"kimi", kimi},
    {"qwen3_next", linear}, {"qwen3_5", linear},
    {"qwen3_6", linear},    {"jamba", linear},
    {"bamba", linear},      {"mamba", linear},
    {"falcon_h1", linear},  {"falcon_mamba", linear},
    {"nemotron_h", linear}, {"granitemoehybrid", linear},
    {"lfm2", linear},       {"minimax", linear},
    {"zamba", linear},      {"recurrent_gemma", linear},
    {"rwkv", linear},       {"qwen2", biases},
};

// Signs of an attention that the name alone does not give away.
constexpr std::string_view latent_signs[] = {"kv_lora_rank", "q_lora_rank"};
constexpr std::string_view linear_signs[] = {"linear_num_key_heads", "linear_attn_config",
                                             "linear_key_head_dim", "mamba_d_state", "ssm_state_size"};
constexpr std::string_view quantized_signs[] = {"quantization", "quantization_config", "compression_config"};

[[noreturn]] void refuse(std::string_view type, std::string_view reason, std::string_view hint)
{
    throw sdk::Failure(SKW_E_UNSUPPORTED, "config.json",
                       "the model family '" + shown(type) + "' cannot be extracted: " + std::string(reason),
                       std::string(hint));
}

template<class List>
bool has_any(const json::object& object, const List& names)
{
    const Fields fields(object, "config.json");
    return std::ranges::any_of(names, [&](std::string_view name) { return fields.has(name); });
}

bool has_linear_layers(const json::object& text)
{
    const json::array* types = Fields(text, "config.json").find_list("layer_types");
    return types != nullptr && std::ranges::any_of(*types, [](const json::value& type) {
               const json::string* name = type.if_string();
               return name != nullptr && *name != "full_attention" && *name != "sliding_attention";
           });
}

void check_attention(const std::string& type, const json::object& text)
{
    constexpr std::string_view hint = "choose a source model of another family";
    for (const Refused& one : refused) {
        if (type.starts_with(one.prefix)) {
            refuse(type, one.reason, hint);
        }
    }
    if (has_any(text, latent_signs)) {
        refuse(type, latent, hint);
    }
    if (has_any(text, linear_signs) || has_linear_layers(text)) {
        refuse(type, linear, hint);
    }
    const json::value* bias = text.if_contains("attention_bias");
    if (bias != nullptr && bias->is_bool() && bias->get_bool()) {
        refuse(type, biases, hint);
    }
}

} // namespace

Family require_supported(const json::object& config, const json::object& text)
{
    const Fields outer(config, "config.json"), inner(text, "config.json");
    const std::string whole = outer.find_text("model_type").value_or("");
    const std::string type = inner.find_text("model_type").value_or(whole);
    if (type.empty()) {
        throw sdk::Failure(SKW_E_UNSUPPORTED, "config.json",
                           "it has no model_type, so the model family is unknown");
    }
    if (has_any(config, quantized_signs) || has_any(text, quantized_signs)) {
        throw sdk::Failure(SKW_E_UNSUPPORTED, "config.json",
                           "the source is quantized already; LARQL reads plain bf16, f16 and f32 checkpoints",
                           "name the original checkpoint as source_model, not a quantized copy of it");
    }
    check_attention(whole, config);
    check_attention(type, text);
    const auto* known = std::ranges::find_if(allowed, [&](const Known& one) { return one.type == type; });
    if (known == std::end(allowed)) {
        refuse(type, "it is not among the families that are known to come out right",
               "LARQL reads an unknown family as a plain Llama, and the index is hollow then");
    }
    return known->family;
}

} // namespace skw::vindex

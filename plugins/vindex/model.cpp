// SPDX-License-Identifier: Apache-2.0
// Finds the text part, asks whether its family is supported, and collects its dimensions.
#include "vindex/model.hpp"

#include "vindex/architecture.hpp"
#include "vindex/json_fields.hpp"

#include <algorithm>
#include <array>

namespace skw::vindex {
namespace {

constexpr std::uint64_t most = std::uint64_t{1} << 32;
constexpr std::uint64_t most_layers = 4096;

// The first of these that tells the number of layers is the text part.
const json::object& find_text_part(const json::object& config)
{
    const Fields outer(config, "config.json");
    if (outer.has("num_hidden_layers")) {
        return config;
    }
    for (const char* name : {"text_config", "llm_config", "language_config"}) {
        const json::object* part = outer.find_object(name);
        if (part != nullptr && Fields(*part, "config.json").has("num_hidden_layers")) {
            return *part;
        }
    }
    outer.refuse("it has no num_hidden_layers, neither at the top nor in text_config");
}

// What the configs of Gemma 3 leave out where it is the default of the library that wrote them.
struct Defaults {
    std::string_view type;
    std::uint64_t vocabulary, query_heads, key_heads, head_size;
};
constexpr std::array defaults_table = {
    Defaults{"gemma3_text", 262208, 8, 4, 256},
    Defaults{"gemma3", 262208, 8, 4, 256},
};

const Defaults* defaults_of(std::string_view type)
{
    const auto* found =
        std::ranges::find_if(defaults_table, [&](const Defaults& one) { return one.type == type; });
    return found == defaults_table.end() ? nullptr : found;
}

std::uint64_t dimension(const Fields& text, std::string_view name, std::uint64_t limit = most)
{
    const std::uint64_t value = text.whole(name);
    if (value == 0 || value > limit) {
        text.refuse(std::string(name) + " is " + std::to_string(value) + ", which no model has");
    }
    return value;
}

std::uint64_t dimension_or(const Fields& text, std::string_view name, std::uint64_t otherwise)
{
    return text.has(name) ? dimension(text, name) : otherwise;
}

// Gemma 4: the layers with full attention have heads of another size and number.
void read_full_layers(const Fields& text, Model& model)
{
    const json::array* types = text.find_list("layer_types");
    if (types == nullptr || !text.has("global_head_dim")) {
        return;
    }
    model.full_layers = static_cast<std::uint64_t>(std::ranges::count_if(*types, [](const json::value& type) {
        const json::string* name = type.if_string();
        return name != nullptr && *name == "full_attention";
    }));
    model.full_layers = std::min(model.full_layers, model.layers);
    model.full_head_size = dimension(text, "global_head_dim");
    model.full_key_heads = dimension_or(text, "num_global_key_value_heads", model.key_heads);
}

void read_experts(const Fields& text, Family family, Model& model)
{
    std::uint64_t count = 0;
    for (const char* name : {"num_local_experts", "num_experts", "n_routed_experts"}) {
        count = std::max(count, text.find_whole(name).value_or(0));
    }
    if (family == Family::gemma4 && text.has("enable_moe_block") && !text.find_truth("enable_moe_block")) {
        count = 0;
    }
    if (count == 0) {
        if (family == Family::mixtral) {
            text.refuse("it has no num_local_experts");
        }
        return;
    }
    if (family == Family::dense || count > 65536) {
        text.refuse("it names " + std::to_string(count) + " experts, which its family does not have");
    }
    model.kind = family == Family::mixtral ? Experts::separate : Experts::hybrid;
    model.experts = count;
    model.expert_width = family == Family::mixtral ? model.width : dimension(text, "moe_intermediate_size");
}

} // namespace

Model read_model(const json::object& config)
{
    const json::object& part = find_text_part(config);
    const Family family = require_supported(config, part);
    const Fields outer(config, "config.json"), text(part, "config.json");
    Model model;
    model.type = text.find_text("model_type").value_or(outer.find_text("model_type").value_or(""));
    model.layers = dimension(text, "num_hidden_layers", most_layers);
    model.hidden = dimension(text, "hidden_size");
    model.width = dimension(text, "intermediate_size");
    const Defaults* defaults = defaults_of(model.type);
    if (text.has("vocab_size") || (!outer.has("vocab_size") && defaults == nullptr)) {
        model.vocabulary = dimension(text, "vocab_size");
    } else {
        model.vocabulary = dimension_or(outer, "vocab_size", defaults != nullptr ? defaults->vocabulary : 0);
    }
    model.query_heads = defaults != nullptr ? dimension_or(text, "num_attention_heads", defaults->query_heads)
                                            : dimension(text, "num_attention_heads");
    model.key_heads = dimension_or(text, "num_key_value_heads",
                                   defaults != nullptr ? defaults->key_heads : model.query_heads);
    model.head_size =
        dimension_or(text, "head_dim",
                     defaults != nullptr ? defaults->head_size
                                         : std::max<std::uint64_t>(1, model.hidden / model.query_heads));
    read_full_layers(text, model);
    read_experts(text, family, model);
    if (const auto size = text.find_whole("hidden_size_per_layer_input"); size && *size > 0) {
        model.layer_embedding = dimension(text, "hidden_size_per_layer_input");
        model.layer_vocabulary = dimension_or(text, "vocab_size_per_layer_input", model.vocabulary);
    }
    // Gemma ties by default, Llama and its kin do not; a config says so wherever it matters.
    const bool gemma = model.type.starts_with("gemma");
    model.tied_head = text.has("tie_word_embeddings")    ? text.find_truth("tie_word_embeddings")
                      : outer.has("tie_word_embeddings") ? outer.find_truth("tie_word_embeddings")
                                                         : gemma;
    return model;
}

} // namespace skw::vindex

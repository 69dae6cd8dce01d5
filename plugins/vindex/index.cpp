// SPDX-License-Identifier: Apache-2.0
// Reads the members; whether they are right is for the checks.
#include "vindex/index.hpp"

#include <utility>

namespace skw::vindex {
namespace {

constexpr std::size_t layers_limit = 4096;

void read_checksums(const Fields& index, Index& out)
{
    const json::object* sums = index.find_object("checksums");
    out.has_checksums = sums != nullptr;
    if (sums != nullptr) {
        const Fields fields(*sums, std::string(index_file) + ": checksums");
        for (const auto& [file, sum] : *sums) {
            out.checksums[std::string(file)] = fields.text(file);
        }
    }
}

void read_layers(const Fields& index, Index& out)
{
    const json::array& layers = index.list("layers");
    if (layers.size() > layers_limit) {
        index.refuse("layers has " + std::to_string(layers.size()) + " entries, which no model has");
    }
    for (const json::value& entry : layers) {
        if (!entry.is_object()) {
            index.refuse("layers holds something other than objects");
        }
        const Fields layer(entry.get_object(),
                           std::string(index_file) + ": layers " + std::to_string(out.table.size()));
        out.table.push_back({layer.whole("layer"), layer.whole("num_features"), layer.whole("offset"),
                             layer.whole("length")});
    }
}

void read_experts(const Fields& index, Index& out)
{
    const json::object* config = index.find_object("model_config");
    const json::object* experts =
        config == nullptr ? nullptr : Fields(*config, "index.json: model_config").find_object("moe");
    if (experts != nullptr) {
        const Fields fields(*experts, "index.json: model_config.moe");
        out.has_experts = true;
        out.hybrid = fields.find_truth("hybrid");
        out.experts = fields.whole("num_experts");
        out.expert_width = fields.find_whole("moe_intermediate_size").value_or(0);
    }
}

} // namespace

Index read_index(std::string_view text)
{
    const json::object document = read_json_object(text, index_file);
    const Fields index(document, std::string(index_file));
    Index out;
    out.version = index.whole("version");
    out.model = index.text("model");
    out.quant = index.find_text("quant").value_or("none");
    out.ffn_layout = index.find_text("ffn_layout").value_or("");
    out.layers = index.whole("num_layers");
    out.hidden = index.whole("hidden_size");
    out.vocabulary = index.whole("vocab_size");
    out.has_weights = index.find_truth("has_model_weights");
    if (const json::object* source = index.find_object("source")) {
        out.source_repo = Fields(*source, "index.json: source").find_text("huggingface_repo").value_or("");
    }
    read_checksums(index, out);
    read_layers(index, out);
    read_experts(index, out);
    return out;
}

} // namespace skw::vindex

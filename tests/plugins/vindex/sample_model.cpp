// SPDX-License-Identifier: Apache-2.0
// Fixed seeds: the same model each time.
#include "sample_model.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <bit>
#include <random>
#include <utility>

namespace skw::test {

namespace json = boost::json;

namespace {

float bf16(float value)
{
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xffff0000u);
}

std::string little(std::uint64_t value, std::size_t width)
{
    std::string out;
    for (std::size_t i = 0; i < width; ++i) {
        out += static_cast<char>(value >> (8 * i));
    }
    return out;
}

} // namespace

SampleModel::SampleModel(Kind of, bool shared_head) : kind(of), tied(shared_head)
{
    prefix = kind == Kind::hybrid ? "model.language_model." : "model.";
    add("embed_tokens.weight", {vocabulary, hidden});
    add("norm.weight", {hidden}, 1);
    for (std::uint64_t layer = 0; layer < layers; ++layer) {
        const std::string at = "layers." + std::to_string(layer) + ".";
        add(at + "input_layernorm.weight", {hidden}, 1);
        add(at + "self_attn.q_proj.weight", {heads * head, hidden});
        add(at + "self_attn.k_proj.weight", {key_heads * head, hidden});
        add(at + "self_attn.v_proj.weight", {key_heads * head, hidden});
        add(at + "self_attn.o_proj.weight", {hidden, heads * head});
        if (kind != Kind::separate) {
            add(at + "mlp.gate_proj.weight", {width, hidden});
            add(at + "mlp.up_proj.weight", {width, hidden});
            add(at + "mlp.down_proj.weight", {hidden, width});
        }
        if (kind == Kind::hybrid) {
            add(at + "experts.gate_up_proj", {experts, 2 * expert_width, hidden});
            add(at + "experts.down_proj", {experts, hidden, expert_width});
        }
        for (std::uint64_t expert = 0; kind == Kind::separate && expert < experts; ++expert) {
            const std::string one = at + "block_sparse_moe.experts." + std::to_string(expert) + ".";
            add(one + "w1.weight", {expert_width, hidden});
            add(one + "w3.weight", {expert_width, hidden});
            add(one + "w2.weight", {hidden, expert_width});
        }
    }
    if (!tied) {
        const std::string text = std::exchange(prefix, "");
        add("lm_head.weight", {vocabulary, hidden});
        prefix = text;
    }
}

void SampleModel::add(const std::string& name, std::vector<std::uint64_t> shape, float scale)
{
    std::size_t count = 1;
    for (const std::uint64_t side : shape) {
        count *= static_cast<std::size_t>(side);
    }
    static thread_local std::mt19937 generator;
    generator.seed(static_cast<std::mt19937::result_type>(tensors.size() + 1));
    std::normal_distribution<float> noise(0.0f, scale);
    SampleTensor tensor{std::move(shape), std::vector<float>(count)};
    for (float& value : tensor.values) {
        value = bf16(noise(generator));
    }
    tensors[prefix + name] = std::move(tensor);
}

std::string SampleModel::config() const
{
    json::object text = {{"model_type", kind == Kind::separate ? "mixtral" : "llama"},
                         {"hidden_size", hidden},
                         {"intermediate_size", kind == Kind::separate ? expert_width : width},
                         {"vocab_size", vocabulary},
                         {"num_hidden_layers", layers},
                         {"num_attention_heads", heads},
                         {"num_key_value_heads", key_heads},
                         {"head_dim", head},
                         {"tie_word_embeddings", tied}};
    if (kind == Kind::separate) {
        text["num_local_experts"] = experts;
    }
    if (kind == Kind::hybrid) {
        text["model_type"] = "gemma4_text";
        text["enable_moe_block"] = true;
        text["num_experts"] = experts;
        text["moe_intermediate_size"] = expert_width;
        return json::serialize(json::object{{"model_type", "gemma4"}, {"text_config", text}});
    }
    return json::serialize(text);
}

const SampleModel& sample_of(Kind kind, bool tied)
{
    static std::map<std::pair<Kind, bool>, SampleModel> made;
    return made.try_emplace({kind, tied}, kind, tied).first->second;
}

std::string make_shard(const std::map<std::string, SampleTensor>& tensors)
{
    json::object header;
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        const std::size_t begin = data.size();
        for (const float value : tensor.values) {
            data += little(std::bit_cast<std::uint32_t>(value) >> 16, 2);
        }
        header[name] = {{"dtype", "BF16"},
                        {"shape", json::array(tensor.shape.begin(), tensor.shape.end())},
                        {"data_offsets", {begin, data.size()}}};
    }
    const std::string text = json::serialize(header);
    return little(text.size(), 8) + text + data;
}

Bytes SampleModel::files(std::size_t shards) const
{
    std::vector<std::map<std::string, SampleTensor>> parts(shards);
    for (const auto& [name, tensor] : tensors) {
        parts[name.find("layers.1.") != std::string::npos ? shards - 1 : 0][name] = tensor;
    }
    Bytes files = {{"config.json", config()},
                   {"tokenizer.json", R"({"model":{"vocab":{"a":0}}})"},
                   {"tokenizer_config.json", "{}"},
                   {"README.md", "# x\n"}};
    json::object placed;
    for (std::size_t i = 0; i < shards; ++i) {
        const std::string name =
            shards == 1 ? "model.safetensors" : "model-" + std::to_string(i + 1) + ".safetensors";
        files[name] = make_shard(parts[i]);
        for (const auto& [tensor, unused] : parts[i]) {
            placed[tensor] = name;
        }
    }
    if (shards > 1) {
        files["model.safetensors.index.json"] = json::serialize(json::object{{"weight_map", placed}});
    }
    return files;
}

} // namespace skw::test

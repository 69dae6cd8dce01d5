// SPDX-License-Identifier: Apache-2.0
// The sample checkpoints.
#include "checkpoint.hpp"

#include "mtp/plan.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstddef>

namespace skw::test {

namespace {

using safetensors::Dtype;

std::string little_endian(std::uint64_t value, std::size_t bytes)
{
    std::string out;
    for (std::size_t at = 0; at < bytes; ++at) {
        out += static_cast<char>(value >> (8 * at) & 0xff);
    }
    return out;
}

} // namespace

TestTensor make_tensor(std::string_view name, std::vector<std::uint64_t> shape, Dtype dtype)
{
    TestTensor tensor{std::string(name), dtype, std::move(shape), {}};
    const std::size_t width = safetensors::dtype_bits(dtype) / 8;
    const std::uint64_t size = safetensors::tensor_bytes(dtype, tensor.shape).value();
    std::uint64_t seed = 1469598103934665603u;
    for (const char letter : name) {
        seed = (seed ^ static_cast<unsigned char>(letter)) * 1099511628211u;
    }
    tensor.bytes.reserve(static_cast<std::size_t>(size));
    while (tensor.bytes.size() < size) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        std::uint64_t bits = seed >> 32;
        // Exponents near zero: every float is finite and small, its fraction arbitrary.
        if (dtype == Dtype::f32) {
            bits = (bits & 0x807fffffu) | 0x3c000000u;
        } else if (dtype == Dtype::bf16) {
            bits = (bits & 0x807fu) | 0x3c00u;
        } else if (dtype == Dtype::f16) {
            bits = (bits & 0x83ffu) | 0x2000u;
        }
        tensor.bytes += little_endian(bits, width);
    }
    return tensor;
}

std::string make_file(std::string_view json, std::string_view data)
{
    return little_endian(json.size(), 8) + std::string(json) + std::string(data);
}

std::string make_shard(const std::vector<TestTensor>& tensors)
{
    std::string json = R"({"__metadata__":{"format":"pt"})";
    std::string data;
    for (const TestTensor& tensor : tensors) {
        json += ",\"" + tensor.name + "\":{\"dtype\":\"" +
                std::string(safetensors::dtype_name(tensor.dtype)) + "\",\"shape\":[";
        for (std::size_t at = 0; at < tensor.shape.size(); ++at) {
            json += (at == 0 ? "" : ",") + std::to_string(tensor.shape[at]);
        }
        json += "],\"data_offsets\":[" + std::to_string(data.size()) + ",";
        data += tensor.bytes;
        json += std::to_string(data.size()) + "]}";
    }
    return make_file(json + "}", data);
}

std::string make_index(const std::map<std::string, std::string>& homes)
{
    std::string json = R"({"metadata":{"total_size":1},"weight_map":{)";
    for (const auto& [name, file] : homes) {
        json += (json.back() == '{' ? "\"" : ",\"") + name + "\":\"" + file + "\"";
    }
    return json + "}}";
}

std::vector<TestTensor> qwen_head()
{
    std::vector<TestTensor> head;
    head.push_back(make_tensor("mtp.fc.weight", {8, 16}));
    const std::string layer = "mtp.layers.0.";
    head.push_back(make_tensor(layer + "input_layernorm.weight", {8}, Dtype::f32));
    for (const char* expert : {"0", "1"}) {
        for (const char* part : {"down_proj", "gate_proj", "up_proj"}) {
            head.push_back(make_tensor(layer + "mlp.experts." + expert + "." + part + ".weight", {4, 8}));
        }
    }
    head.push_back(make_tensor(layer + "mlp.gate.weight", {2, 8}, Dtype::f16));
    for (const char* part : {"down_proj", "gate_proj", "up_proj"}) {
        head.push_back(make_tensor(layer + "mlp.shared_expert." + part + ".weight", {4, 8}));
    }
    head.push_back(make_tensor(layer + "post_attention_layernorm.weight", {8}));
    for (const char* part : {"k_norm", "k_proj", "o_proj", "q_proj", "v_proj"}) {
        head.push_back(make_tensor(layer + "self_attn." + part + ".weight", {8, 3}));
    }
    head.push_back(make_tensor("mtp.norm.weight", {8}));
    head.push_back(make_tensor("mtp.pre_fc_norm_embedding.weight", {8}));
    head.push_back(make_tensor("mtp.pre_fc_norm_hidden.weight", {8}));
    return head;
}

std::map<std::string, std::string> qwen_repo(const std::vector<TestTensor>& head)
{
    const std::string first = "model.safetensors-00001-of-00002.safetensors";
    const std::string second = "model.safetensors-00002-of-00002.safetensors";
    std::vector<TestTensor> one{make_tensor("model.embed_tokens.weight", {1000, 100})};
    std::vector<TestTensor> two{make_tensor("lm_head.weight", {1000, 100})};
    std::map<std::string, std::string> homes{{one[0].name, first}, {two[0].name, second}};
    for (std::size_t at = 0; at < head.size(); ++at) {
        const bool in_first = at >= 4 && at < 9;
        (in_first ? one : two).push_back(head[at]);
        homes[head[at].name] = in_first ? first : second;
    }
    two.push_back(make_tensor("model.norm.weight", {8}));
    homes["model.norm.weight"] = second;
    return {{"config.json", std::string(qwen_config)},
            {"model.safetensors.index.json", make_index(homes)},
            {first, make_shard(one)},
            {second, make_shard(two)},
            {"README.md", "# text"},
            {"original/consolidated.safetensors", "no safetensors file at all"}};
}

std::string pinned_plan()
{
    return boost::json::serialize(mtp::plan_sidecar(boost::json::parse(R"({
        "schema": "skw.plan_request/1", "kind": "mtp", "scratch": "S",
        "entry": {"key": "acme/a", "hf_repo": "acme/a", "mtp_source_repo": "o/m",
                  "mtp_sidecar_repo": "acme/m-mtp"},
        "options": {"force": false}, "host": {"name": "skulk-weights", "version": "1.2.3"},
        "facts": {"inputs": {"source": {"repo": "o/m", "revision": "0123456789abcdef0123456789abcdef01234567",
                                        "files": []}},
                  "target": {"repo": "acme/m-mtp", "exists": false, "head": null, "files": [],
                             "card": null}}})")));
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// File by file, in the order of the format's description.
#include "writer.hpp"

#include "packed.hpp"

#include "support/digest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <bit>
#include <cstdio>
#include <fstream>
#include <map>
#include <tuple>

namespace skw::test {

namespace json = boost::json;

namespace {

std::string little(std::uint64_t value, std::size_t width)
{
    std::string out;
    for (std::size_t i = 0; i < width; ++i) {
        out += static_cast<char>(value >> (8 * i));
    }
    return out;
}

class Writer {
public:
    Writer(const SampleModel& model, const std::string& repo, bool kquant)
        : model_(model),
          repo_(repo),
          family_(kquant ? "kquant" : "q4k")
    {
    }

    Bytes run()
    {
        files_["tokenizer.json"] = R"({"model":{}})";
        files_["tokenizer_config.json"] = "{}";
        files_["embeddings.bin"] = encode_f16(model_.at("embed_tokens.weight").values);
        for (std::uint64_t layer = 0; layer < model_.layers; ++layer) {
            write_layer(layer);
        }
        files_["down_meta.bin"] =
            little(0x444D4554, 4) + little(1, 4) + little(model_.layers, 4) + little(10, 4) + down_;
        const std::string attention = "attn_weights_" + family_, dense = "interleaved_" + family_;
        files_[attention + ".bin"] = attention_;
        files_[attention + "_manifest.json"] = json::serialize(attention_list_);
        files_[dense + ".bin"] = dense_;
        files_[dense + "_manifest.json"] = json::serialize(dense_list_);
        add_norm(model_.prefix + "norm.weight");
        files_["norms.bin"] = norms_;
        write_head();
        files_["weight_manifest.json"] = json::serialize(weights_);
        write_index();
        sum_again(files_);
        return files_;
    }

private:
    void write_layer(std::uint64_t layer)
    {
        const std::string at = model_.prefix + "layers." + std::to_string(layer) + ".";
        add_norm(at + "input_layernorm.weight");
        pack(at + "self_attn.q_proj.weight", false, attention_, attention_list_);
        pack(at + "self_attn.k_proj.weight", false, attention_, attention_list_);
        pack(at + "self_attn.v_proj.weight", true, attention_, attention_list_);
        pack(at + "self_attn.o_proj.weight", false, attention_, attention_list_);
        const std::size_t begin = files_["gate_vectors.bin"].size();
        std::uint64_t features = model_.width;
        if (model_.kind == Kind::separate) {
            features = model_.experts * model_.expert_width;
            for (std::uint64_t expert = 0; expert < model_.experts; ++expert) {
                files_["gate_vectors.bin"] += encode_f16(expert_tensor(at, expert, "w1").values);
            }
        } else {
            files_["gate_vectors.bin"] += encode_f16(model_.tensors.at(at + "mlp.gate_proj.weight").values);
            pack(at + "mlp.gate_proj.weight", false, dense_, dense_list_);
            pack(at + "mlp.up_proj.weight", false, dense_, dense_list_);
            pack(at + "mlp.down_proj.weight", true, dense_, dense_list_);
        }
        layers_.push_back({{"layer", layer},
                           {"num_features", features},
                           {"offset", begin},
                           {"length", files_["gate_vectors.bin"].size() - begin}});
        down_ += little(features, 4) + std::string(static_cast<std::size_t>(features) * 88, 'd');
        if (model_.kind != Kind::dense) {
            // f16 rows, one for each expert; of no other meaning to the checks than their number
            files_["router_weights.bin"] +=
                std::string(static_cast<std::size_t>(2 * model_.experts * model_.hidden), 'r');
            write_experts(layer, at);
        }
    }

    const SampleTensor& expert_tensor(const std::string& at, std::uint64_t expert, const char* part) const
    {
        return model_.tensors.at(at + "block_sparse_moe.experts." + std::to_string(expert) + "." + part +
                                 ".weight");
    }

    void write_experts(std::uint64_t layer, const std::string& at)
    {
        const auto width = static_cast<std::size_t>(model_.expert_width);
        const auto hidden = static_cast<std::size_t>(model_.hidden);
        std::string table, data;
        const std::size_t begin = 24 + 32 * static_cast<std::size_t>(model_.experts);
        for (std::uint64_t expert = 0; expert < model_.experts; ++expert) {
            std::vector<float> both, down;
            if (model_.kind == Kind::separate) {
                both = expert_tensor(at, expert, "w1").values;
                const std::vector<float>& up = expert_tensor(at, expert, "w3").values;
                both.insert(both.end(), up.begin(), up.end());
                down = expert_tensor(at, expert, "w2").values;
            } else {
                const std::size_t one = 2 * width * hidden, other = hidden * width;
                const auto& all = model_.tensors.at(at + "experts.gate_up_proj").values;
                const auto& rest = model_.tensors.at(at + "experts.down_proj").values;
                const auto n = static_cast<std::ptrdiff_t>(expert);
                both.assign(all.begin() + n * static_cast<std::ptrdiff_t>(one),
                            all.begin() + (n + 1) * static_cast<std::ptrdiff_t>(one));
                down.assign(rest.begin() + n * static_cast<std::ptrdiff_t>(other),
                            rest.begin() + (n + 1) * static_cast<std::ptrdiff_t>(other));
            }
            const std::string first = encode_rows(both, 2 * width, hidden, false);
            const std::string second = encode_rows(down, hidden, width, false);
            const std::size_t at_first = begin + data.size(), at_second = at_first + first.size();
            table += little(at_first, 8) + little(first.size(), 8) + little(at_second, 8) +
                     little(second.size(), 8);
            data += first + second;
        }
        char name[40];
        std::snprintf(name, sizeof name, "layers/layer_%02u.weights", static_cast<unsigned>(layer));
        files_[name] = "LYRW" + little(1, 4) + little(4, 4) + little(model_.experts, 4) + little(width, 4) +
                       little(hidden, 4) + table + data;
    }

    void pack(const std::string& name, bool q6, std::string& out, json::array& list) const
    {
        const SampleTensor& tensor = model_.tensors.at(name);
        const auto rows = static_cast<std::size_t>(tensor.shape[0]);
        const auto columns = static_cast<std::size_t>(tensor.shape[1]);
        const std::string packed = encode_rows(tensor.values, rows, columns, q6);
        list.push_back({{"key", name},
                        {"shape", {rows, (columns + 255) / 256 * 256}},
                        {"format", q6 ? "Q6_K" : "Q4_K"},
                        {"offset", out.size()},
                        {"length", packed.size()}});
        out += packed;
    }

    void add_norm(const std::string& name)
    {
        const SampleTensor& tensor = model_.tensors.at(name);
        weights_.push_back({{"key", name},
                            {"kind", "vector"},
                            {"shape", {tensor.values.size()}},
                            {"offset", norms_.size()},
                            {"length", 4 * tensor.values.size()},
                            {"file", "norms.bin"}});
        for (const float value : tensor.values) {
            norms_ += little(std::bit_cast<std::uint32_t>(value), 4);
        }
    }

    void write_head()
    {
        if (!model_.tied) {
            const std::string name = family_ == "q4k" ? "lm_head_q4.bin" : "lm_head_kquant.bin";
            json::array list;
            pack("lm_head.weight", false, files_[name], list);
            weights_.push_back({{"key", "lm_head.weight"},
                                {"kind", "tensor_q4k"},
                                {"shape", {model_.vocabulary, model_.hidden}},
                                {"offset", 0},
                                {"length", files_[name].size()},
                                {"file", name}});
        }
    }

    void write_index()
    {
        json::object config = {{"model_type", "x"}, {"moe", nullptr}};
        if (model_.kind != Kind::dense) {
            config["moe"] = {{"num_experts", model_.experts},
                             {"top_k", 2},
                             {"moe_intermediate_size", model_.expert_width},
                             {"hybrid", model_.kind == Kind::hybrid}};
        }
        json::object index = {{"version", 2},
                              {"model", repo_},
                              {"source", {{"huggingface_repo", repo_}, {"huggingface_revision", nullptr}}},
                              {"checksums", nullptr},
                              {"num_layers", model_.layers},
                              {"hidden_size", model_.hidden},
                              {"intermediate_size", model_.width},
                              {"vocab_size", model_.vocabulary},
                              {"extract_level", "inference"},
                              {"quant", "q4k"},
                              {"layers", layers_},
                              {"down_top_k", 10},
                              {"has_model_weights", true},
                              {"model_config", config}};
        if (model_.kind == Kind::hybrid) {
            index["ffn_layout"] = "per_layer";
        }
        files_["index.json"] = json::serialize(index);
    }

    const SampleModel& model_;
    std::string repo_, family_;
    Bytes files_;
    json::array attention_list_, dense_list_, weights_, layers_;
    std::string attention_, dense_, norms_, down_;
};

} // namespace

Bytes make_vindex(const SampleModel& model, const std::string& repo, bool kquant)
{
    return Writer(model, repo, kquant).run();
}

const Bytes& vindex_of(Kind kind, const std::string& repo, bool tied)
{
    static std::map<std::tuple<Kind, std::string, bool>, Bytes> made;
    const auto found = made.find({kind, repo, tied});
    return found != made.end()
               ? found->second
               : made.emplace(std::tuple(kind, repo, tied), make_vindex(sample_of(kind, tied), repo))
                     .first->second;
}

Bytes make_slice(const Bytes& full)
{
    Bytes slice;
    for (const auto& [name, bytes] : full) {
        const bool copied = name == "index.json" || name == "embeddings.bin" || name == "norms.bin" ||
                            name == "tokenizer.json" || name == "weight_manifest.json" ||
                            name.starts_with("interleaved_") || name.starts_with("layers/");
        if (copied) {
            slice[name] = bytes;
        }
    }
    change_object(slice, "index.json", [](json::object& index) { index["extract_level"] = "browse"; });
    return slice;
}

void change_object(Bytes& files, const std::string& path, void (*change)(json::object&))
{
    json::value document = json::parse(files.at(path));
    change(document.as_object());
    files[path] = json::serialize(document);
}

void change_list(Bytes& files, const std::string& path, void (*change)(json::array&))
{
    json::value document = json::parse(files.at(path));
    change(document.as_array());
    files[path] = json::serialize(document);
}

void sum_again(Bytes& files)
{
    json::value document = json::parse(files.at("index.json"));
    json::object sums;
    for (const char* name : {"gate_vectors.bin", "embeddings.bin", "down_meta.bin", "norms.bin"}) {
        sums[name] = sha256_of(files.at(name));
    }
    document.as_object()["checksums"] = sums;
    files["index.json"] = json::serialize(document);
}

std::string sha256_of(const std::string& bytes)
{
    return std::string(skw::sha256_of(std::string_view(bytes)).hex());
}

void write_files(const std::filesystem::path& folder, const Bytes& files)
{
    for (const auto& [name, bytes] : files) {
        std::filesystem::create_directories((folder / name).parent_path());
        std::ofstream(folder / name, std::ios::binary) << bytes;
    }
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// Builds checkpoints for tests: shards with headers as released files have them, an index, a config.
#pragma once

#include "safetensors/dtype.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::test {

struct TestTensor {
    std::string name;
    safetensors::Dtype dtype = safetensors::Dtype::bf16;
    std::vector<std::uint64_t> shape;
    std::string bytes;
};

// A tensor of small values that differ from element to element and from name to name; finite in every dtype.
TestTensor make_tensor(std::string_view name, std::vector<std::uint64_t> shape,
                       safetensors::Dtype dtype = safetensors::Dtype::bf16);

// A file with a header of its own: tensors in the given order, one behind the other.
std::string make_shard(const std::vector<TestTensor>& tensors);
// A file of any header text and data.
std::string make_file(std::string_view json, std::string_view data);

std::string make_index(const std::map<std::string, std::string>& homes); // tensor name -> file

// The head of a Qwen checkpoint of two experts and three dtypes, 21 tensors, by name.
std::vector<TestTensor> qwen_head();
inline constexpr std::string_view qwen_config =
    R"({"model_type":"qwen3_5_moe","text_config":{"model_type":"qwen3_5_moe_text","num_hidden_layers":4,)"
    R"("mtp_num_hidden_layers":1}})";

// A repository: config, index and two shards that hold the head between trunk tensors.
std::map<std::string, std::string> qwen_repo(const std::vector<TestTensor>& head = qwen_head());

// A plan of the plugin for such a repository, pinned.
std::string pinned_plan();

} // namespace skw::test

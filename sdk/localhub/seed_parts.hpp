// SPDX-License-Identifier: Apache-2.0
// What the samples are put together from: lists of tensors, shards with their index, the files of the terms.
#pragma once

#include "localhub/samples.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

using Shape = std::vector<std::uint64_t>;
using Tensors = std::vector<SampleTensor>;

inline void add(Tensors& out, const std::string& name, Shape shape, SampleType type = SampleType::bf16)
{
    out.push_back({.name = name, .type = type, .shape = std::move(shape)});
}

struct ShardFiles {
    std::string stem = "model";
    std::uint64_t padding = 0; // of the last shard's header
    std::string format = "pt"; // in every file's metadata
    std::string own_file{};    // one more file beside the shards
    Tensors own_tensors{};     // which holds these
    bool own_file_in_index = true;
};

// One list becomes model.safetensors, unless there is a file of its own beside it; several become
// "<stem>-00001-of-0000N.safetensors" with model.safetensors.index.json.
void add_shards(SampleRepo& out, std::vector<Tensors> lists, ShardFiles files = {});
// LICENSE and NOTICE.
void add_terms(SampleRepo& out, std::string_view model);

SampleRepo plan_qwen(const SeedOptions& options);
SampleRepo plan_vision(const SeedOptions& options);
SampleRepo plan_vindex_source(const SeedOptions& options);

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Builders for the tests of storage: tensors, configs, and what became of one weight.
#pragma once

#include "mtp/storage/storage.hpp"

#include <string>
#include <utility>
#include <vector>

namespace skw::mtp::test {

using safetensors::Dtype;

inline const std::vector<std::string> shards{"a.safetensors", "b.safetensors"};

inline SourceTensor tensor(std::string name, Dtype dtype, std::vector<std::uint64_t> shape,
                           std::size_t shard = 0)
{
    SourceTensor out;
    out.name = std::move(name);
    out.dtype = dtype;
    out.shape = std::move(shape);
    out.shard = shard;
    return out;
}

inline TextConfig blocks(std::uint64_t rows, std::uint64_t columns)
{
    TextConfig out;
    out.block = {rows, columns};
    return out;
}

inline TextConfig experts(std::string dtype)
{
    TextConfig out;
    out.expert_dtype = std::move(dtype);
    return out;
}

inline StoredHead read(std::vector<SourceTensor> tensors, const TextConfig& config = {})
{
    return read_storage(std::move(tensors), config, shards);
}

// "Q1 F8_E4M3/128x128/F32 [1536, 7168]" of the only weight, else the first refusal's message, else what is
// odd.
std::string outcome(std::vector<SourceTensor> tensors, const TextConfig& config = {});
// The message of the only refusal; fails the test if there is none or more than one.
Refusal only_refusal(std::vector<SourceTensor> tensors, const TextConfig& config = {});

} // namespace skw::mtp::test

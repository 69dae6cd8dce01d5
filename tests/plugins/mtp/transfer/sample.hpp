// SPDX-License-Identifier: Apache-2.0
// Stored tensors of every format with random bytes, and what they are worth, computed element by element.
#pragma once

#include "mtp/transfer/transfer.hpp"

#include "fake_host.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::test {

struct ScaleRecipe {
    safetensors::Dtype dtype = safetensors::Dtype::f32;
    std::uint64_t block_rows = 0, block_columns = 0;
    bool one_for_all = false;
};

struct Recipe {
    std::string name;
    mtp::Element element = mtp::Element::bf16;
    std::vector<std::uint64_t> shape; // logical
    std::optional<ScaleRecipe> scale = std::nullopt;
    std::optional<float> global = std::nullopt;
    bool divide = false, zero = false;
    safetensors::Dtype made = safetensors::Dtype::bf16;
    safetensors::Dtype stored = safetensors::Dtype::i64; // of a table
    std::size_t shard = 0;
};

// A checkpoint of any tensors, with gaps between them, and the sidecar that has to come out.
struct Sample {
    std::map<std::string, std::string> files;
    std::vector<std::string> shards;
    std::vector<mtp::OutputTensor> tensors;
    std::string expected;
    std::vector<std::uint64_t> ends; // of each tensor in `expected`

    void add(const Recipe& recipe);
    // The bytes of a tensor of the checkpoint, to spoil them.
    char* bytes_of(const mtp::SourceTensor& tensor);

private:
    mtp::SourceTensor place(const std::string& name, safetensors::Dtype dtype,
                            std::vector<std::uint64_t> shape, const std::string& bytes, std::size_t shard);
    std::uint64_t random();

    std::uint64_t seed_ = 1;
};

// One or more tensors of each format, odd edges included, in three shards.
Sample all_formats();
// `count` BF16 tensors of `elements` elements, each in a shard of its own.
Sample plain_tensors(std::size_t count, std::uint64_t elements);

// Runs the transfer. The failure, if it ended with one.
struct Ended {
    skw_status status = SKW_OK;
    std::string place, message;
    bool retryable = false, out_of_memory = false;
    mtp::Meter meter;
};
Ended run(FakeHost& host, const Sample& sample, const mtp::TransferSettings& settings);

} // namespace skw::test

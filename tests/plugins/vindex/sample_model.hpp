// SPDX-License-Identifier: Apache-2.0
// Small checkpoints of the three kinds of models that LARQL extracts, with weights that look like noise.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace skw::test {

using Bytes = std::map<std::string, std::string>; // path -> content

struct SampleTensor {
    std::vector<std::uint64_t> shape;
    std::vector<float> values; // each a BF16 number
};

enum class Kind { dense, hybrid, separate };

struct SampleModel {
    explicit SampleModel(Kind kind = Kind::dense, bool tied = true);

    Kind kind;
    bool tied;
    std::uint64_t layers = 2, hidden = 256, width = 300, vocabulary = 40, heads = 2, key_heads = 1, head = 64;
    std::uint64_t experts = 3, expert_width = 300; // of the kinds that have any
    std::map<std::string, SampleTensor> tensors;   // by the checkpoint's names
    std::string prefix;                            // "model." or "model.language_model."

    std::string config() const;
    Bytes files(std::size_t shards = 2) const; // the repository
    const SampleTensor& at(const std::string& name) const { return tensors.at(prefix + name); }

private:
    void add(const std::string& name, std::vector<std::uint64_t> shape, float scale = 0.02f);
};

// The same model made once.
const SampleModel& sample_of(Kind kind, bool tied = true);

// One safetensors file of BF16 tensors.
std::string make_shard(const std::map<std::string, SampleTensor>& tensors);

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// What the samples of MTP families are put together from: a weight in any storage, norms, experts, and the
// files of the repo around them.
#pragma once

#include "localhub/sample.hpp"
#include "localhub/samples.hpp"
#include "support/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

// How a weight [rows, columns] lies in the checkpoint, companions included. Q1 to Q8 are the formats of
// docs/mtp-sidecars.md.
enum class Storage : std::uint8_t {
    bf16,
    f16,
    f32,
    fp8_block,        // Q1: E4M3, weight_scale_inv F32 a block of 128x128
    fp8_block_pow2,   // Q1: the scales are powers of two
    fp8_block_bf16,   // Q1: the scales are BF16
    fp8_block_e8m0,   // Q2: ".scale" E8M0 a block of 128x128
    fp8_block32_e8m0, // Q2: a block of 32x32
    fp8_block_dot,    // Q2: ".scale" F32
    fp4_packed,       // Q3: I8 [rows, columns / 2], ".scale" E8M0 [rows, columns / 32]
    mxfp4_blocks,     // Q4: "_blocks" U8 [rows, columns / 32, 16], "_scales" U8 [rows, columns / 32]
    mxfp4_ct,         // Q4c: weight_packed U8, weight_scale U8
    nvfp4,            // Q5: U8, weight_scale E4M3 [rows, columns / 16], weight_scale_2, input_scale
    nvfp4_ct,         // Q5c: weight_packed, weight_scale, weight_global_scale, input_global_scale
    fp8_tensor,       // Q6: weight_scale F32 [], input_scale
    fp8_channel,      // Q6: weight_scale BF16 [rows, 1]
    mxfp8,            // Q6g: weight_scale U8 [rows, columns / 32]
    int8_channel,     // Q7: weight_scale BF16 [rows, 1]
    int8_zero_point,  // Q7: with weight_zero_point I8 [rows, 1]
    e5m2_block,       // Q8: E5M2, weight_scale_inv F32 a block of 128x128
    gptq,             // qweight, qzeros, scales, g_idx
    mlx,              // U32 [rows, columns / 8], ".scales", ".biases" a group of 64
};

using Shape = std::vector<std::uint64_t>;
using Tensors = std::vector<SampleTensor>;

// A place in a checkpoint: tensors are added behind its prefix. Copies add to the same list.
class Part {
public:
    explicit Part(Tensors& out, std::string prefix = {}, bool mtp = false);
    Part in(std::string_view below) const; // "mlp" of "model.layers.0." is "model.layers.0.mlp."
    Part in(std::string_view below, std::uint64_t number) const;
    Part head() const { return Part(*out_, prefix_, true); } // what is added belongs to the MTP head

    void tensor(std::string_view name, Shape shape, SampleType type = SampleType::bf16,
                SampleRole role = SampleRole::weight) const;
    // "<name>.weight" with its companions. `batch` stands before rows, for experts that are one tensor.
    void linear(std::string_view name, std::uint64_t rows, std::uint64_t columns,
                Storage storage = Storage::bf16, const Shape& batch = {}) const;
    void norm(std::string_view name, std::uint64_t width, SampleType type = SampleType::bf16) const;
    void norms(std::initializer_list<std::string_view> names, std::uint64_t width,
               SampleType type = SampleType::bf16) const;
    // gate_proj, up_proj and down_proj below `name`, which may be "".
    void mlp(std::string_view name, std::uint64_t hidden, std::uint64_t intermediate,
             Storage storage = Storage::bf16) const;
    // "<name>.0.gate_proj" and so on, one by one.
    void experts(std::string_view name, std::uint64_t count, std::uint64_t hidden, std::uint64_t intermediate,
                 Storage storage = Storage::bf16) const;
    // q_proj, k_proj, v_proj, o_proj.
    void attention(std::uint64_t hidden, std::uint64_t queries, std::uint64_t keys,
                   Storage storage = Storage::bf16, Storage output = Storage::bf16) const;

private:
    Tensors* out_;
    std::string prefix_;
    bool mtp_;
};

// What a family's function gives: the tensors in the order of the files, and the words around them.
struct Checkpoint {
    Tensors tensors{}; // the trunk, then the head
    json::object config{};
    std::string model{};   // "DeepSeek-V3", for README and NOTICE
    std::string licence{}; // "mit"
    std::string note{};    // a sentence for the README: what is not as in the released repo
    std::size_t trunk_shards = 1, mtp_shards = 1;
    unsigned shared_percent = 50; // so much of the head's bytes are trunk that lies in the head's shards
    std::string own_file{};       // the head lies in this file instead
    bool own_file_in_index = true;
    std::string format = "pt"; // of the files' metadata

    Part root() { return Part(tensors); }
};

struct FamilyOptions {
    bool real = false;         // the released dimensions
    std::uint64_t experts = 0; // 0 = the family's own number

    std::uint64_t experts_or(std::uint64_t small, std::uint64_t released) const
    {
        return experts != 0 ? experts : real ? released : small;
    }
};

// The repo of a checkpoint; `single_file` puts all into model.safetensors.
SampleRepo assemble(Checkpoint checkpoint, const FamilyOptions& options, bool single_file);

} // namespace skw::localhub

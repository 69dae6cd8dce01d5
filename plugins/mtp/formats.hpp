// SPDX-License-Identifier: Apache-2.0
// What happens to each tensor of a head, by its dtype and its name; quantised storage is refused by name.
#pragma once

#include "safetensors/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skw::mtp {

// A tensor of the checkpoint and where its bytes are.
struct SourceTensor {
    std::string name;
    safetensors::Dtype dtype = safetensors::Dtype::bf16;
    std::vector<std::uint64_t> shape;
    std::size_t shard = 0;            // into the list of shards that were read
    std::uint64_t begin = 0, end = 0; // bytes of the file
};

enum class Action : std::uint8_t {
    copy,     // BF16, bit for bit
    from_f16, // widened exactly, rounded to BF16
    from_f32, // rounded to BF16
    keep,     // an integer index table: bytes as they are
};

struct SelectedTensor {
    SourceTensor source;
    Action action = Action::copy;

    safetensors::Dtype output_dtype() const
    {
        return action == Action::keep ? source.dtype : safetensors::Dtype::bf16;
    }
};

struct Selection {
    std::vector<SelectedTensor> tensors; // by name
    std::vector<std::string> left_out;   // calibration tensors, which are no weights
};

// Decides for all tensors of a head. shards: the file names, for messages.
// fails   sdk::Failure that names the tensor, its file and its format: quantised in any form, a scale without
//         its weight, a dtype that no weight has
Selection select_tensors(std::vector<SourceTensor> tensors, std::span<const std::string> shards);

} // namespace skw::mtp

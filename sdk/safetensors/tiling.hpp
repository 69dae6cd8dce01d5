// SPDX-License-Identifier: Apache-2.0
// Whether the tensors of a header fill its file: each name once, no hole, no overlap, nothing left over.
#pragma once

#include "safetensors/reader.hpp"

#include <cstdint>
#include <vector>

namespace skw::safetensors {

// Sorts by begin, then end, then name, and checks.
// needs   begin <= end in every tensor
// fails   Error: duplicate_name, overlap, beyond_file, hole, trailing_bytes
void sort_and_check(std::vector<Tensor>& tensors, std::uint64_t data_bytes);

} // namespace skw::safetensors

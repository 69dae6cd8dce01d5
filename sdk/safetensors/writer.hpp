// SPDX-License-Identifier: Apache-2.0
// Lays out a safetensors file and writes its header; the data follow in the order of the layout.
#pragma once

#include "safetensors/reader.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace skw::safetensors {

struct TensorSpec {
    std::string name;
    Dtype dtype = Dtype::bf16;
    std::vector<std::uint64_t> shape;
};

struct Layout {
    std::string head;            // the first bytes of the file: length, JSON, blanks up to a multiple of 8
    std::vector<Tensor> tensors; // in the order their data must be written
    std::uint64_t file_size = 0; // head and data
};

// Places wider elements first, then by name, so that every tensor is aligned to its element; no gaps. The
// same input gives the same bytes, whatever its order.
// fails   Error, as a reader of the finished file would: duplicate_name, overflow, partial_byte, bad_utf8,
//         header_too_large, too_many_tensors, bad_shape, bad_metadata (the name __metadata__ for a tensor)
Layout make_header(std::vector<TensorSpec> tensors, const std::map<std::string, std::string>& metadata);

} // namespace skw::safetensors

// SPDX-License-Identifier: Apache-2.0
// Where an element of a tensor and its companions lie: arithmetic on shapes, nothing else.
#pragma once

#include "mtp/transfer/transfer.hpp"

#include <cstdint>

namespace skw::mtp {

// Bits of one stored element, and bytes of one element of the sidecar.
unsigned stored_bits(const StoredTensor& tensor) noexcept;
unsigned output_bytes(const OutputTensor& tensor) noexcept;
// Whether the sidecar has the very bytes of the source: index tables, and F32 that stays F32.
bool is_copied(const OutputTensor& tensor) noexcept;

// Elements that are cut apart only together: 2 where two share a byte.
std::uint64_t granule(const StoredTensor& tensor) noexcept;
std::uint64_t matrix_elements(const StoredTensor& tensor) noexcept;

// A grid over one matrix, with "the whole height" and "the whole width" resolved.
struct GridShape {
    std::uint64_t block_rows = 1, block_columns = 1;
    std::uint64_t rows = 1, columns = 1; // of blocks
    bool one_for_all = false;

    std::uint64_t values_per_matrix() const noexcept { return rows * columns; }
};
GridShape grid_shape(const StoredTensor& tensor, const Grid& grid) noexcept;
unsigned value_bytes(const Grid& grid) noexcept; // of one value of the grid

// Values of a grid, [first, first + count) in its own order.
struct ValueSpan {
    std::uint64_t first = 0, count = 0;
};
// What the elements [first, last) need: whole rows of the grid, or a part of one row if the elements lie in
// one row of the weight. needs first < last.
ValueSpan values_for(const StoredTensor& tensor, const Grid& grid, std::uint64_t first,
                     std::uint64_t last) noexcept;

// Throws sdk::Failure(SKW_E_BAD_INPUT) that names the tensor, unless the bytes of weight and companions are
// those of their shapes. After this no arithmetic of this folder can overflow.
void check_geometry(const OutputTensor& tensor);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// How each tensor of a head is stored: plain, or quantised with which scales over which blocks.
#pragma once

#include "mtp/checkpoint/tensor.hpp"
#include "mtp/checkpoint/text_config.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

// What one stored element is.
enum class Element : std::uint8_t {
    bf16,
    f16,
    f32,
    e4m3, // FP8: 1-4-3 bits, bias 7, no infinity, NaN 0x7f and 0xff
    e5m2, // FP8: 1-5-2 bits, bias 15, IEEE specials
    i8,
    fp4,   // E2M1, two in a byte, the first in the low nibble
    table, // an integer index table: bytes as they are
};

// Companions laid over a weight. The weight is seen as [batch.., rows, columns]; a grid has one value for
// each block of block_rows x block_columns, in every matrix of the batch, row-major like the weight.
struct Grid {
    SourceTensor tensor;
    std::uint64_t block_rows = 0, block_columns = 0; // 0: the whole height, the whole width
    bool one_for_all = false;                        // a single value for the whole batch
};

// A weight's storage: w = bf16(f32(q - zero) * scale), scale = f32(grid value * or / global).
struct Storage {
    std::string_view id; // "Q1", of docs/mtp-sidecars.md
    Element element = Element::bf16;
    std::optional<Grid> scale;          // F32, BF16, F16, F8_E8M0 (also stored as U8), or F8_E4M3 (NVFP4)
    std::optional<SourceTensor> global; // one F32 for the whole tensor (NVFP4)
    bool divide_by_global = false; // else multiplied; either way rounded to F32 before it meets the element
    std::optional<Grid> zero;      // I8 only: an integer grid with the geometry of the scale
    std::string format;            // "F8_E4M3/128x128/F32", see below
};

// Storage::format is the dtype as stored, and for a scaled weight the reach of a scale and its dtype:
//   BF16, F16, F32, I64, F8_E5M2   no scale
//   F8_E4M3/128x128/F32            a scale for each block of rows x columns
//   F8_E4M3/32/E8M0                for each 32 values of a row; E8M0 also where it is stored as U8
//   F8_E4M3/row/BF16               for each row of each matrix
//   F8_E4M3/matrix/F32, /tensor/   for each matrix of a batch; one for everything
//   I8-FP4/32/E8M0, U8-FP4/...     two FP4 values in each byte
//   U8-NVFP4/16/E4M3*F32, E4M3:F32 the same with a second scale for the tensor that multiplies or divides
//   I8+zero/row/F32                with zero points, I8, which lie like the scales

struct StoredTensor {
    std::string name; // of the weight it makes: the stored one without what marks a packing
    SourceTensor source;
    std::vector<std::uint64_t> shape; // logical: twice the stored width for packed FP4
    Storage storage;

    // Elements of the logical shape.
    std::uint64_t elements() const noexcept;
    std::uint64_t rows() const noexcept;            // of one matrix; 1 for a vector or a scalar
    std::uint64_t columns() const noexcept;         // of one row
    std::uint64_t companion_bytes() const noexcept; // of scale, global and zero together
    bool is_plain() const noexcept { return !storage.scale; }
};

struct StoredHead {
    std::vector<StoredTensor> weights; // by name
    std::vector<std::string> left_out; // calibration values, which are no weights; by name
    std::vector<Refusal> refusals;     // what cannot be taken, by name; a run stops at the first
};

// Decides for all tensors of a head. Geometry comes from shapes and the configured block size, never from the
// number of scales; companions may lie in any shard.
// needs   shards: the file names, for messages
StoredHead read_storage(std::vector<SourceTensor> tensors, const TextConfig& config,
                        std::span<const std::string> shards);

} // namespace skw::mtp

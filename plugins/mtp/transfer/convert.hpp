// SPDX-License-Identifier: Apache-2.0
// Stored elements of one piece to elements of the sidecar, in as many steps as their bytes arrive in.
#pragma once

#include "mtp/kernels/kernels.hpp"
#include "mtp/transfer/bands.hpp"
#include "mtp/transfer/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skw::mtp {

// One row of a grid, decoded; kept by a worker from piece to piece so that it is allocated once.
struct ConvertScratch {
    std::vector<float> scales, zeros;
};

// Counts what is odd about F32 that is kept: NaN and infinity.
void count_f32(std::span<const std::byte> bytes, Tally& tally);

class PieceConverter {
public:
    // needs   companions: those of the band; all arguments outlive the converter
    // fails   sdk::Failure(SKW_E_BAD_INPUT): a second scale that is zero or not finite
    PieceConverter(const OutputTensor& tensor, const Piece& piece, std::span<const std::byte> companions,
                   std::span<const std::string> shards, const Kernels& kernels, ConvertScratch& scratch);

    // The next elements.
    // needs   in: their stored bytes, whole elements (pairs of FP4); out: room for their bytes of the sidecar
    // fails   sdk::Failure(SKW_E_BAD_INPUT): a scale that is not finite; no kernel has seen it
    void add(std::span<const std::byte> in, std::span<std::byte> out);
    const Tally& tally() const noexcept { return tally_; }

private:
    void add_plain(std::span<const std::byte> in, std::span<std::byte> out);
    void add_in_row(std::span<const std::byte> in, std::span<std::byte> out, std::uint64_t column);
    void run(std::span<const std::byte> in, std::span<std::byte> out, std::size_t block);
    void load_global();
    void load_scales();
    std::span<const std::byte> values(const Grid& grid, std::uint64_t at, const ValueSpan& all,
                                      const ValueSpan& wanted) const;

    const OutputTensor& tensor_;
    const Piece& piece_;
    std::span<const std::byte> companions_;
    std::span<const std::string> shards_;
    const Kernels& kernels_;
    ConvertScratch& scratch_;
    std::uint64_t columns_, matrix_, at_; // at_: the next element
    GridShape grid_;
    ValueSpan held_;    // of the grid, the piece's companions
    ValueSpan decoded_; // of the grid, what is in the scratch
    float global_ = 1;
    Tally tally_;
};

} // namespace skw::mtp

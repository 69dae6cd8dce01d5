// SPDX-License-Identifier: Apache-2.0
// Cuts the sidecar into bands: the work of one worker at a time, with the ranges to read for it.
#pragma once

#include "mtp/transfer/transfer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace skw::mtp {

// Two ranges of one shard become one request if the gap between them is smaller: a larger one costs more than
// a request.
inline constexpr std::uint64_t merge_gap_bytes = 64u << 10;

// Consecutive elements of one tensor.
struct Piece {
    std::size_t tensor = 0;            // into the tensors of the sidecar
    std::uint64_t first = 0, last = 0; // elements
    std::uint64_t output_at = 0;       // where they begin in the band's output
    // Where their companions begin among the band's.
    std::uint64_t scale_at = 0, global_at = 0, zero_at = 0;
};

// Bytes of a shard that one piece needs.
struct Part {
    std::size_t piece = 0; // into the band's
    std::size_t shard = 0;
    std::uint64_t begin = 0, end = 0; // bytes of the file
    bool weight = true;               // else a companion, which goes to companion_at
    std::uint64_t companion_at = 0;
};

// One request.
struct FetchRange {
    std::size_t shard = 0;
    std::uint64_t begin = 0, end = 0; // bytes of the file; gaps between the parts included
    std::size_t first = 0, last = 0;  // parts, by position in the file
};

struct Band {
    std::uint64_t number = 0;       // in the order of the file, from 0
    std::vector<Piece> pieces;      // in the order of the file
    std::vector<Part> parts;        // in the order of reading: companions first, since weights wait for them
    std::vector<FetchRange> ranges; // the same
    std::uint64_t output_bytes = 0, companion_bytes = 0;

    std::uint64_t fetch_bytes() const noexcept;
};

// Gives the bands one after the other, so that their number costs no memory. Each holds at most band_bytes of
// output and companions together, but never less than one element. Small neighbours share a band; a large
// tensor is cut between rows of blocks if a quarter of a band holds one, or else between rows, blocks or
// elements: the first of these of which one fits.
class BandCutter {
public:
    BandCutter(std::span<const OutputTensor> tensors, std::uint64_t band_bytes);

    // False: there is no band left.
    // fails   sdk::Failure: a tensor whose bytes are not those of its shape
    bool next(Band& band);

private:
    std::uint64_t cost(const OutputTensor& tensor, std::uint64_t first, std::uint64_t last) const;
    std::uint64_t cut(const OutputTensor& tensor, std::uint64_t used) const;
    void add(Band& band, std::uint64_t last) const;

    std::span<const OutputTensor> tensors_;
    std::uint64_t band_bytes_;
    std::size_t tensor_ = 0; // where the next band begins
    std::uint64_t at_ = 0;   // element
    std::uint64_t number_ = 0;
};

// All bands together.
struct BandTotals {
    std::uint64_t bands = 0, requests = 0, fetch_bytes = 0;
    std::uint64_t largest_output = 0, largest_companions = 0; // bytes of one band
};
BandTotals count_bands(std::span<const OutputTensor> tensors, std::uint64_t band_bytes);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Where bands end, and which requests they take.
#include "mtp/transfer/bands.hpp"

#include "mtp/transfer/geometry.hpp"

#include <algorithm>
#include <tuple>

namespace skw::mtp {

namespace {

// Places where a tensor may be cut: every `step` elements from the beginning of each `period`, and at its
// end.
struct Unit {
    std::uint64_t period = 1, step = 1;

    std::uint64_t at_or_before(std::uint64_t element) const noexcept
    {
        return element - element % period % step;
    }
    std::uint64_t after(std::uint64_t element) const noexcept
    {
        const std::uint64_t base = element - element % period;
        const std::uint64_t inside = (element - base) / step + 1;
        return base + std::min(inside * step, period);
    }
};

// One grid's bytes for some elements.
struct CompanionBytes {
    std::uint64_t begin = 0, length = 0;
};

CompanionBytes companion_bytes(const StoredTensor& tensor, const Grid& grid, std::uint64_t first,
                               std::uint64_t last)
{
    const ValueSpan values = values_for(tensor, grid, first, last);
    const unsigned width = value_bytes(grid);
    return {grid.tensor.begin + values.first * width, values.count * width};
}

void plan_ranges(Band& band)
{
    // Companions first; then by place. The piece makes the order, and with it the requests, always the same.
    std::ranges::sort(band.parts, {}, [](const Part& part) {
        return std::tuple(part.weight, part.shard, part.begin, part.piece);
    });
    bool weights = false;
    for (std::size_t at = 0; at < band.parts.size(); ++at) {
        const Part& part = band.parts[at];
        if (!band.ranges.empty() && weights == part.weight) {
            FetchRange& open = band.ranges.back();
            if (open.shard == part.shard && part.begin >= open.end &&
                part.begin - open.end < merge_gap_bytes) {
                open.end = part.end;
                open.last = at + 1;
                continue;
            }
        }
        weights = part.weight;
        band.ranges.push_back({part.shard, part.begin, part.end, at, at + 1});
    }
}

} // namespace

std::uint64_t Band::fetch_bytes() const noexcept
{
    std::uint64_t sum = 0;
    for (const FetchRange& range : ranges) {
        sum += range.end - range.begin;
    }
    return sum;
}

BandCutter::BandCutter(std::span<const OutputTensor> tensors, std::uint64_t band_bytes)
    : tensors_(tensors),
      band_bytes_(band_bytes)
{
}

// Bytes that the elements take up in a band.
std::uint64_t BandCutter::cost(const OutputTensor& tensor, std::uint64_t first, std::uint64_t last) const
{
    const StoredTensor& stored = tensor.stored;
    const Storage& storage = stored.storage;
    std::uint64_t sum = (last - first) * output_bytes(tensor);
    if (storage.scale) {
        sum += companion_bytes(stored, *storage.scale, first, last).length;
    }
    if (storage.global) {
        sum += storage.global->end - storage.global->begin;
    }
    if (storage.zero) {
        sum += companion_bytes(stored, *storage.zero, first, last).length;
    }
    return sum;
}

std::uint64_t BandCutter::cut(const OutputTensor& tensor, std::uint64_t used) const
{
    const StoredTensor& stored = tensor.stored;
    const std::uint64_t elements = stored.elements(), left = used < band_bytes_ ? band_bytes_ - used : 0;
    const std::uint64_t rest = elements - at_;
    if (rest <= left / output_bytes(tensor) && cost(tensor, at_, elements) <= left) {
        return elements;
    }
    // Each piece is a request: rather a band that is not full than one more small piece.
    if (used != 0 && left < band_bytes_ / 4) {
        return at_;
    }
    const std::uint64_t matrix = matrix_elements(stored), columns = stored.columns();
    // Rows of blocks, so that no scale is fetched twice; but where those are so large that bands would stay
    // half empty, a row of scales twice costs less.
    Unit unit{elements, granule(stored)}; // of which one always has to do
    if (cost(tensor, 0, columns) <= band_bytes_) {
        unit = {matrix, columns};
        if (stored.storage.scale) {
            const std::uint64_t stripe = grid_shape(stored, *stored.storage.scale).block_rows * columns;
            unit = cost(tensor, 0, stripe) <= band_bytes_ / 4 ? Unit{matrix, stripe} : unit;
        }
    } else if (stored.storage.scale) {
        const std::uint64_t width = grid_shape(stored, *stored.storage.scale).block_columns;
        unit = cost(tensor, 0, width) <= band_bytes_ ? Unit{columns, width} : Unit{columns, unit.step};
    }
    // The most elements that fit; costs grow with them.
    std::uint64_t most = 0;
    for (std::uint64_t low = 1, high = std::min(rest, left / output_bytes(tensor)); low <= high;) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (cost(tensor, at_, at_ + middle) <= left) {
            most = middle;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    const std::uint64_t last = unit.at_or_before(at_ + most);
    if (last > at_) {
        return last;
    }
    return used == 0 ? std::min(unit.after(at_), elements) : at_;
}

void BandCutter::add(Band& band, std::uint64_t last) const
{
    const OutputTensor& tensor = tensors_[tensor_];
    const StoredTensor& stored = tensor.stored;
    const Storage& storage = stored.storage;
    Piece piece{tensor_, at_, last, band.output_bytes, 0, 0, 0};
    const std::size_t number = band.pieces.size();
    const auto companion = [&](const SourceTensor& source, CompanionBytes bytes) {
        const std::uint64_t place = band.companion_bytes;
        band.parts.push_back({number, source.shard, bytes.begin, bytes.begin + bytes.length, false, place});
        band.companion_bytes += bytes.length;
        return place;
    };
    if (storage.scale) {
        piece.scale_at = companion(storage.scale->tensor, companion_bytes(stored, *storage.scale, at_, last));
    }
    if (storage.global) {
        piece.global_at =
            companion(*storage.global, {storage.global->begin, storage.global->end - storage.global->begin});
    }
    if (storage.zero) {
        piece.zero_at = companion(storage.zero->tensor, companion_bytes(stored, *storage.zero, at_, last));
    }
    const auto source_byte = [&](std::uint64_t element) {
        return stored.source.begin + element * stored_bits(stored) / 8;
    };
    band.parts.push_back({number, stored.source.shard, source_byte(at_), source_byte(last), true, 0});
    band.output_bytes += (last - at_) * output_bytes(tensor);
    band.pieces.push_back(piece);
}

bool BandCutter::next(Band& band)
{
    band.pieces.clear();
    band.parts.clear();
    band.ranges.clear();
    band.output_bytes = band.companion_bytes = 0;
    while (tensor_ < tensors_.size()) {
        const OutputTensor& tensor = tensors_[tensor_];
        if (at_ == 0) {
            check_geometry(tensor);
        }
        if (at_ == tensor.stored.elements()) {
            ++tensor_;
            at_ = 0;
            continue;
        }
        const std::uint64_t last = cut(tensor, band.output_bytes + band.companion_bytes);
        if (last == at_) {
            break;
        }
        add(band, last);
        at_ = last;
    }
    if (band.pieces.empty()) {
        return false;
    }
    band.number = number_++;
    plan_ranges(band);
    return true;
}

BandTotals count_bands(std::span<const OutputTensor> tensors, std::uint64_t band_bytes)
{
    BandTotals totals;
    BandCutter cutter(tensors, band_bytes);
    for (Band band; cutter.next(band);) {
        ++totals.bands;
        totals.requests += band.ranges.size();
        totals.fetch_bytes += band.fetch_bytes();
        totals.largest_output = std::max(totals.largest_output, band.output_bytes);
        totals.largest_companions = std::max(totals.largest_companions, band.companion_bytes);
    }
    return totals;
}

} // namespace skw::mtp

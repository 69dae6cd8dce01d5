// SPDX-License-Identifier: Apache-2.0
// How scales lie over a weight, decided by the two shapes and never by the number of scales.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace skw::mtp {

using Shape = std::span<const std::uint64_t>;
using BlockSize = std::array<std::uint64_t, 2>; // rows, columns

// One scale for each block; 0 is the whole height, the whole width.
struct Fit {
    std::uint64_t block_rows = 0, block_columns = 0;
    bool one_for_all = false; // a single value, batch included

    bool is_one_value() const noexcept { return block_rows == 0 && block_columns == 0; }
    bool operator==(const Fit&) const = default;
};

// Block sizes that are tried where config.json gives none.
inline constexpr std::array<BlockSize, 6> usual_blocks{
    {{128, 128}, {64, 64}, {32, 32}, {1, 128}, {1, 64}, {1, 32}}};

// The first that holds: one value; one a matrix, [batch.., 1, 1]; one a row, [batch.., R] or [batch.., R, 1];
// a grid of the configured block; groups, [batch.., R, C/g] with g a power of two from 32 on that divides C;
// without a configured block a grid of one of usual_blocks, if no other reading fits as well.
// needs   weight: logical, [batch.., R, C]; any shapes otherwise, products may be beyond 64 bits
std::optional<Fit> fit_by_shape(Shape weight, Shape scale, const std::optional<BlockSize>& configured);

// One scale for every `width` values of a row, [.., C/width], and all other dimensions equal.
std::optional<Fit> fit_groups(Shape weight, Shape scale, std::uint64_t width);

// Elements of a shape; nullopt: beyond 64 bits.
std::optional<std::uint64_t> element_count(Shape shape);

// "tensor", "matrix", "row", "32" (groups of a row), "128x128".
std::string fit_text(const Fit& fit);
// "[256, 16384]"; of very many dimensions the first ones and their number.
std::string shape_text(Shape shape);

} // namespace skw::mtp

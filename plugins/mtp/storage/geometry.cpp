// SPDX-License-Identifier: Apache-2.0
// The rules of fit_by_shape in their order.
#include "mtp/storage/geometry.hpp"

#include "safetensors/dtype.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace skw::mtp {

namespace {

constexpr std::size_t shown_dimensions = 12;
// Narrower groups of eight-bit values are not released, but two FP4 values in a byte with one scale for 32 of
// them look just like groups of 16.
constexpr std::uint64_t narrowest_group = 32;

std::uint64_t blocks_of(std::uint64_t length, std::uint64_t side)
{
    return length / side + (length % side == 0 ? 0 : 1);
}

bool is_grid(std::uint64_t rows, std::uint64_t columns, Shape scale, const BlockSize& block)
{
    return scale.size() == 2 && block[0] != 0 && block[1] != 0 && scale[0] == blocks_of(rows, block[0]) &&
           scale[1] == blocks_of(columns, block[1]);
}

std::optional<Fit> usual_grid(std::uint64_t rows, std::uint64_t columns, Shape scale)
{
    std::optional<Fit> found;
    for (const BlockSize& block : usual_blocks) {
        if (!is_grid(rows, columns, scale, block)) {
            continue;
        }
        // 1 x 128 with a ragged edge could as well be groups of some odd width without one.
        if (block[0] == 1 && scale[1] != 0 && columns % block[1] != 0 && columns % scale[1] == 0) {
            return std::nullopt;
        }
        if (found && rows != 0 && columns != 0) {
            return std::nullopt; // two readings; of an empty weight they are the same
        }
        found = found.value_or(Fit{block[0], block[1]});
    }
    return found;
}

} // namespace

std::optional<std::uint64_t> element_count(Shape shape)
{
    return safetensors::tensor_bytes(safetensors::Dtype::u8, shape);
}

std::optional<Fit> fit_by_shape(Shape weight, Shape scale, const std::optional<BlockSize>& configured)
{
    if (element_count(scale) == 1) {
        return Fit{0, 0, true};
    }
    if (weight.size() < 2) {
        return std::nullopt;
    }
    const std::size_t batch = weight.size() - 2;
    const std::uint64_t rows = weight[batch], columns = weight[batch + 1];
    if (scale.size() <= batch || !std::ranges::equal(scale.first(batch), weight.first(batch))) {
        return std::nullopt;
    }
    const Shape matrix = scale.subspan(batch);
    if (batch != 0 && matrix.size() == 2 && matrix[0] == 1 && matrix[1] == 1) {
        return Fit{};
    }
    if (matrix[0] == rows && (matrix.size() == 1 || (matrix.size() == 2 && matrix[1] == 1))) {
        return Fit{1, 0};
    }
    if (configured && is_grid(rows, columns, matrix, *configured)) {
        return Fit{(*configured)[0], (*configured)[1]};
    }
    if (matrix.size() == 2 && matrix[0] == rows && matrix[1] != 0 && columns % matrix[1] == 0) {
        // Only powers of two: any other width could as well be a grid with a ragged edge.
        const std::uint64_t width = columns / matrix[1];
        if (width >= narrowest_group && std::has_single_bit(width)) {
            return Fit{1, width};
        }
    }
    return configured ? std::nullopt : usual_grid(rows, columns, matrix);
}

std::optional<Fit> fit_groups(Shape weight, Shape scale, std::uint64_t width)
{
    if (weight.empty() || scale.size() != weight.size() || weight.back() % width != 0 ||
        scale.back() != weight.back() / width ||
        !std::ranges::equal(scale.first(scale.size() - 1), weight.first(weight.size() - 1))) {
        return std::nullopt;
    }
    return Fit{1, width};
}

std::string fit_text(const Fit& fit)
{
    if (fit.is_one_value()) {
        return fit.one_for_all ? "tensor" : "matrix";
    }
    if (fit.block_rows == 1) {
        return fit.block_columns == 0 ? "row" : std::to_string(fit.block_columns);
    }
    return std::to_string(fit.block_rows) + "x" + std::to_string(fit.block_columns);
}

std::string shape_text(Shape shape)
{
    std::string out = "[";
    for (std::size_t at = 0; at < std::min(shape.size(), shown_dimensions); ++at) {
        out += (at == 0 ? "" : ", ") + std::to_string(shape[at]);
    }
    if (shape.size() > shown_dimensions) {
        out += ", ... (" + std::to_string(shape.size()) + " dimensions)";
    }
    return out + "]";
}

} // namespace skw::mtp

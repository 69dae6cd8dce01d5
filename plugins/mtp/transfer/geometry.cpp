// SPDX-License-Identifier: Apache-2.0
// Shapes to positions.
#include "mtp/transfer/geometry.hpp"

#include "safetensors/error.hpp"

#include <algorithm>

namespace skw::mtp {

namespace {

using safetensors::Dtype;

std::uint64_t ceil_div(std::uint64_t value, std::uint64_t by) noexcept
{
    return by == 0 ? 0 : value / by + (value % by != 0 ? 1 : 0);
}

bool is_scale(Dtype dtype) noexcept
{
    return dtype == Dtype::f32 || dtype == Dtype::bf16 || dtype == Dtype::f16 || dtype == Dtype::f8_e8m0 ||
           dtype == Dtype::u8 || dtype == Dtype::f8_e4m3;
}

std::uint64_t length_of(const SourceTensor& tensor) noexcept
{
    return tensor.end >= tensor.begin ? tensor.end - tensor.begin : 0;
}

bool fits(const StoredTensor& tensor, const Grid& grid)
{
    const GridShape shape = grid_shape(tensor, grid);
    const std::uint64_t matrix = matrix_elements(tensor);
    const std::uint64_t matrices = matrix == 0 ? 0 : tensor.elements() / matrix;
    const std::uint64_t values = shape.one_for_all ? 1 : matrices * shape.values_per_matrix();
    return length_of(grid.tensor) == values * value_bytes(grid);
}

// Kernels take pairs of FP4 elements and one width for scales and zero points.
bool is_regular(const OutputTensor& tensor)
{
    const StoredTensor& stored = tensor.stored;
    const Storage& storage = stored.storage;
    if (storage.element == Element::fp4 && stored.columns() % 2 != 0) {
        return false;
    }
    const bool quantised =
        storage.element == Element::e4m3 || storage.element == Element::i8 || storage.element == Element::fp4;
    // E5M2 is a float of a useful range by itself.
    if (storage.scale ? !quantised && storage.element != Element::e5m2 : quantised) {
        return false;
    }
    if (!storage.scale) {
        return !storage.zero && !storage.global;
    }
    const GridShape scale = grid_shape(stored, *storage.scale);
    if (!is_scale(storage.scale->tensor.dtype) || !fits(stored, *storage.scale)) {
        return false;
    }
    if (storage.element == Element::fp4 && scale.block_columns % 2 != 0) {
        return false;
    }
    if (storage.zero) {
        const GridShape zero = grid_shape(stored, *storage.zero);
        if (storage.element != Element::i8 || storage.zero->tensor.dtype != Dtype::i8 ||
            !fits(stored, *storage.zero) || zero.block_rows != scale.block_rows ||
            zero.block_columns != scale.block_columns || zero.one_for_all != scale.one_for_all) {
            return false;
        }
    }
    return !storage.global || (storage.global->dtype == Dtype::f32 && length_of(*storage.global) == 4);
}

bool is_possible(const OutputTensor& tensor)
{
    switch (tensor.stored.storage.element) {
    case Element::table: return tensor.dtype == tensor.stored.source.dtype && output_bytes(tensor) != 0;
    case Element::f32: return tensor.dtype == Dtype::f32 || tensor.dtype == Dtype::bf16;
    default: return tensor.dtype == Dtype::bf16;
    }
}

} // namespace

unsigned stored_bits(const StoredTensor& tensor) noexcept
{
    switch (tensor.storage.element) {
    case Element::bf16:
    case Element::f16: return 16;
    case Element::f32: return 32;
    case Element::e4m3:
    case Element::e5m2:
    case Element::i8: return 8;
    case Element::fp4: return 4;
    case Element::table: break;
    }
    return safetensors::dtype_bits(tensor.source.dtype);
}

unsigned output_bytes(const OutputTensor& tensor) noexcept
{
    return safetensors::dtype_bits(tensor.dtype) / 8;
}

bool is_copied(const OutputTensor& tensor) noexcept
{
    const Element element = tensor.stored.storage.element;
    return element == Element::table || (element == Element::f32 && tensor.dtype == Dtype::f32);
}

std::uint64_t granule(const StoredTensor& tensor) noexcept
{
    return tensor.storage.element == Element::fp4 ? 2 : 1;
}

std::uint64_t matrix_elements(const StoredTensor& tensor) noexcept
{
    return tensor.rows() * tensor.columns();
}

GridShape grid_shape(const StoredTensor& tensor, const Grid& grid) noexcept
{
    GridShape shape;
    shape.one_for_all = grid.one_for_all;
    const std::uint64_t rows = std::max<std::uint64_t>(tensor.rows(), 1);
    const std::uint64_t columns = std::max<std::uint64_t>(tensor.columns(), 1);
    if (grid.one_for_all) {
        shape.block_rows = rows;
        shape.block_columns = columns;
        return shape;
    }
    shape.block_rows = grid.block_rows == 0 ? rows : std::min(grid.block_rows, rows);
    shape.block_columns = grid.block_columns == 0 ? columns : std::min(grid.block_columns, columns);
    shape.rows = ceil_div(rows, shape.block_rows);
    shape.columns = ceil_div(columns, shape.block_columns);
    return shape;
}

unsigned value_bytes(const Grid& grid) noexcept
{
    return safetensors::dtype_bits(grid.tensor.dtype) / 8;
}

ValueSpan values_for(const StoredTensor& tensor, const Grid& grid, std::uint64_t first,
                     std::uint64_t last) noexcept
{
    const GridShape shape = grid_shape(tensor, grid);
    if (shape.one_for_all) {
        return {0, 1};
    }
    const std::uint64_t columns = tensor.columns(), matrix = matrix_elements(tensor);
    // The first value of the row of the grid that the element lies under.
    const auto row_of = [&](std::uint64_t element) {
        return element / matrix * shape.values_per_matrix() +
               element % matrix / columns / shape.block_rows * shape.columns;
    };
    const std::uint64_t from = row_of(first), to = row_of(last - 1);
    if (first / columns == (last - 1) / columns) {
        const std::uint64_t begin = first % columns / shape.block_columns;
        const std::uint64_t end = (last - 1) % columns / shape.block_columns + 1;
        return {from + begin, end - begin};
    }
    return {from, to + shape.columns - from};
}

void check_geometry(const OutputTensor& tensor)
{
    constexpr std::uint64_t most = std::uint64_t{1} << 56; // elements; 64 bits each still fit
    const StoredTensor& stored = tensor.stored;
    const std::uint64_t elements = stored.elements();
    const bool sound = elements <= most && is_possible(tensor) &&
                       length_of(stored.source) == elements * stored_bits(stored) / 8 &&
                       (elements == 0 || is_regular(tensor));
    if (!sound) {
        throw sdk::Failure(SKW_E_BAD_INPUT, safetensors::printable_name(tensor.name),
                           "its shape, its bytes and its scales do not agree");
    }
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Walks rows and blocks, and calls the row kernels.
#include "mtp/transfer/convert.hpp"

#include "mtp/transfer/scales.hpp"

#include "safetensors/error.hpp"

#include <algorithm>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

constexpr std::string_view sound_release = "look for a sound release of the model";

std::size_t stored_bytes(const StoredTensor& tensor, std::uint64_t elements)
{
    return static_cast<std::size_t>(elements * stored_bits(tensor) / 8);
}

ScaledRow scaled_row(const Kernels& kernels, Element element)
{
    switch (element) {
    case Element::e4m3: return kernels.e4m3;
    case Element::e5m2: return kernels.e5m2;
    case Element::i8: return kernels.i8;
    case Element::fp4: return kernels.fp4;
    default: return nullptr;
    }
}

} // namespace

void count_f32(std::span<const std::byte> bytes, Tally& tally)
{
    // The exponent lies in the upper bytes; what is below decides between infinity and NaN only.
    std::uint64_t infinite = 0, nan = 0;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
        const std::uint32_t magnitude = std::to_integer<std::uint32_t>(bytes[at]) |
                                        std::to_integer<std::uint32_t>(bytes[at + 1]) << 8 |
                                        std::to_integer<std::uint32_t>(bytes[at + 2]) << 16 |
                                        std::to_integer<std::uint32_t>(bytes[at + 3] & std::byte{0x7f}) << 24;
        infinite += magnitude == 0x7f800000u;
        nan += magnitude > 0x7f800000u;
    }
    tally.inf_in_source += infinite;
    tally.nan += nan;
}

PieceConverter::PieceConverter(const OutputTensor& tensor, const Piece& piece,
                               std::span<const std::byte> companions, std::span<const std::string> shards,
                               const Kernels& kernels, ConvertScratch& scratch)
    : tensor_(tensor),
      piece_(piece),
      companions_(companions),
      shards_(shards),
      kernels_(kernels),
      scratch_(scratch),
      columns_(tensor.stored.columns()),
      matrix_(matrix_elements(tensor.stored)),
      at_(piece.first)
{
    const Storage& storage = tensor.stored.storage;
    if (storage.scale) {
        grid_ = grid_shape(tensor.stored, *storage.scale);
        held_ = values_for(tensor.stored, *storage.scale, piece.first, piece.last);
        if (storage.global) {
            load_global();
        }
    } else {
        scratch.scales.assign(1, 1.0f); // E5M2 without a scale
    }
}

// Zero would make nothing but zeros of a whole weight if it multiplies, without a value that looks odd.
void PieceConverter::load_global()
{
    const SourceTensor& global = *tensor_.stored.storage.global;
    const bool finite =
        decode_scales(safetensors::Dtype::f32,
                      companions_.subspan(static_cast<std::size_t>(piece_.global_at), sizeof(float)), 1,
                      Level::none, {&global_, 1});
    if (!finite || global_ == 0) {
        throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(shards_[global.shard]),
                           printable_name(tensor_.stored.source.name) + " has a second scale that is " +
                               (finite ? "zero" : "not a finite number") + " (" +
                               printable_name(global.name) + ")",
                           std::string(sound_release));
    }
}

void PieceConverter::add(std::span<const std::byte> in, std::span<std::byte> out)
{
    const StoredTensor& stored = tensor_.stored;
    if (!stored.storage.scale) {
        add_plain(in, out);
        return;
    }
    std::uint64_t left = out.size() / 2;
    while (left != 0) {
        const std::uint64_t column = at_ % columns_;
        const std::uint64_t part = std::min(left, columns_ - column);
        const std::size_t bytes = stored_bytes(stored, part);
        load_scales();
        add_in_row(in.first(bytes), out.first(static_cast<std::size_t>(2 * part)), column);
        in = in.subspan(bytes);
        out = out.subspan(static_cast<std::size_t>(2 * part));
        at_ += part;
        left -= part;
    }
}

void PieceConverter::add_plain(std::span<const std::byte> in, std::span<std::byte> out)
{
    switch (tensor_.stored.storage.element) {
    case Element::bf16: kernels_.bf16(in, out, tally_); break;
    case Element::f16: kernels_.f16(in, out, tally_); break;
    case Element::e5m2: kernels_.e5m2(in, scratch_.scales, in.size(), out, tally_); break;
    case Element::f32:
        if (!is_copied(tensor_)) {
            kernels_.f32(in, out, tally_);
            break;
        }
        count_f32(in, tally_);
        [[fallthrough]];
    default: std::ranges::copy(in, out.begin()); break;
    }
}

// A stretch of one row. Kernels begin at a block, so what is left of a block that began before goes alone.
void PieceConverter::add_in_row(std::span<const std::byte> in, std::span<std::byte> out, std::uint64_t column)
{
    const std::uint64_t width = grid_.block_columns;
    auto block = static_cast<std::size_t>(column / width);
    if (column % width != 0) {
        const std::uint64_t rest = std::min<std::uint64_t>(width - column % width, out.size() / 2);
        const std::size_t bytes = stored_bytes(tensor_.stored, rest);
        run(in.first(bytes), out.first(static_cast<std::size_t>(2 * rest)), block);
        in = in.subspan(bytes);
        out = out.subspan(static_cast<std::size_t>(2 * rest));
        ++block;
    }
    if (!out.empty()) {
        run(in, out, block);
    }
}

// Elements that begin at a block of the row, or lie in one.
void PieceConverter::run(std::span<const std::byte> in, std::span<std::byte> out, std::size_t block)
{
    const auto width = static_cast<std::size_t>(grid_.block_columns);
    const std::size_t blocks = (out.size() / 2 - 1) / width + 1;
    // The first decoded value is not that of the row's first block if the piece is a part of a row.
    const auto before = static_cast<std::size_t>(decoded_.first % grid_.columns);
    const std::span<const float> scales = std::span(scratch_.scales).subspan(block - before, blocks);
    if (tensor_.stored.storage.zero) {
        const std::span<const float> zeros = std::span(scratch_.zeros).subspan(block - before, blocks);
        kernels_.i8_zero(in, scales, zeros, width, out, tally_);
    } else {
        scaled_row(kernels_, tensor_.stored.storage.element)(in, scales, width, out, tally_);
    }
}

std::span<const std::byte> PieceConverter::values(const Grid& grid, std::uint64_t at, const ValueSpan& all,
                                                  const ValueSpan& wanted) const
{
    const std::uint64_t width = value_bytes(grid);
    return companions_.subspan(static_cast<std::size_t>(at + (wanted.first - all.first) * width),
                               static_cast<std::size_t>(wanted.count * width));
}

// Decodes the row of the grid that the next element lies under, unless it is decoded.
void PieceConverter::load_scales()
{
    const StoredTensor& stored = tensor_.stored;
    const Storage& storage = stored.storage;
    ValueSpan wanted{0, 1};
    if (!grid_.one_for_all) {
        const std::uint64_t first = at_ / matrix_ * grid_.values_per_matrix() +
                                    at_ % matrix_ / columns_ / grid_.block_rows * grid_.columns;
        // As much of the row as the piece has: a part only if the piece is a part of a row.
        wanted.first = std::max(first, held_.first);
        wanted.count = std::min(first + grid_.columns, held_.first + held_.count) - wanted.first;
    }
    if (decoded_.count != 0 && decoded_.first == wanted.first) {
        return;
    }
    decoded_ = wanted;
    const auto count = static_cast<std::size_t>(wanted.count);
    scratch_.scales.resize(count);
    const Level level = !storage.global            ? Level::none
                        : storage.divide_by_global ? Level::divide
                                                   : Level::multiply;
    if (!decode_scales(storage.scale->tensor.dtype, values(*storage.scale, piece_.scale_at, held_, wanted),
                       global_, level, scratch_.scales)) {
        throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(shards_[storage.scale->tensor.shard]),
                           printable_name(stored.source.name) + " has a scale that is not a finite number (" +
                               printable_name(storage.scale->tensor.name) + ")",
                           std::string(sound_release));
    }
    if (storage.zero) {
        scratch_.zeros.resize(count);
        decode_zeros(values(*storage.zero, piece_.zero_at, held_, wanted), scratch_.zeros);
    }
}

} // namespace skw::mtp

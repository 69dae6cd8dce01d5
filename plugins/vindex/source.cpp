// SPDX-License-Identifier: Apache-2.0
// Reads the header of every shard; LARQL maps whatever is there and leaves out what it does not find.
#include "vindex/source.hpp"

#include "vindex/floats.hpp"
#include "vindex/json_fields.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace skw::vindex {
namespace {

using safetensors::Dtype;

constexpr std::size_t tensors_limit = 1'000'000;
constexpr std::uint64_t row_limit = 64u << 20; // elements; no model has rows of that length

[[noreturn]] void refuse(std::string_view place, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(place), std::move(text),
                       "the source repository itself is damaged, or the staged copy; run again to fetch it "
                       "anew");
}

safetensors::Header read_header(const LocalFile& file)
{
    try {
        std::array<std::byte, safetensors::length_bytes> start{};
        file.read_exactly(0, std::span(start).first(std::min<std::size_t>(start.size(), file.size())));
        std::uint64_t left = safetensors::header_length(std::span(start), file.size());
        safetensors::HeaderParser parser;
        std::vector<std::byte> piece(64u << 10);
        for (std::uint64_t at = start.size(); left != 0;) {
            const auto part = std::span(piece).first(std::min<std::uint64_t>(left, piece.size()));
            file.read_exactly(at, part);
            parser.feed({reinterpret_cast<const char*>(part.data()), part.size()});
            at += part.size();
            left -= part.size();
        }
        return parser.finish(file.size());
    } catch (const safetensors::Error& error) {
        refuse(file.shown(), error.what());
    }
}

std::uint64_t load(const std::byte* at, std::size_t width)
{
    std::uint64_t bits = 0;
    for (std::size_t byte = width; byte-- > 0;) {
        bits = bits << 8 | std::to_integer<std::uint64_t>(at[byte]);
    }
    return bits;
}

float decode(Dtype dtype, const std::byte* at)
{
    switch (dtype) {
    case Dtype::bf16: return f32_from_bf16(static_cast<std::uint16_t>(load(at, 2)));
    case Dtype::f16: return f32_from_f16(static_cast<std::uint16_t>(load(at, 2)));
    case Dtype::f32: return std::bit_cast<float>(static_cast<std::uint32_t>(load(at, 4)));
    default: return static_cast<float>(std::bit_cast<double>(load(at, 8)));
    }
}

bool is_float(Dtype dtype)
{
    return dtype == Dtype::bf16 || dtype == Dtype::f16 || dtype == Dtype::f32 || dtype == Dtype::f64;
}

} // namespace

std::string short_name(std::string_view name)
{
    for (const std::string_view tower : {"vision", "visual", "audio", "mtp", "multi_modal", "embed_vision"}) {
        if (name.find(tower) != std::string_view::npos) {
            return {};
        }
    }
    constexpr std::string_view prefixes[] = {"model.", "language_model.", "text_model.", "transformer."};
    bool shortened = true;
    while (shortened) {
        shortened = false;
        for (const std::string_view prefix : prefixes) {
            if (name.starts_with(prefix)) {
                name.remove_prefix(prefix.size());
                shortened = true;
            }
        }
    }
    return std::string(name);
}

std::uint64_t SourceTensor::rows() const noexcept
{
    std::uint64_t rows = 1;
    for (std::size_t i = 0; i + 1 < tensor.shape.size(); ++i) {
        rows = times(rows, tensor.shape[i]);
    }
    return rows;
}

Source::Source(const std::filesystem::path& root, const Selection& selection)
{
    shards_.reserve(selection.shards.size());
    for (const SourceFile& shard : selection.shards) {
        LocalFile& file = shards_.emplace_back(root / shard.path, shard.path);
        if (file.size() != shard.size) {
            refuse(shard.path, "the staged file has " + std::to_string(file.size()) +
                                   " bytes, the Hub's listing says " + std::to_string(shard.size));
        }
        read_shard(shards_.size() - 1, selection);
    }
    for (const auto& [name, shard] : selection.placed) {
        const auto found = tensors_.find(name);
        if (found == tensors_.end()) {
            refuse(shard, "it lacks the tensor '" + shown(name) + "', which the index places there");
        }
        if (shards_[found->second.shard].shown() != shard) {
            refuse(shard, "the tensor '" + shown(name) + "' lies in " + shards_[found->second.shard].shown() +
                              ", the index places it here");
        }
    }
}

void Source::read_shard(std::size_t number, const Selection& selection)
{
    const std::string& path = selection.shards[number].path;
    safetensors::Header header = read_header(shards_[number]);
    for (safetensors::Tensor& tensor : header.tensors) {
        if (tensors_.size() == tensors_limit) {
            refuse(path, "the shards hold more tensors than any model has");
        }
        std::string name = tensor.name;
        const std::uint64_t begin = plus(header.data_begin, tensor.begin);
        if (!tensors_.try_emplace(name, SourceTensor{number, std::move(tensor), begin}).second) {
            refuse(path, "the tensor '" + shown(name) + "' stands in two shards");
        }
        std::string brief = short_name(name);
        if (!brief.empty()) {
            short_names_.try_emplace(std::move(brief), std::move(name));
        }
    }
}

const SourceTensor* Source::find(std::string_view name) const
{
    if (const auto exact = tensors_.find(name); exact != tensors_.end()) {
        return &exact->second;
    }
    const std::string brief = short_name(name);
    const auto found = brief.empty() ? short_names_.end() : short_names_.find(brief);
    return found == short_names_.end() ? nullptr : &tensors_.find(found->second)->second;
}

std::vector<float> Source::row(const SourceTensor& tensor, std::uint64_t row) const
{
    const LocalFile& file = shards_[tensor.shard];
    const Dtype dtype = tensor.tensor.dtype;
    if (!is_float(dtype)) {
        refuse(file.shown(), "the tensor '" + shown(tensor.tensor.name) + "' is of type " +
                                 std::string(safetensors::dtype_name(dtype)) +
                                 ", which LARQL does not read as weights");
    }
    const std::uint64_t columns = tensor.columns(), width = safetensors::dtype_bits(dtype) / 8;
    if (columns > row_limit || row >= tensor.rows()) {
        refuse(file.shown(),
               "the tensor '" + shown(tensor.tensor.name) + "' has no row " + std::to_string(row));
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(columns * width));
    file.read_exactly(tensor.begin + row * columns * width, bytes);
    std::vector<float> values(static_cast<std::size_t>(columns));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = decode(dtype, &bytes[i * width]);
    }
    return values;
}

} // namespace skw::vindex

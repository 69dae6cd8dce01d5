// SPDX-License-Identifier: Apache-2.0
// Random bytes that are sound in their format, and the formula of docs/mtp-sidecars.md for each element.
#include "sample.hpp"

#include "mtp/kernels/decode.hpp"

#include <bit>
#include <new>
#include <numeric>

namespace skw::test {

using mtp::Element;
using safetensors::Dtype;

namespace {

void append(std::string& out, std::uint64_t value, std::size_t bytes)
{
    for (std::size_t at = 0; at < bytes; ++at) {
        out += static_cast<char>(value >> (8 * at) & 0xff);
    }
}

std::uint64_t load(const std::string& bytes, std::uint64_t index, std::size_t width)
{
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < width; ++at) {
        value |=
            std::uint64_t{static_cast<unsigned char>(bytes[static_cast<std::size_t>(index) * width + at])}
            << (8 * at);
    }
    return value;
}

// Any bits made such that they are a finite number of middling size.
std::uint64_t sound(Dtype dtype, std::uint64_t bits)
{
    switch (dtype) {
    case Dtype::f32: return (bits & 0x807fffffu) | 0x3c000000u;
    case Dtype::bf16: return (bits & 0x807fu) | 0x3c00u;
    case Dtype::f16: return (bits & 0x83ffu) | 0x2000u;
    case Dtype::f8_e4m3: return (bits & 0x7f) == 0x7f ? bits ^ 1 : bits;
    case Dtype::f8_e5m2: return (bits & 0x7c) == 0x7c ? bits ^ 0x40 : bits;
    case Dtype::f8_e8m0: return 100 + bits % 50;
    default: return bits;
    }
}

float value_of(Dtype dtype, std::uint64_t bits)
{
    switch (dtype) {
    case Dtype::f32: return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case Dtype::bf16: return std::bit_cast<float>(static_cast<std::uint32_t>(bits << 16));
    case Dtype::f16: return std::bit_cast<float>(mtp::f32_from_f16(static_cast<std::uint16_t>(bits)));
    case Dtype::f8_e4m3: return std::bit_cast<float>(mtp::f32_from_e4m3(static_cast<std::uint8_t>(bits)));
    case Dtype::f8_e5m2: return std::bit_cast<float>(mtp::f32_from_e5m2(static_cast<std::uint8_t>(bits)));
    case Dtype::u8: // a scale
    case Dtype::f8_e8m0: return std::bit_cast<float>(mtp::f32_from_e8m0(static_cast<std::uint8_t>(bits)));
    default: return static_cast<float>(static_cast<std::int8_t>(bits));
    }
}

Dtype dtype_of(const Recipe& recipe)
{
    switch (recipe.element) {
    case Element::bf16: return Dtype::bf16;
    case Element::f16: return Dtype::f16;
    case Element::f32: return Dtype::f32;
    case Element::e4m3: return Dtype::f8_e4m3;
    case Element::e5m2: return Dtype::f8_e5m2;
    case Element::i8:
    case Element::fp4: return Dtype::i8;
    case Element::table: break;
    }
    return recipe.stored;
}

std::uint64_t blocks(std::uint64_t length, std::uint64_t side)
{
    return side == 0 ? 1 : (length + side - 1) / side;
}

} // namespace

std::uint64_t Sample::random()
{
    seed_ = seed_ * 6364136223846793005u + 1442695040888963407u;
    return seed_ >> 24;
}

mtp::SourceTensor Sample::place(const std::string& name, Dtype dtype, std::vector<std::uint64_t> shape,
                                const std::string& bytes, std::size_t shard)
{
    while (shards.size() <= shard) {
        shards.push_back("shard-" + std::to_string(shards.size()) + ".safetensors");
    }
    std::string& file = files[shards[shard]];
    file.append(static_cast<std::size_t>(random() % 9), '#');
    const std::uint64_t begin = file.size();
    file += bytes;
    return {name, dtype, std::move(shape), shard, begin, file.size()};
}

char* Sample::bytes_of(const mtp::SourceTensor& tensor)
{
    return files.at(shards[tensor.shard]).data() + tensor.begin;
}

void Sample::add(const Recipe& recipe)
{
    const std::vector<std::uint64_t>& shape = recipe.shape;
    const std::uint64_t elements =
        std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
    const std::uint64_t columns = shape.empty() ? 1 : shape.back();
    const std::uint64_t rows = shape.size() < 2 ? 1 : shape[shape.size() - 2];
    const std::uint64_t matrices = elements == 0 ? 0 : elements / (rows * columns);
    const Dtype dtype = dtype_of(recipe);
    const std::size_t width = safetensors::dtype_bits(dtype) / 8;

    std::string weight, scale, zero, global;
    for (std::uint64_t at = 0; at < (recipe.element == Element::fp4 ? elements / 2 : elements); ++at) {
        append(weight, recipe.element == Element::fp4 ? random() : sound(dtype, random()), width);
    }
    ScaleRecipe grid = recipe.scale.value_or(ScaleRecipe{});
    const std::uint64_t high = blocks(rows, grid.block_rows), wide = blocks(columns, grid.block_columns);
    const std::uint64_t values = grid.one_for_all ? 1 : matrices * high * wide;
    const std::size_t scale_width = safetensors::dtype_bits(grid.dtype) / 8;
    for (std::uint64_t at = 0; at < values; ++at) {
        append(scale, sound(grid.dtype == Dtype::u8 ? Dtype::f8_e8m0 : grid.dtype, random()), scale_width);
        append(zero, random(), 1);
    }

    mtp::OutputTensor out{recipe.name, recipe.made, {}};
    out.stored.name = recipe.name;
    out.stored.shape = shape;
    mtp::Storage& storage = out.stored.storage;
    storage.element = recipe.element;
    storage.divide_by_global = recipe.divide;
    if (recipe.global) {
        append(global, std::bit_cast<std::uint32_t>(*recipe.global), 4);
        storage.global = place(recipe.name + "_2", Dtype::f32, {}, global, recipe.shard);
    }
    std::vector<std::uint64_t> stored_shape = shape;
    if (recipe.element == Element::fp4) {
        stored_shape.back() /= 2;
    }
    out.stored.source = place(recipe.name, dtype, stored_shape, weight, recipe.shard);
    if (recipe.scale) { // in the next shard, as companions may be
        storage.scale =
            mtp::Grid{place(recipe.name + "_scale", grid.dtype, {values}, scale, recipe.shard + 1),
                      grid.block_rows, grid.block_columns, grid.one_for_all};
    }
    if (recipe.zero) {
        storage.zero = mtp::Grid{place(recipe.name + "_zero", Dtype::i8, {values}, zero, recipe.shard),
                                 grid.block_rows, grid.block_columns, grid.one_for_all};
    }

    for (std::uint64_t at = 0; at < elements; ++at) {
        if (recipe.element == Element::table || recipe.made == Dtype::f32) {
            append(expected, load(weight, at, width), width);
            continue;
        }
        if (recipe.element == Element::bf16) {
            append(expected, load(weight, at, 2), 2);
            continue;
        }
        const std::uint64_t row = at / columns % rows, column = at % columns, matrix = at / (rows * columns);
        const std::uint64_t block =
            grid.one_for_all ? 0
                             : (matrix * high + (grid.block_rows == 0 ? 0 : row / grid.block_rows)) * wide +
                                   (grid.block_columns == 0 ? 0 : column / grid.block_columns);
        float value = 0;
        if (recipe.element == Element::fp4) {
            const std::uint64_t pair = load(weight, at / 2, 1);
            value = std::bit_cast<float>(
                mtp::f32_from_e2m1(static_cast<std::uint8_t>(at % 2 == 0 ? pair & 0xf : pair >> 4)));
        } else {
            value = value_of(dtype, load(weight, at, width));
        }
        if (recipe.zero) {
            value -= value_of(Dtype::i8, load(zero, block, 1));
        }
        if (recipe.scale) {
            float factor = value_of(grid.dtype, load(scale, block, scale_width));
            if (recipe.global) {
                factor = recipe.divide ? factor / *recipe.global : factor * *recipe.global;
            }
            value *= factor;
        }
        append(expected, mtp::bf16_from_f32(std::bit_cast<std::uint32_t>(value)), 2);
    }
    ends.push_back(expected.size());
    tensors.push_back(std::move(out));
}

Sample all_formats()
{
    Sample sample;
    const auto grid = [](Dtype dtype, std::uint64_t high, std::uint64_t wide) {
        return ScaleRecipe{dtype, high, wide, false};
    };
    const ScaleRecipe one{Dtype::f32, 0, 0, true};
    sample.add({.name = "q0.bf16", .element = Element::bf16, .shape = {5, 13}});
    sample.add({.name = "q0.f16", .element = Element::f16, .shape = {3, 11}, .shard = 1});
    sample.add({.name = "q0.f32", .element = Element::f32, .shape = {2, 9}});
    sample.add({.name = "q0.f32.kept", .element = Element::f32, .shape = {17}, .made = Dtype::f32});
    sample.add({.name = "q0.scalar", .element = Element::bf16, .shape = {}});
    sample.add({.name = "q0.empty", .element = Element::bf16, .shape = {4, 0}});
    sample.add({.name = "table", .element = Element::table, .shape = {6}, .made = Dtype::i64, .shard = 2});
    sample.add({.name = "q1", .element = Element::e4m3, .shape = {9, 17}, .scale = grid(Dtype::f32, 4, 6)});
    sample.add(
        {.name = "q1.bf16", .element = Element::e4m3, .shape = {8, 12}, .scale = grid(Dtype::bf16, 4, 6)});
    sample.add({.name = "q1.batch",
                .element = Element::e4m3,
                .shape = {3, 7, 10},
                .scale = grid(Dtype::f32, 4, 6),
                .shard = 1});
    sample.add({.name = "q1t", .element = Element::e4m3, .shape = {2, 5, 7}, .scale = one});
    sample.add({.name = "q1t.experts",
                .element = Element::e4m3,
                .shape = {4, 3, 5},
                .scale = grid(Dtype::f32, 0, 0)});
    sample.add({.name = "q1.vector", .element = Element::e4m3, .shape = {21}, .scale = one});
    sample.add(
        {.name = "q2", .element = Element::e4m3, .shape = {10, 9}, .scale = grid(Dtype::f8_e8m0, 4, 4)});
    sample.add(
        {.name = "q3", .element = Element::fp4, .shape = {6, 24}, .scale = grid(Dtype::f8_e8m0, 1, 8)});
    sample.add({.name = "q3.batch",
                .element = Element::fp4,
                .shape = {2, 3, 16},
                .scale = grid(Dtype::u8, 1, 4),
                .shard = 2});
    sample.add({.name = "q5",
                .element = Element::fp4,
                .shape = {5, 32},
                .scale = grid(Dtype::f8_e4m3, 1, 16),
                .global = 0.001f});
    sample.add({.name = "q5c",
                .element = Element::fp4,
                .shape = {3, 32},
                .scale = grid(Dtype::f8_e4m3, 1, 16),
                .global = 1000.0f,
                .divide = true});
    sample.add({.name = "q6", .element = Element::e4m3, .shape = {7, 5}, .scale = grid(Dtype::f16, 1, 0)});
    sample.add({.name = "q6g", .element = Element::e4m3, .shape = {4, 12}, .scale = grid(Dtype::u8, 1, 4)});
    sample.add({.name = "q7", .element = Element::i8, .shape = {6, 7}, .scale = grid(Dtype::bf16, 1, 0)});
    sample.add({.name = "q7.zero",
                .element = Element::i8,
                .shape = {6, 10},
                .scale = grid(Dtype::f32, 2, 3),
                .zero = true});
    sample.add({.name = "q8", .element = Element::e5m2, .shape = {5, 9}, .scale = grid(Dtype::f32, 2, 4)});
    sample.add({.name = "q8.plain", .element = Element::e5m2, .shape = {3, 8}});
    return sample;
}

Sample plain_tensors(std::size_t count, std::uint64_t elements)
{
    Sample sample;
    for (std::size_t at = 0; at < count; ++at) {
        sample.add({.name = "t" + std::to_string(at), .shape = {elements}, .shard = at});
    }
    return sample;
}

Ended run(FakeHost& host, const Sample& sample, const mtp::TransferSettings& settings)
{
    Ended ended;
    try {
        const sdk::Call call(host.call());
        const sdk::Hub hub(call);
        sdk::Writer sink = hub.create("sidecar");
        mtp::transfer_tensors(call, hub, "source", sample.shards, sample.tensors, "extract", settings, sink,
                              ended.meter);
    } catch (const sdk::Failure& failure) {
        ended.status = failure.status();
        ended.place = failure.place();
        ended.message = failure.message();
        ended.retryable = failure.is_retryable();
    } catch (const std::bad_alloc&) {
        ended.status = SKW_E_RESOURCE;
        ended.out_of_memory = true;
    }
    return ended;
}

} // namespace skw::test

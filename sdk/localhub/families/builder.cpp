// SPDX-License-Identifier: Apache-2.0
// One weight in each storage: names, types and shapes of what it consists of.
#include "localhub/families/builder.hpp"

#include "support/error.hpp"

namespace skw::localhub {
namespace {

std::uint64_t blocks(std::uint64_t size, std::uint64_t block)
{
    return (size + block - 1) / block;
}

} // namespace

Part::Part(Tensors& out, std::string prefix, bool mtp) : out_(&out), prefix_(std::move(prefix)), mtp_(mtp) {}

Part Part::in(std::string_view below) const
{
    return Part(*out_, prefix_ + std::string(below) + ".", mtp_);
}

Part Part::in(std::string_view below, std::uint64_t number) const
{
    return Part(*out_, prefix_ + std::string(below) + "." + std::to_string(number) + ".", mtp_);
}

void Part::tensor(std::string_view name, Shape shape, SampleType type, SampleRole role) const
{
    out_->push_back({.name = prefix_ + std::string(name),
                     .type = type,
                     .shape = std::move(shape),
                     .role = role,
                     .mtp = mtp_});
}

void Part::linear(std::string_view name, std::uint64_t rows, std::uint64_t columns, Storage storage,
                  const Shape& batch) const
{
    const std::string base(name), weight = base + ".weight", packed = base + ".weight_packed";
    const auto add = [&](const std::string& full, Shape tail, SampleType type, SampleRole role) {
        Shape shape = batch;
        shape.insert(shape.end(), tail.begin(), tail.end());
        tensor(full, std::move(shape), type, role);
    };
    const auto plain = [&](SampleType type) { add(weight, {rows, columns}, type, SampleRole::weight); };
    const auto block_scale = [&](const std::string& full, std::uint64_t side, SampleType type,
                                 SampleRole role) {
        add(full, {blocks(rows, side), blocks(columns, side)}, type, role);
    };
    const auto scale = [&](const std::string& full, Shape shape, SampleType type = SampleType::f32) {
        tensor(base + full, std::move(shape), type, SampleRole::scale);
    };
    using enum SampleType;
    switch (storage) {
    case Storage::bf16: return plain(bf16);
    case Storage::f16: return plain(f16);
    case Storage::f32: return plain(f32);
    case Storage::fp8_block:
        plain(f8_e4m3);
        return block_scale(weight + "_scale_inv", 128, f32, SampleRole::scale);
    case Storage::fp8_block_pow2:
        plain(f8_e4m3);
        return block_scale(weight + "_scale_inv", 128, f32, SampleRole::power_of_two);
    case Storage::fp8_block_bf16:
        plain(f8_e4m3);
        return block_scale(weight + "_scale_inv", 128, bf16, SampleRole::scale);
    case Storage::fp8_block_e8m0:
        plain(f8_e4m3);
        return block_scale(base + ".scale", 128, f8_e8m0, SampleRole::wide_scale);
    case Storage::fp8_block32_e8m0:
        plain(f8_e4m3);
        return block_scale(base + ".scale", 32, f8_e8m0, SampleRole::wide_scale);
    case Storage::fp8_block_dot:
        plain(f8_e4m3);
        return block_scale(base + ".scale", 128, f32, SampleRole::scale);
    case Storage::fp4_packed:
        add(weight, {rows, columns / 2}, i8, SampleRole::weight);
        return add(base + ".scale", {rows, columns / 32}, f8_e8m0, SampleRole::wide_fp4_scale);
    case Storage::mxfp4_blocks:
        add(base + "_blocks", {rows, columns / 32, 16}, u8, SampleRole::weight);
        return add(base + "_scales", {rows, columns / 32}, u8, SampleRole::wide_fp4_scale);
    case Storage::mxfp4_ct:
        add(packed, {rows, columns / 2}, u8, SampleRole::weight);
        return add(weight + "_scale", {rows, columns / 32}, u8, SampleRole::wide_fp4_scale);
    case Storage::nvfp4:
        add(weight, {rows, columns / 2}, u8, SampleRole::weight);
        add(weight + "_scale", {rows, columns / 16}, f8_e4m3, SampleRole::scale);
        scale(".weight_scale_2", {});
        return scale(".input_scale", {});
    case Storage::nvfp4_ct:
        add(packed, {rows, columns / 2}, u8, SampleRole::weight);
        add(weight + "_scale", {rows, columns / 16}, f8_e4m3, SampleRole::scale);
        tensor(base + ".weight_global_scale", {1}, f32, SampleRole::global_divisor);
        return tensor(base + ".input_global_scale", {1}, f32, SampleRole::global_divisor);
    case Storage::fp8_tensor:
        plain(f8_e4m3);
        scale(".weight_scale", {});
        return scale(".input_scale", {});
    case Storage::fp8_channel:
        plain(f8_e4m3);
        return add(weight + "_scale", {rows, 1}, bf16, SampleRole::scale);
    case Storage::mxfp8:
        plain(f8_e4m3);
        return add(weight + "_scale", {rows, columns / 32}, u8, SampleRole::wide_scale);
    case Storage::int8_channel:
    case Storage::int8_zero_point:
        plain(i8);
        if (storage == Storage::int8_zero_point) {
            add(base + ".weight_zero_point", {rows, 1}, i8, SampleRole::zero_point);
        }
        return add(weight + "_scale", {rows, 1}, bf16, SampleRole::scale);
    case Storage::e5m2_block:
        plain(f8_e5m2);
        return block_scale(weight + "_scale_inv", 128, f32, SampleRole::scale);
    case Storage::gptq:
        tensor(base + ".qweight", {columns / 8, rows}, i32);
        tensor(base + ".qzeros", {blocks(columns, 128), rows / 8}, i32);
        tensor(base + ".scales", {blocks(columns, 128), rows}, f16, SampleRole::scale);
        return tensor(base + ".g_idx", {columns}, i32, SampleRole::table);
    case Storage::mlx:
        tensor(weight, {rows, columns / 8}, u32);
        tensor(base + ".scales", {rows, columns / 64}, bf16, SampleRole::scale);
        return tensor(base + ".biases", {rows, columns / 64}, bf16, SampleRole::weight);
    }
}

void Part::norm(std::string_view name, std::uint64_t width, SampleType type) const
{
    tensor(std::string(name) + ".weight", {width}, type);
}

void Part::norms(std::initializer_list<std::string_view> names, std::uint64_t width, SampleType type) const
{
    for (const std::string_view name : names) {
        norm(name, width, type);
    }
}

void Part::mlp(std::string_view name, std::uint64_t hidden, std::uint64_t intermediate, Storage storage) const
{
    const Part at = name.empty() ? *this : in(name);
    at.linear("gate_proj", intermediate, hidden, storage);
    at.linear("up_proj", intermediate, hidden, storage);
    at.linear("down_proj", hidden, intermediate, storage);
}

void Part::experts(std::string_view name, std::uint64_t count, std::uint64_t hidden,
                   std::uint64_t intermediate, Storage storage) const
{
    for (std::uint64_t expert = 0; expert < count; ++expert) {
        in(name, expert).mlp("", hidden, intermediate, storage);
    }
}

void Part::attention(std::uint64_t hidden, std::uint64_t queries, std::uint64_t keys, Storage storage,
                     Storage output) const
{
    linear("q_proj", queries, hidden, storage);
    linear("k_proj", keys, hidden, storage);
    linear("v_proj", keys, hidden, storage);
    linear("o_proj", hidden, queries, output);
}

} // namespace skw::localhub

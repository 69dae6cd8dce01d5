// SPDX-License-Identifier: Apache-2.0
// The table of storage formats.
#include "mtp/storage/formats.hpp"

#include "mtp/storage/geometry.hpp"

#include <array>

namespace skw::mtp {

namespace {

using safetensors::Dtype;

constexpr Set floats = set_of(Dtype::f32, Dtype::bf16, Dtype::f16);
constexpr Set tables = set_of(Dtype::i16, Dtype::i32, Dtype::i64);
constexpr Set powers = set_of(Dtype::f8_e8m0, Dtype::u8); // E8M0 is also stored as plain bytes
constexpr Set e4m3_only = set_of(Dtype::f8_e4m3);
constexpr Set plain_name = set_of(Marking::none);
constexpr Set no_name = set_of(ScaleName::none);
constexpr Set inverse = set_of(ScaleName::inverse);
constexpr Set dotted = set_of(ScaleName::dotted);
constexpr Set channel = set_of(ScaleName::channel, ScaleName::fused);
constexpr Set any_name = inverse | dotted | channel;
constexpr Set packed_or_plain = set_of(Marking::none, Marking::packed);

constexpr std::array<StorageFormat, 17> formats{{
    {"Q0", Element::bf16, set_of(Dtype::bf16), plain_name, no_name, 0, Lie::none},
    {"Q0", Element::f16, set_of(Dtype::f16), plain_name, no_name, 0, Lie::none},
    {"Q0", Element::f32, set_of(Dtype::f32), plain_name, no_name, 0, Lie::none},
    {"Q1t", Element::e4m3, e4m3_only, plain_name, inverse, floats, Lie::one_value},
    {"Q1", Element::e4m3, e4m3_only, plain_name, inverse, floats | powers, Lie::by_shape},
    {"Q2", Element::e4m3, e4m3_only, plain_name, dotted, floats | powers, Lie::by_shape},
    {"Q3", Element::fp4, set_of(Dtype::i8, Dtype::u8), plain_name, any_name, powers, Lie::groups, 32},
    {"Q4", Element::fp4, set_of(Dtype::u8), set_of(Marking::blocks), set_of(ScaleName::blocks), powers,
     Lie::groups, 32},
    {"Q4c", Element::fp4, set_of(Dtype::u8), set_of(Marking::packed), channel, powers, Lie::groups, 32},
    {"Q5", Element::fp4, set_of(Dtype::u8), packed_or_plain, channel, e4m3_only, Lie::groups, 16,
     Second::multiplied},
    {"Q5c", Element::fp4, set_of(Dtype::u8), packed_or_plain, channel, e4m3_only, Lie::groups, 16,
     Second::divisor},
    {"Q6", Element::e4m3, e4m3_only, plain_name, channel, floats, Lie::by_shape},
    {"Q6g", Element::e4m3, e4m3_only, plain_name, channel, powers, Lie::groups, 32},
    {"Q7", Element::i8, set_of(Dtype::i8), plain_name, any_name, floats, Lie::by_shape, 0, Second::none,
     true},
    {"Q8", Element::e5m2, set_of(Dtype::f8_e5m2), plain_name, any_name, floats | powers, Lie::by_shape},
    {"Q8", Element::e5m2, set_of(Dtype::f8_e5m2), plain_name, no_name, 0, Lie::none},
    {"Q0", Element::table, tables, plain_name, no_name, 0, Lie::none},
}};

} // namespace

std::span<const StorageFormat> storage_formats()
{
    return formats;
}

std::uint64_t StoredTensor::elements() const noexcept
{
    return element_count(shape).value_or(0);
}

std::uint64_t StoredTensor::rows() const noexcept
{
    return shape.size() < 2 ? 1 : shape[shape.size() - 2];
}

std::uint64_t StoredTensor::columns() const noexcept
{
    return shape.empty() ? 1 : shape.back();
}

std::uint64_t StoredTensor::companion_bytes() const noexcept
{
    std::uint64_t total = 0;
    const auto add = [&total](const SourceTensor& tensor) {
        total += safetensors::tensor_bytes(tensor.dtype, tensor.shape).value_or(0);
    };
    if (storage.scale) {
        add(storage.scale->tensor);
    }
    if (storage.global) {
        add(*storage.global);
    }
    if (storage.zero) {
        add(storage.zero->tensor);
    }
    return total;
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// The element types of the safetensors format, in the order of alignment its writer sorts by.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace skw::safetensors {

enum class Dtype : std::uint8_t {
    boolean,
    f4,
    f6_e2m3,
    f6_e3m2,
    u8,
    i8,
    f8_e5m2,
    f8_e4m3,
    f8_e8m0,
    f8_e4m3fnuz,
    f8_e5m2fnuz,
    i16,
    u16,
    f16,
    bf16,
    i32,
    u32,
    f32,
    c64,
    f64,
    i64,
    u64,
};

// "BF16" and its like, as headers spell them. nullopt: not a type of the format.
std::optional<Dtype> find_dtype(std::string_view name) noexcept;
std::string_view dtype_name(Dtype dtype) noexcept;
// Bits of one element: 4 and 6 for the packed types, else a multiple of 8.
unsigned dtype_bits(Dtype dtype) noexcept;

// Bytes of a tensor: the product of the shape times the bits of an element. A shape of no dimensions is one
// element, a dimension of zero makes an empty tensor. nullopt: beyond 64 bits, or not whole bytes.
std::optional<std::uint64_t> tensor_bytes(Dtype dtype, std::span<const std::uint64_t> shape) noexcept;

} // namespace skw::safetensors

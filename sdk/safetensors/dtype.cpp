// SPDX-License-Identifier: Apache-2.0
// The table of element types and the arithmetic on shapes.
#include "safetensors/dtype.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace skw::safetensors {

namespace {

struct Row {
    std::string_view name;
    unsigned bits;
};

// Indexed by Dtype.
constexpr std::array<Row, 22> rows{{
    {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
    {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
    {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64},
}};
static_assert(rows.size() == static_cast<std::size_t>(Dtype::u64) + 1);

} // namespace

std::optional<Dtype> find_dtype(std::string_view name) noexcept
{
    const auto row = std::ranges::find(rows, name, &Row::name);
    if (row == rows.end()) {
        return std::nullopt;
    }
    return static_cast<Dtype>(row - rows.begin());
}

std::string_view dtype_name(Dtype dtype) noexcept
{
    return rows[static_cast<std::size_t>(dtype)].name;
}

unsigned dtype_bits(Dtype dtype) noexcept
{
    return rows[static_cast<std::size_t>(dtype)].bits;
}

std::optional<std::uint64_t> tensor_bytes(Dtype dtype, std::span<const std::uint64_t> shape) noexcept
{
    // Every product is checked even when a dimension is zero: the reference implementation refuses a shape
    // whose running product overflows before the zero is reached, and so do we, in either order.
    std::uint64_t elements = 1;
    for (const std::uint64_t dimension : shape) {
        if (__builtin_mul_overflow(elements, dimension, &elements)) {
            return std::nullopt;
        }
    }
    std::uint64_t bits = 0;
    if (__builtin_mul_overflow(elements, std::uint64_t{dtype_bits(dtype)}, &bits) || bits % 8 != 0) {
        return std::nullopt;
    }
    return bits / 8;
}

} // namespace skw::safetensors

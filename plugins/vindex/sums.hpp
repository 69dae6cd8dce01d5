// SPDX-License-Identifier: Apache-2.0
// Sizes that cannot wrap around, the block sizes of the k-quant formats, and sizes as people read them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace skw::vindex {

// Beyond 64 bits they stay at the largest number, which no file has.
constexpr std::uint64_t plus(std::uint64_t a, std::uint64_t b) noexcept
{
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}
constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) noexcept
{
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}
template<class... More>
constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b, More... more) noexcept
{
    return times(times(a, b), more...);
}

inline constexpr std::uint64_t block_elements = 256; // of both formats
inline constexpr std::uint64_t q4_block_bytes = 144; // GGML's block_q4_K
inline constexpr std::uint64_t q6_block_bytes = 210; // GGML's block_q6_K

// Columns after each row is filled up to whole blocks.
constexpr std::uint64_t padded(std::uint64_t columns) noexcept
{
    const std::uint64_t rest = columns % block_elements;
    return rest == 0 ? columns : plus(columns, block_elements - rest);
}
constexpr std::uint64_t q4_bytes(std::uint64_t rows, std::uint64_t columns) noexcept
{
    return times(rows, padded(columns) / block_elements, q4_block_bytes);
}
constexpr std::uint64_t q6_bytes(std::uint64_t rows, std::uint64_t columns) noexcept
{
    return times(rows, padded(columns) / block_elements, q6_block_bytes);
}

std::string gigabytes_text(std::uint64_t bytes); // "14.52 GB", decimal, always in GB
std::string size_text(std::uint64_t bytes);      // "14.5 GB", "238.1 kB", "512 bytes"
std::string duration_text(double seconds);       // an order of magnitude: "about 45 minutes"

} // namespace skw::vindex

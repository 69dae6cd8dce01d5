// SPDX-License-Identifier: Apache-2.0
// Decodes the two k-quant block formats of a vindex. The definition is GGML's: block_q4_K and block_q6_K.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace skw::vindex {

enum class Quant : std::uint8_t { q4_k, q6_k };

std::string_view quant_name(Quant quant) noexcept;     // "Q4_K", "Q6_K"
std::uint64_t quant_block_bytes(Quant quant) noexcept; // of 256 elements

/// Q4_K, 144 bytes: d and dmin (f16), 12 bytes with eight 6-bit scales sc and eight 6-bit minima m, 128 bytes
/// with 4-bit codes q. Sub-block j of 32 elements: out = d*sc[j]*q - dmin*m[j].
void decode_q4_k(std::span<const std::byte, 144> block, std::span<float, 256> out) noexcept;

/// Q6_K, 210 bytes: 128 bytes with the low four bits of the codes q, 64 with the high two, 16 signed scales
/// sc, d (f16). Sub-block j of 16 elements: out = d*sc[j]*(q - 32).
void decode_q6_k(std::span<const std::byte, 210> block, std::span<float, 256> out) noexcept;

// A run of blocks. needs: blocks a whole number of blocks, out 256 elements for each.
void decode_blocks(Quant quant, std::span<const std::byte> blocks, std::span<float> out) noexcept;

} // namespace skw::vindex

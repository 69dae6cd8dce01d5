// SPDX-License-Identifier: Apache-2.0
// One operation a line, in the order in which the formats store their bits.
#include "vindex/kquant.hpp"

#include "vindex/floats.hpp"
#include "vindex/sums.hpp"

namespace skw::vindex {
namespace {

unsigned byte_at(std::span<const std::byte> bytes, std::size_t at)
{
    return std::to_integer<unsigned>(bytes[at]);
}

float half_at(std::span<const std::byte> bytes, std::size_t at)
{
    return f32_from_f16(static_cast<std::uint16_t>(byte_at(bytes, at) | byte_at(bytes, at + 1) << 8));
}

struct ScaleAndMinimum {
    unsigned scale, minimum;
};

// The first four pairs use the low six bits of a byte; the others are put together from a nibble and the
// two bits that the first four left over.
ScaleAndMinimum unpack(std::span<const std::byte> packed, std::size_t j)
{
    if (j < 4) {
        return {byte_at(packed, j) & 63u, byte_at(packed, j + 4) & 63u};
    }
    return {(byte_at(packed, j + 4) & 15u) | (byte_at(packed, j - 4) >> 6) << 4,
            byte_at(packed, j + 4) >> 4 | (byte_at(packed, j) >> 6) << 4};
}

} // namespace

std::string_view quant_name(Quant quant) noexcept
{
    return quant == Quant::q4_k ? "Q4_K" : "Q6_K";
}

std::uint64_t quant_block_bytes(Quant quant) noexcept
{
    return quant == Quant::q4_k ? q4_block_bytes : q6_block_bytes;
}

void decode_q4_k(std::span<const std::byte, 144> block, std::span<float, 256> out) noexcept
{
    const float d = half_at(block, 0), dmin = half_at(block, 2);
    const auto packed = block.subspan(4, 12);
    const auto codes = block.subspan(16, 128);
    for (std::size_t j = 0; j < 8; ++j) {
        const ScaleAndMinimum pair = unpack(packed, j);
        const float step = d * static_cast<float>(pair.scale);
        const float low = dmin * static_cast<float>(pair.minimum);
        for (std::size_t i = 0; i < 32; ++i) {
            // 32 bytes hold two sub-blocks: the even one in the low nibbles, the odd one in the high ones.
            const unsigned both = byte_at(codes, j / 2 * 32 + i);
            const unsigned code = j % 2 == 0 ? both & 15u : both >> 4;
            out[j * 32 + i] = step * static_cast<float>(code) - low;
        }
    }
}

void decode_q6_k(std::span<const std::byte, 210> block, std::span<float, 256> out) noexcept
{
    const float d = half_at(block, 208);
    for (std::size_t i = 0; i < 256; ++i) {
        const std::size_t part = i / 128, quarter = i % 128 / 32, lane = i % 32;
        const unsigned low_byte = byte_at(block, part * 64 + quarter % 2 * 32 + lane);
        const unsigned low = quarter < 2 ? low_byte & 15u : low_byte >> 4;
        const unsigned high = byte_at(block, 128 + part * 32 + lane) >> (2 * quarter) & 3u;
        const int code = static_cast<int>(low | high << 4) - 32;
        const int scale = static_cast<std::int8_t>(byte_at(block, 192 + i / 16));
        out[i] = d * static_cast<float>(scale) * static_cast<float>(code);
    }
}

void decode_blocks(Quant quant, std::span<const std::byte> blocks, std::span<float> out) noexcept
{
    const auto size = static_cast<std::size_t>(quant_block_bytes(quant));
    for (std::size_t at = 0; at * size < blocks.size(); ++at) {
        const std::span<float, 256> row = out.subspan(at * 256).first<256>();
        if (quant == Quant::q4_k) {
            decode_q4_k(blocks.subspan(at * size).first<144>(), row);
        } else {
            decode_q6_k(blocks.subspan(at * size).first<210>(), row);
        }
    }
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// One loop for each dtype.
#include "mtp/transfer/scales.hpp"

#include "mtp/kernels/decode.hpp"

#include <bit>
#include <cstdint>

namespace skw::mtp {

namespace {

using safetensors::Dtype;

// The little-endian number of `bytes` bytes at value i.
template<std::size_t bytes>
std::uint32_t load(std::span<const std::byte> in, std::size_t i)
{
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < bytes; ++at) {
        value |= std::to_integer<std::uint32_t>(in[i * bytes + at]) << (8 * at);
    }
    return value;
}

template<std::size_t bytes, class Decode>
void decode(std::span<const std::byte> in, std::span<float> out, Decode value_of)
{
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = value_of(load<bytes>(in, i));
    }
}

float float_of(std::uint32_t bits)
{
    return std::bit_cast<float>(bits);
}

} // namespace

bool decode_scales(Dtype dtype, std::span<const std::byte> in, float global, Level level,
                   std::span<float> out)
{
    switch (dtype) {
    case Dtype::f32: decode<4>(in, out, float_of); break;
    case Dtype::bf16: decode<2>(in, out, [](std::uint32_t bits) { return float_of(bits << 16); }); break;
    case Dtype::f16:
        decode<2>(in, out, [](std::uint32_t bits) {
            return float_of(f32_from_f16(static_cast<std::uint16_t>(bits)));
        });
        break;
    case Dtype::u8:
    case Dtype::f8_e8m0:
        decode<1>(in, out, [](std::uint32_t bits) {
            return float_of(f32_from_e8m0(static_cast<std::uint8_t>(bits)));
        });
        break;
    case Dtype::f8_e4m3:
        decode<1>(in, out, [](std::uint32_t bits) {
            return float_of(f32_from_e4m3(static_cast<std::uint8_t>(bits)));
        });
        break;
    default: return false; // check_geometry lets no other pass
    }
    if (level != Level::none) {
        for (float& scale : out) {
            scale = level == Level::divide ? scale / global : scale * global;
        }
    }
    bool finite = true;
    for (const float scale : out) {
        finite &= (std::bit_cast<std::uint32_t>(scale) & 0x7f800000u) != 0x7f800000u;
    }
    return finite;
}

void decode_zeros(std::span<const std::byte> in, std::span<float> out)
{
    decode<1>(in, out, [](std::uint32_t bits) { return static_cast<float>(static_cast<std::int8_t>(bits)); });
}

} // namespace skw::mtp

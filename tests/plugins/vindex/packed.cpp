// SPDX-License-Identifier: Apache-2.0
// The simplest encoders that keep to the formats: one scale and minimum for each sub-block, nothing searched.
#include "packed.hpp"

#include "vindex/floats.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace skw::test {
namespace {

void put(std::string& out, unsigned value)
{
    out += static_cast<char>(value & 0xffu);
}

// Appends the F16 bits and gives the value they stand for.
float put_half(std::string& out, float value)
{
    const std::uint16_t bits = vindex::f16_from_f32(value);
    put(out, bits);
    put(out, bits >> 8);
    return vindex::f32_from_f16(bits);
}

unsigned rounded(float value, float step, unsigned most)
{
    const float code = step == 0.0f ? 0.0f : std::round(value / step);
    return static_cast<unsigned>(std::clamp(code, 0.0f, static_cast<float>(most)));
}

} // namespace

std::string encode_q4_block(std::span<const float, 256> values)
{
    std::array<float, 8> scales{}, minima{};
    for (std::size_t j = 0; j < 8; ++j) {
        const auto part = values.subspan(j * 32, 32);
        const auto [low, high] = std::minmax_element(part.begin(), part.end());
        minima[j] = std::max(0.0f, -*low);
        scales[j] = (std::max(0.0f, *high) + minima[j]) / 15.0f;
    }
    std::string out;
    const float d = put_half(out, *std::max_element(scales.begin(), scales.end()) / 63.0f);
    const float dmin = put_half(out, *std::max_element(minima.begin(), minima.end()) / 63.0f);
    std::array<unsigned, 8> sc{}, m{};
    for (std::size_t j = 0; j < 8; ++j) {
        sc[j] = rounded(scales[j], d, 63);
        m[j] = rounded(minima[j], dmin, 63);
    }
    std::array<unsigned, 12> packed{};
    for (std::size_t j = 0; j < 4; ++j) {
        packed[j] = sc[j] | (sc[j + 4] >> 4) << 6;
        packed[j + 4] = m[j] | (m[j + 4] >> 4) << 6;
        packed[j + 8] = (sc[j + 4] & 15u) | (m[j + 4] & 15u) << 4;
    }
    for (const unsigned byte : packed) {
        put(out, byte);
    }
    std::array<unsigned, 256> codes{};
    for (std::size_t i = 0; i < 256; ++i) {
        const std::size_t j = i / 32;
        codes[i] = rounded(values[i] + dmin * static_cast<float>(m[j]), d * static_cast<float>(sc[j]), 15);
    }
    for (std::size_t chunk = 0; chunk < 4; ++chunk) {
        for (std::size_t i = 0; i < 32; ++i) {
            put(out, codes[chunk * 64 + i] | codes[chunk * 64 + 32 + i] << 4);
        }
    }
    return out;
}

std::string encode_q6_block(std::span<const float, 256> values)
{
    std::array<float, 16> scales{};
    for (std::size_t j = 0; j < 16; ++j) {
        for (const float value : values.subspan(j * 16, 16)) {
            scales[j] = std::max(scales[j], std::fabs(value) / 31.0f);
        }
    }
    std::string tail;
    const float d = put_half(tail, *std::max_element(scales.begin(), scales.end()) / 127.0f);
    std::array<unsigned, 16> sc{};
    std::array<unsigned, 256> codes{};
    for (std::size_t i = 0; i < 256; ++i) {
        sc[i / 16] = rounded(scales[i / 16], d, 127);
        const float step = d * static_cast<float>(sc[i / 16]);
        const float code = step == 0.0f ? 0.0f : std::round(values[i] / step);
        codes[i] = static_cast<unsigned>(std::clamp(code, -32.0f, 31.0f) + 32.0f);
    }
    std::string out;
    for (std::size_t half = 0; half < 2; ++half) {
        for (std::size_t i = 0; i < 64; ++i) {
            put(out, (codes[half * 128 + i] & 15u) | (codes[half * 128 + 64 + i] & 15u) << 4);
        }
    }
    for (std::size_t half = 0; half < 2; ++half) {
        for (std::size_t i = 0; i < 32; ++i) {
            unsigned byte = 0;
            for (std::size_t quarter = 0; quarter < 4; ++quarter) {
                byte |= (codes[half * 128 + quarter * 32 + i] >> 4) << (2 * quarter);
            }
            put(out, byte);
        }
    }
    for (const unsigned scale : sc) {
        put(out, scale);
    }
    return out + tail;
}

std::string encode_rows(std::span<const float> values, std::size_t rows, std::size_t columns, bool q6)
{
    std::string out;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t at = 0; at < columns; at += 256) {
            std::array<float, 256> block{};
            const auto part = values.subspan(row * columns + at, std::min<std::size_t>(256, columns - at));
            std::copy(part.begin(), part.end(), block.begin());
            out += q6 ? encode_q6_block(block) : encode_q4_block(block);
        }
    }
    return out;
}

std::string encode_f16(std::span<const float> values)
{
    std::string out;
    for (const float value : values) {
        put_half(out, value);
    }
    return out;
}

} // namespace skw::test

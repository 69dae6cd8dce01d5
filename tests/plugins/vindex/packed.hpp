// SPDX-License-Identifier: Apache-2.0
// Plain encoders of the k-quant blocks and of F16, written from the formats and not from the decoders.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace skw::test {

std::string encode_q4_block(std::span<const float, 256> values); // 144 bytes
std::string encode_q6_block(std::span<const float, 256> values); // 210 bytes
// Rows filled up with zeros to whole blocks.
std::string encode_rows(std::span<const float> values, std::size_t rows, std::size_t columns, bool q6);
std::string encode_f16(std::span<const float> values);

} // namespace skw::test

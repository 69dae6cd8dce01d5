// SPDX-License-Identifier: Apache-2.0
// The bytes of sample tensors: a fixed function of a tensor's name and of a position in it, so that any range
// can be computed by itself and a test can compute what it must find.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace skw::localhub {

enum class SampleType : std::uint8_t { bf16, f16, f32, f8_e4m3, f8_e5m2, f8_e8m0, i8, u8, i32, u32, i64 };
std::string_view dtype_name(SampleType type) noexcept; // "BF16", as a safetensors header has it
std::optional<SampleType> find_sample_type(std::string_view dtype_name) noexcept;
std::uint64_t bytes_of(SampleType type) noexcept; // one element

// What a tensor is there for, which decides the range of its values. Never NaN, never infinite.
enum class SampleRole : std::uint8_t {
    number, // the values of sample_f32_bits(); BF16, F16 and F32 only
    weight, // floats: a sign and 2^-7 <= |x| < 2; FP8: every code but NaN and infinity; integers: any bits
    scale,  // positive. F32, BF16, F16: 2^-12 <= x < 2^-4 with a full mantissa; E8M0: 0x70 to 0x7f;
            // E4M3: every positive code and zero
    wide_scale, // E8M0 as scale, and one in 256 each is 0x00 (the smallest) and 0xf6: 448 times it is finite
    wide_fp4_scale, // the same with 0xfc: 6 times it is finite
    power_of_two,   // F32 only: 2^-12 to 2^-5
    global_divisor, // F32 only: 2^9 <= x < 2^13
    zero_point,     // I8 only: -8 to 7
    table,          // I64 and I32 only: 0 to 255
};
std::string_view role_name(SampleRole role) noexcept; // "weight", as descriptions of samples spell it
std::optional<SampleRole> find_sample_role(std::string_view name) noexcept;

std::uint64_t sample_seed(std::string_view tensor_name) noexcept;

// Element `index` of a tensor of role `number` as F32 bits: a sign, 2^-7 <= |x| < 1/2, never NaN, 23 random
// bits of mantissa. The stored BF16 and F16 values are the same number with the mantissa cut to 7 and 10
// bits.
std::uint32_t sample_f32_bits(std::uint64_t seed, std::uint64_t index) noexcept;
std::uint16_t sample_bf16_bits(std::uint64_t seed, std::uint64_t index) noexcept;
std::uint16_t sample_f16_bits(std::uint64_t seed, std::uint64_t index) noexcept;
// Elements first, first + 1 ... of a BF16 tensor of this role into `out`, which holds whole elements.
void fill_bf16_numbers(std::uint64_t seed, std::uint64_t first, std::span<std::byte> out) noexcept;

// Bytes 8 * index to 8 * index + 7 of a tensor of any other role, little-endian. A tensor whose length is no
// multiple of 8 ends inside the last word.
std::uint64_t sample_word(SampleType type, SampleRole role, std::uint64_t seed, std::uint64_t index) noexcept;
// Bytes offset to offset + out.size() - 1 of such a tensor.
void fill_words(SampleType type, SampleRole role, std::uint64_t seed, std::uint64_t offset,
                std::span<std::byte> out) noexcept;

} // namespace skw::localhub

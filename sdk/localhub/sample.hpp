// SPDX-License-Identifier: Apache-2.0
// Sample checkpoints: safetensors files whose values are a fixed function of tensor name and index, so that a
// test can compute what it must find, and no file has to be shipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

enum class SampleType { bf16, f16, f32 };
std::string_view dtype_name(SampleType type) noexcept; // "BF16", as a safetensors header has it
std::uint64_t bytes_of(SampleType type) noexcept;      // one element

// Element `index` of a tensor as F32 bits: a sign, 2^-7 <= |x| < 1/2, never NaN, 23 random bits of mantissa.
// The stored BF16 and F16 values are the same number with the mantissa cut to 7 and 10 bits.
std::uint64_t sample_seed(std::string_view tensor_name) noexcept;
std::uint32_t sample_f32_bits(std::uint64_t seed, std::uint64_t index) noexcept;
std::uint16_t sample_bf16_bits(std::uint64_t seed, std::uint64_t index) noexcept;
std::uint16_t sample_f16_bits(std::uint64_t seed, std::uint64_t index) noexcept;

struct SampleTensor {
    std::string name;
    SampleType type = SampleType::bf16;
    std::vector<std::uint64_t> shape;
    std::uint32_t halvings = 0; // values are divided by 2 so often, up to 7 times
    std::uint64_t period = 0;   // element i is element i % period, for large files made quickly; 0 = never

    std::uint64_t elements() const;
    std::uint64_t bytes() const { return elements() * bytes_of(type); }
};

// One safetensors file. Tensors are written with the wider types first, then by name.
class SampleShard {
public:
    // The padding is blanks at the end of the header; a multiple of 8 keeps the tensors aligned.
    explicit SampleShard(std::vector<SampleTensor> tensors, std::uint64_t padding = 0);
    const std::vector<SampleTensor>& tensors() const noexcept { return tensors_; }
    const std::string& header() const noexcept { return header_; } // with its length in front
    std::uint64_t bytes() const;                                   // of the whole file
    // The whole file in order, a block at a time: memory does not grow with it.
    void write(const std::function<void(std::span<const std::byte>)>& sink) const;

private:
    std::vector<SampleTensor> tensors_;
    std::string header_;
};

} // namespace skw::localhub

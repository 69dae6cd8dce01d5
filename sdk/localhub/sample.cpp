// SPDX-License-Identifier: Apache-2.0
// Values from splitmix64 over a hash of the name, and the safetensors layout around them.
#include "localhub/sample.hpp"

#include "support/json.hpp"

#include <algorithm>

namespace skw::localhub {
namespace {

constexpr std::size_t block_bytes = 1u << 20;

std::uint32_t element_bits(const SampleTensor& tensor, std::uint64_t seed, std::uint64_t index)
{
    switch (tensor.type) { // a halving takes one off the exponent
    case SampleType::bf16: return sample_bf16_bits(seed, index) - (tensor.halvings << 7);
    case SampleType::f16: return sample_f16_bits(seed, index) - (tensor.halvings << 10);
    case SampleType::f32: break;
    }
    return sample_f32_bits(seed, index) - (tensor.halvings << 23);
}

void write_tensor(const SampleTensor& tensor, const std::function<void(std::span<const std::byte>)>& sink)
{
    const std::uint64_t seed = sample_seed(tensor.name), width = bytes_of(tensor.type);
    const std::uint64_t period = tensor.period == 0 ? tensor.elements() : tensor.period;
    std::vector<std::byte> block;
    block.reserve(block_bytes);
    for (std::uint64_t i = 0; i < std::min(period, tensor.elements()); ++i) {
        const std::uint32_t bits = element_bits(tensor, seed, i);
        for (std::uint64_t byte = 0; byte < width; ++byte) { // little-endian
            block.push_back(static_cast<std::byte>((bits >> (8 * byte)) & 0xff));
        }
        // One with a period is kept whole, to be written again and again.
        if (tensor.period == 0 && block.size() + width > block_bytes) {
            sink(block);
            block.clear();
        }
    }
    std::uint64_t left = tensor.period == 0 ? block.size() : tensor.bytes();
    while (left > 0) {
        const std::uint64_t now = std::min<std::uint64_t>(left, block.size());
        sink(std::span(block).first(static_cast<std::size_t>(now)));
        left -= now;
    }
}

} // namespace

std::string_view dtype_name(SampleType type) noexcept
{
    return type == SampleType::bf16 ? "BF16" : type == SampleType::f16 ? "F16" : "F32";
}

std::uint64_t bytes_of(SampleType type) noexcept
{
    return type == SampleType::f32 ? 4 : 2;
}

std::uint64_t sample_seed(std::string_view tensor_name) noexcept
{
    std::uint64_t hash = 0xcbf29ce484222325u; // FNV-1a
    for (const char c : tensor_name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    }
    return hash;
}

std::uint32_t sample_f32_bits(std::uint64_t seed, std::uint64_t index) noexcept
{
    std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15u; // splitmix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    const auto sign = static_cast<std::uint32_t>(z >> 63) << 31;
    const auto exponent = 120u + static_cast<std::uint32_t>((z >> 40) % 6); // 2^-7 to 2^-2
    return sign | (exponent << 23) | static_cast<std::uint32_t>(z & 0x7fffff);
}

std::uint16_t sample_bf16_bits(std::uint64_t seed, std::uint64_t index) noexcept
{
    return static_cast<std::uint16_t>(sample_f32_bits(seed, index) >> 16);
}

std::uint16_t sample_f16_bits(std::uint64_t seed, std::uint64_t index) noexcept
{
    const std::uint32_t bits = sample_f32_bits(seed, index);
    const std::uint32_t exponent = ((bits >> 23) & 0xff) - 127 + 15; // in range: no zero, no overflow
    return static_cast<std::uint16_t>(((bits >> 31) << 15) | (exponent << 10) | ((bits >> 13) & 0x3ff));
}

std::uint64_t SampleTensor::elements() const
{
    std::uint64_t count = 1;
    for (const std::uint64_t dimension : shape) {
        count *= dimension;
    }
    return count;
}

SampleShard::SampleShard(std::vector<SampleTensor> tensors, std::uint64_t padding)
    : tensors_(std::move(tensors))
{
    std::sort(tensors_.begin(), tensors_.end(), [](const SampleTensor& a, const SampleTensor& b) {
        return bytes_of(a.type) != bytes_of(b.type) ? bytes_of(a.type) > bytes_of(b.type) : a.name < b.name;
    });
    std::string text = "{\"__metadata__\":{\"format\":\"pt\"}";
    std::uint64_t offset = 0;
    for (const SampleTensor& tensor : tensors_) {
        const json::array shape(tensor.shape.begin(), tensor.shape.end());
        const json::object entry{{"dtype", dtype_name(tensor.type)},
                                 {"shape", shape},
                                 {"data_offsets", {offset, offset + tensor.bytes()}}};
        text += "," + ascii_json_string(tensor.name) + ":" + canonical_json(entry);
        offset += tensor.bytes();
    }
    text += "}";
    text.resize((text.size() + 7) / 8 * 8 + static_cast<std::size_t>(padding), ' ');
    for (int shift = 0; shift < 64; shift += 8) {
        header_ += static_cast<char>((text.size() >> shift) & 0xff);
    }
    header_ += text;
}

std::uint64_t SampleShard::bytes() const
{
    std::uint64_t sum = header_.size();
    for (const SampleTensor& tensor : tensors_) {
        sum += tensor.bytes();
    }
    return sum;
}

void SampleShard::write(const std::function<void(std::span<const std::byte>)>& sink) const
{
    sink(std::as_bytes(std::span(header_)));
    for (const SampleTensor& tensor : tensors_) {
        write_tensor(tensor, sink);
    }
}

} // namespace skw::localhub

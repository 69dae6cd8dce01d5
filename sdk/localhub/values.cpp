// SPDX-License-Identifier: Apache-2.0
// splitmix64 over a hash of the name; eight bytes at a time, all lanes of a word are given their range at
// once.
#include "localhub/values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace skw::localhub {
namespace {

constexpr std::array<std::string_view, 11> dtype_names{"BF16", "F16", "F32", "F8_E4M3", "F8_E5M2", "F8_E8M0",
                                                       "I8",   "U8",  "I32", "U32",     "I64"};
constexpr std::array<std::string_view, 9> role_names{"number",         "weight",         "scale",
                                                     "wide_scale",     "wide_fp4_scale", "power_of_two",
                                                     "global_divisor", "zero_point",     "table"};

constexpr std::uint64_t lanes8(std::uint64_t value)
{
    return value * 0x0101010101010101u;
}
constexpr std::uint64_t lanes16(std::uint64_t value)
{
    return value * 0x0001000100010001u;
}
constexpr std::uint64_t lanes32(std::uint64_t value)
{
    return value * 0x0000000100000001u;
}

inline std::uint64_t mix(std::uint64_t seed, std::uint64_t index) noexcept // splitmix64
{
    std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// 0xff in each byte that equals `code`, by the exact test for zero bytes.
inline std::uint64_t bytes_equal(std::uint64_t x, std::uint64_t code) noexcept
{
    const std::uint64_t y = x ^ lanes8(code);
    const std::uint64_t hit = ~(((y & lanes8(0x7f)) + lanes8(0x7f)) | y | lanes8(0x7f));
    return (hit >> 7) * 0xff;
}

// 0x3f in place of each byte whose low seven bits are `least` or more: codes for NaN and infinity go.
inline std::uint64_t without_codes_from(std::uint64_t x, std::uint64_t least) noexcept
{
    const std::uint64_t above = ((x & lanes8(0x7f)) + lanes8(0x80 - least)) & lanes8(0x80);
    return x ^ (above >> 1);
}

// Each is a pure map of 64 random bits to a word of elements.
struct Raw {
    std::uint64_t operator()(std::uint64_t x) const noexcept { return x; }
};
struct WeightBf16 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes16(0x83ff)) | lanes16(0x3c00);
    }
};
struct WeightF16 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes16(0x9fff)) | lanes16(0x2000);
    }
};
struct WeightF32 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes32(0x83ffffff)) | lanes32(0x3c000000);
    }
};
struct WeightE4m3 {
    std::uint64_t operator()(std::uint64_t x) const noexcept { return without_codes_from(x, 0x7f); }
};
struct WeightE5m2 {
    std::uint64_t operator()(std::uint64_t x) const noexcept { return without_codes_from(x, 0x7c); }
};
struct ScaleBf16 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes16(0x03ff)) + lanes16(115 << 7);
    }
};
struct ScaleF16 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes16(0x1fff)) + lanes16(3 << 10);
    }
};
struct ScaleF32 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes32(0x03ffffff)) + lanes32(115u << 23);
    }
};
struct ScaleE8m0 {
    std::uint64_t operator()(std::uint64_t x) const noexcept { return (x & lanes8(0x0f)) | lanes8(0x70); }
};
struct ScaleE4m3 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return without_codes_from(x & lanes8(0x7f), 0x7f);
    }
};
template<std::uint64_t Largest>
struct WideE8m0 {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        const std::uint64_t smallest = bytes_equal(x, 0xf0), largest = bytes_equal(x, 0xf1);
        return (ScaleE8m0()(x) & ~smallest & ~largest) | (largest & lanes8(Largest));
    }
};
struct PowerOfTwo {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes32(0x03800000)) + lanes32(115u << 23);
    }
};
struct GlobalDivisor {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return (x & lanes32(0x01ffffff)) + lanes32(136u << 23);
    }
};
struct ZeroPoint {
    std::uint64_t operator()(std::uint64_t x) const noexcept
    {
        return ((x & lanes8(0x0f)) + lanes8(0x78)) ^ lanes8(0x80);
    }
};
struct Table32 {
    std::uint64_t operator()(std::uint64_t x) const noexcept { return x & lanes32(0xff); }
};
struct Table64 {
    std::uint64_t operator()(std::uint64_t x) const noexcept { return x & 0xff; }
};

// Calls with the map of a type in a role; what no family uses is raw bits.
template<class Use>
auto with_map(SampleType type, SampleRole role, Use use)
{
    switch (role) {
    case SampleRole::wide_scale: return use(WideE8m0<0xf6>());
    case SampleRole::wide_fp4_scale: return use(WideE8m0<0xfc>());
    case SampleRole::power_of_two: return use(PowerOfTwo());
    case SampleRole::global_divisor: return use(GlobalDivisor());
    case SampleRole::zero_point: return use(ZeroPoint());
    case SampleRole::table:
        if (type == SampleType::i64) {
            return use(Table64());
        }
        return use(Table32());
    case SampleRole::scale:
        switch (type) {
        case SampleType::bf16: return use(ScaleBf16());
        case SampleType::f16: return use(ScaleF16());
        case SampleType::f32: return use(ScaleF32());
        case SampleType::f8_e4m3: return use(ScaleE4m3());
        default: return use(ScaleE8m0()); // also when its bytes are stored as U8
        }
    case SampleRole::number:
    case SampleRole::weight: break;
    }
    switch (type) {
    case SampleType::bf16: return use(WeightBf16());
    case SampleType::f16: return use(WeightF16());
    case SampleType::f32: return use(WeightF32());
    case SampleType::f8_e4m3: return use(WeightE4m3());
    case SampleType::f8_e5m2: return use(WeightE5m2());
    default: return use(Raw());
    }
}

template<class Word>
inline void store_word(std::byte* at, Word word) noexcept // little-endian, whatever this machine is
{
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at, &word, sizeof word);
    } else {
        for (std::size_t i = 0; i < sizeof word; ++i) {
            at[i] = static_cast<std::byte>((word >> (8 * i)) & 0xff);
        }
    }
}

} // namespace

std::string_view dtype_name(SampleType type) noexcept
{
    return dtype_names[static_cast<std::size_t>(type)];
}

std::optional<SampleType> find_sample_type(std::string_view name) noexcept
{
    const auto at = std::find(dtype_names.begin(), dtype_names.end(), name);
    return at == dtype_names.end() ? std::nullopt
                                   : std::optional(static_cast<SampleType>(at - dtype_names.begin()));
}

std::uint64_t bytes_of(SampleType type) noexcept
{
    switch (type) {
    case SampleType::bf16:
    case SampleType::f16: return 2;
    case SampleType::f32:
    case SampleType::i32:
    case SampleType::u32: return 4;
    case SampleType::i64: return 8;
    default: return 1;
    }
}

std::string_view role_name(SampleRole role) noexcept
{
    return role_names[static_cast<std::size_t>(role)];
}

std::optional<SampleRole> find_sample_role(std::string_view name) noexcept
{
    const auto at = std::find(role_names.begin(), role_names.end(), name);
    return at == role_names.end() ? std::nullopt
                                  : std::optional(static_cast<SampleRole>(at - role_names.begin()));
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
    const std::uint64_t z = mix(seed, index);
    const auto sign = static_cast<std::uint32_t>(z >> 63) << 31;
    const auto exponent = 120u + static_cast<std::uint32_t>(z >> 40) % 6; // 2^-7 to 2^-2
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

void fill_bf16_numbers(std::uint64_t seed, std::uint64_t first, std::span<std::byte> out) noexcept
{
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        store_word(out.data() + 2 * i, sample_bf16_bits(seed, first + i));
    }
}

std::uint64_t sample_word(SampleType type, SampleRole role, std::uint64_t seed, std::uint64_t index) noexcept
{
    return with_map(type, role, [&](auto map) { return map(mix(seed, index)); });
}

void fill_words(SampleType type, SampleRole role, std::uint64_t seed, std::uint64_t offset,
                std::span<std::byte> out) noexcept
{
    with_map(type, role, [&](auto map) {
        std::array<std::byte, 8> word;
        std::uint64_t index = offset / 8;
        if (const std::size_t skip = offset % 8; skip != 0 && !out.empty()) { // the rest of a word
            const std::size_t some = std::min(out.size(), 8 - skip);
            store_word(word.data(), map(mix(seed, index++)));
            std::copy_n(word.begin() + static_cast<std::ptrdiff_t>(skip), some, out.begin());
            out = out.subspan(some);
        }
        const std::size_t whole = out.size() / 8;
        std::byte* at = out.data();
        for (std::size_t i = 0; i < whole; ++i) {
            store_word(at + 8 * i, map(mix(seed, index + i)));
        }
        if (const std::size_t some = out.size() % 8; some != 0) {
            store_word(word.data(), map(mix(seed, index + whole)));
            std::copy_n(word.begin(), some, out.begin() + static_cast<std::ptrdiff_t>(8 * whole));
        }
    });
}

} // namespace skw::localhub

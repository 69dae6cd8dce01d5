// SPDX-License-Identifier: Apache-2.0
// Rows for the kernels' tests: buffers with a forbidden page behind them, and one call for every format.
#pragma once

#include "mtp/kernels/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <ostream>
#include <span>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace skw::mtp::test {

// The sets that run on this machine, the reference included.
inline std::vector<const Kernels*> running()
{
    std::vector<const Kernels*> sets;
    for (const Kernels* set : all_kernels()) {
        if (set->runs_here()) {
            sets.push_back(set);
        }
    }
    return sets;
}

struct Format {
    std::string_view name;
    std::size_t bits = 0; // of a stored element
    PlainRow Kernels::*plain = nullptr;
    ScaledRow Kernels::*scaled = nullptr; // neither: I8 with a zero point
    std::size_t bytes(std::size_t elements) const { return elements * bits / 8; }
    bool needs_scales() const { return plain == nullptr; }
};

inline constexpr Format bf16{"bf16", 16, &Kernels::bf16, nullptr};
inline constexpr Format f16{"f16", 16, &Kernels::f16, nullptr};
inline constexpr Format f32{"f32", 32, &Kernels::f32, nullptr};
inline constexpr Format e4m3{"e4m3", 8, nullptr, &Kernels::e4m3};
inline constexpr Format e5m2{"e5m2", 8, nullptr, &Kernels::e5m2};
inline constexpr Format i8{"i8", 8, nullptr, &Kernels::i8};
inline constexpr Format i8_zero{"i8-zero", 8, nullptr, nullptr};
inline constexpr Format fp4{"fp4", 4, nullptr, &Kernels::fp4};
inline constexpr const Format* formats[]{&bf16, &f16, &f32, &e4m3, &e5m2, &i8, &i8_zero, &fp4};

struct Scales {
    std::vector<float> values, zeros; // zeros: as many, for I8 with a zero point
    std::size_t width = 1;
};

inline void convert(const Kernels& kernels, const Format& format, std::span<const std::byte> in,
                    const Scales& scales, std::span<std::byte> out, Tally& tally)
{
    if (format.plain != nullptr) {
        (kernels.*format.plain)(in, out, tally);
    } else if (format.scaled != nullptr) {
        (kernels.*format.scaled)(in, scales.values, scales.width, out, tally);
    } else {
        kernels.i8_zero(in, scales.values, scales.zeros, scales.width, out, tally);
    }
}

// BF16 bits of a row.
inline std::vector<std::uint16_t> converted(const Kernels& kernels, const Format& format,
                                            std::span<const std::byte> in, const Scales& scales, Tally& tally)
{
    std::vector<std::uint16_t> values(in.size() * 8 / format.bits);
    std::vector<std::byte> out(2 * values.size() + 64); // more, for a failure that can be reported
    convert(kernels, format, in, scales, std::span(out).first(2 * values.size()), tally);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::uint16_t>(std::to_integer<unsigned>(out[2 * i]) |
                                               std::to_integer<unsigned>(out[2 * i + 1]) << 8);
    }
    return values;
}

// Little-endian bytes of whole numbers of `size` bytes each.
inline std::vector<std::byte> bytes_of(const std::vector<std::uint32_t>& values, std::size_t size)
{
    std::vector<std::byte> out(values.size() * size);
    for (std::size_t at = 0; at < out.size(); ++at) {
        out[at] = static_cast<std::byte>(values[at / size] >> (8 * (at % size)) & 0xff);
    }
    return out;
}

// Memory whose last byte is the last that may be touched: what lies behind it may be neither read nor
// written.
class EdgeBuffer {
public:
    explicit EdgeBuffer(std::size_t size)
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          whole_((size + page_ - 1) / page_ * page_)
    {
        void* memory =
            mmap(nullptr, whole_ + page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            throw std::bad_alloc();
        }
        begin_ = static_cast<std::byte*>(memory);
        if (mprotect(begin_ + whole_, page_, PROT_NONE) != 0) {
            std::abort();
        }
    }
    EdgeBuffer(const EdgeBuffer&) = delete;
    EdgeBuffer& operator=(const EdgeBuffer&) = delete;
    ~EdgeBuffer() { munmap(begin_, whole_ + page_); }
    // The last `size` bytes but `gap`.
    std::span<std::byte> last(std::size_t size, std::size_t gap = 0)
    {
        return {begin_ + whole_ - gap - size, size};
    }
    std::span<std::byte> all() { return {begin_, whole_}; }

private:
    std::size_t page_, whole_;
    std::byte* begin_ = nullptr;
};

inline bool operator==(const Tally& a, const Tally& b)
{
    return a.nan == b.nan && a.inf_in_source == b.inf_in_source && a.overflow == b.overflow;
}

// Every how many cases are tried: 1 of each unless SKW_TEST_STRIDE says more, for slow machines.
inline std::size_t stride()
{
    const char* given = std::getenv("SKW_TEST_STRIDE");
    const long value = given == nullptr ? 1 : std::atol(given);
    return value < 1 ? 1 : static_cast<std::size_t>(value);
}

} // namespace skw::mtp::test

// SPDX-License-Identifier: Apache-2.0
// How fast rows become BF16, beside memcpy of as many bytes: one core, buffers beyond the cache.
#include "mtp/kernels/kernels.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace skw::mtp;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t columns = 7168; // of DeepSeek-V3's hidden state: 7 KiB of FP8 a row
constexpr std::size_t rows = 8192;
constexpr std::size_t elements = columns * rows;

// What one row of the table converts. A width of 0 is no scale at all; the whole row otherwise at most.
struct Case {
    const char* format;
    std::size_t bits; // of a stored element
    std::size_t width;
    ScaledRow Kernels::*scaled;
    PlainRow Kernels::*plain;
};
constexpr Case cases[]{
    {"e4m3", 8, 128, &Kernels::e4m3, nullptr},     {"e4m3", 8, 32, &Kernels::e4m3, nullptr},
    {"e4m3", 8, columns, &Kernels::e4m3, nullptr}, {"e5m2", 8, 128, &Kernels::e5m2, nullptr},
    {"fp4", 4, 32, &Kernels::fp4, nullptr},        {"fp4", 4, 16, &Kernels::fp4, nullptr},
    {"i8", 8, columns, &Kernels::i8, nullptr},     {"i8-zero", 8, columns, nullptr, nullptr},
    {"bf16", 16, 0, nullptr, &Kernels::bf16},      {"f16", 16, 0, nullptr, &Kernels::f16},
    {"f32", 32, 0, nullptr, &Kernels::f32},
};

// Pages of their own, so that both sides see the same alignment.
struct Buffers {
    struct Release {
        void operator()(std::byte* bytes) const { std::free(bytes); }
    };
    static std::span<std::byte> make(std::unique_ptr<std::byte, Release>& owner, std::size_t size)
    {
        const std::size_t page = 4096;
        const std::size_t whole = (size + page - 1) / page * page;
        owner.reset(static_cast<std::byte*>(std::aligned_alloc(page, whole)));
        if (!owner) {
            std::fputs("not enough memory for the bench\n", stderr);
            std::exit(1);
        }
        std::memset(owner.get(), 0x55, whole);
        return {owner.get(), size};
    }
    std::unique_ptr<std::byte, Release> in_owner, out_owner;
    std::span<std::byte> in = make(in_owner, elements * 4), out = make(out_owner, elements * 3);
};

// Finite values of every format: no byte is a NaN or an infinity, as any of them or as part of one.
void fill(std::span<std::byte> bytes)
{
    std::minstd_rand random(4);
    for (std::byte& byte : bytes) {
        const auto code = static_cast<unsigned>(random() >> 8);
        byte = static_cast<std::byte>((code & 0x80u) | (code % 0x78u));
    }
}

void convert(const Kernels& kernels, const Case& what, const Buffers& data, std::span<const float> scales,
             std::size_t count)
{
    Tally tally;
    const std::size_t row_bytes = columns * what.bits / 8;
    for (std::size_t row = 0; row < count; ++row) {
        const auto in = data.in.subspan(row * row_bytes, row_bytes);
        const auto out = data.out.subspan(row * columns * 2, columns * 2);
        if (what.plain != nullptr) {
            (kernels.*what.plain)(in, out, tally);
        } else if (what.scaled != nullptr) {
            (kernels.*what.scaled)(in, scales, what.width, out, tally);
        } else {
            kernels.i8_zero(in, scales, scales, what.width, out, tally);
        }
    }
    if (tally.nan + tally.inf_in_source + tally.overflow != 0) {
        std::fprintf(stderr, "%s: the bench's input is meant to be clean\n", what.format);
        std::exit(1);
    }
}

double seconds_since(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void measure(const Kernels& kernels, const Case& what, Buffers& data, int pairs)
{
    std::vector<float> scales(what.width == 0 ? 0 : columns / what.width);
    for (std::size_t i = 0; i < scales.size(); ++i) {
        scales[i] = 0.001f * static_cast<float>(i % 7 + 1);
    }
    const std::size_t total = elements * (what.bits + 16) / 8; // bytes read and written
    const std::size_t copied = total / 2;
    std::vector<double> rates, copy_rates, ratios;
    for (int pair = 0; pair <= pairs; ++pair) {
        const Clock::time_point begin = Clock::now();
        convert(kernels, what, data, scales, rows);
        const double ours = seconds_since(begin);
        const Clock::time_point copy_begin = Clock::now();
        std::memcpy(data.out.data(), data.in.data(), copied);
        const double copy = seconds_since(copy_begin);
        if (pair > 0) { // the first only warms up
            rates.push_back(static_cast<double>(total) / ours * 1e-9);
            copy_rates.push_back(static_cast<double>(total) / copy * 1e-9);
            ratios.push_back(copy / ours);
        }
    }
    // The same bytes again and again: what the arithmetic alone allows.
    std::vector<double> cached_rates;
    for (int batch = 0; batch < 9; ++batch) {
        const int repeats = 40;
        const Clock::time_point begin = Clock::now();
        for (int repeat = 0; repeat < repeats; ++repeat) {
            convert(kernels, what, data, scales, 1);
        }
        const double bytes = static_cast<double>(total / rows) * repeats;
        cached_rates.push_back(bytes / seconds_since(begin) * 1e-9);
    }
    const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    std::printf("%s %s %zu %.2f %.2f %.3f %.3f %.3f %.2f\n", what.format, std::string(kernels.name).c_str(),
                what.width, median(rates), median(copy_rates), median(ratios), *least, *most,
                median(cached_rates));
    std::fflush(stdout);
}

} // namespace

// bench_convert [PAIRS]: a line for each format and kernel set:
// format kernels width GB/s memcpy-GB/s ratio least-ratio most-ratio GB/s-in-cache
int main(int argc, char** argv)
{
    const int pairs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
    Buffers data;
    fill(data.in);
    for (const Case& what : cases) {
        for (const Kernels* kernels : all_kernels()) {
            if (kernels->runs_here()) {
                const bool slow = kernels->name == "reference";
                measure(*kernels, what, data, slow ? std::min(pairs, 3) : pairs);
            }
        }
    }
}

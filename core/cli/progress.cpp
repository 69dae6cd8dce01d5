// SPDX-License-Identifier: Apache-2.0
// A publish as the operator sees it.
#include "cli/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <system_error>

namespace skw::cli {
namespace {

constexpr std::chrono::milliseconds redraw_every{100};

// The contract's unit for upload lines: 2^30 bytes, one decimal.
std::string binary_gigabytes(std::uint64_t bytes)
{
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.1f GB", static_cast<double>(bytes) / 1073741824.0);
    return buffer.data();
}

} // namespace

ProgressView::~ProgressView()
{
    drawer_ = {}; // asked to stop, and awaited
    if (on_terminal_) {
        output_.block({});
    }
}

void ProgressView::entry(std::string_view key, std::size_t number, std::size_t count)
{
    if (count > 1) {
        output_.note("entry " + std::to_string(number) + " of " + std::to_string(count) + ": " +
                     std::string(key));
    }
}

void ProgressView::line(std::string_view kind, std::string_view text)
{
    output_.note(std::string(kind) + ": " + std::string(text));
}

void ProgressView::warning(std::string_view text)
{
    output_.warning(text);
}

void ProgressView::detail(std::string_view text)
{
    output_.detail(text);
}

void ProgressView::failed(const Error& error)
{
    stage_over();
    if (error.code() == ErrorCode::cancelled) {
        output_.begin_line();
    }
    output_.failure(error);
}

void ProgressView::progress(std::string_view kind, Stage stage, Amount amount)
{
    const std::scoped_lock lock(state_);
    if (!on_terminal_) {
        if (stage == Stage::uploading) {
            uploading_line(kind, amount.done, amount.total);
        }
        return;
    }
    transfers_.set_total(kind, stage, amount, std::chrono::steady_clock::now());
    if (!drawer_.joinable()) {
        try {
            drawer_ = std::jthread([this](const std::stop_token& stop) { draw_again_and_again(stop); });
        } catch (const std::system_error&) {
            return; // no thread to be had: the work goes on unseen, and the next call tries again
        }
    }
}

void ProgressView::transfer(std::string_view name, std::uint64_t done, std::uint64_t size)
{
    if (on_terminal_) {
        const std::scoped_lock lock(state_);
        transfers_.set(name, done, size, std::chrono::steady_clock::now());
    }
}

void ProgressView::stage_over()
{
    {
        const std::scoped_lock lock(state_);
        transfers_.clear();
        shown_percent_ = -2;
    }
    if (on_terminal_) {
        draw();
    }
}

// Scripts read these lines: at least two points apart, 99 at most, as "published" tells the end.
void ProgressView::uploading_line(std::string_view kind, std::uint64_t done, std::uint64_t total)
{
    if (total == 0 || done == 0) {
        return;
    }
    const double share = 100.0 * static_cast<double>(done) / static_cast<double>(total);
    const int percent = static_cast<int>(std::min(99.0, share));
    if (percent < shown_percent_ + 2) {
        return;
    }
    shown_percent_ = percent;
    output_.note(std::string(kind) + ": uploading " + std::to_string(percent) + "% (" +
                 binary_gigabytes(done) + " / " + binary_gigabytes(total) + ")");
}

// By its own clock, as a transfer that stands still calls nobody.
void ProgressView::draw_again_and_again(const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        draw();
        std::unique_lock lock(state_);
        never_.wait_for(lock, stop, redraw_every, [] { return false; });
    }
}

void ProgressView::draw()
{
    const std::scoped_lock drawing(drawing_);
    std::vector<std::string> lines;
    {
        const std::scoped_lock lock(state_);
        lines = transfers_.lines(std::chrono::steady_clock::now(), terminal_size());
    }
    output_.block(std::move(lines));
}

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// A publish as the operator sees it.
#include "cli/progress.hpp"

#include "support/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace skw::cli {
namespace {

// The contract's unit for upload lines: 2^30 bytes, one decimal.
std::string binary_gigabytes(std::uint64_t bytes)
{
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.1f GB", static_cast<double>(bytes) / 1073741824.0);
    return buffer.data();
}

// Asked for every time, since a window changes.
std::size_t terminal_columns()
{
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

} // namespace

std::string progress_text(std::string_view kind, std::string_view verb, publish::Observer::Amount amount,
                          double per_second)
{
    const auto [done, total, unit] = amount;
    const bool is_bytes = unit == publish::Observer::Unit::bytes;
    const auto shown = [&](std::uint64_t number) {
        return is_bytes ? human_bytes(number) : std::to_string(number);
    };
    std::string text = std::string(kind) + ": " + std::string(verb) + " " + shown(done);
    if (total > 0) {
        text += " of " + shown(total) + "  " +
                std::to_string(std::min<std::uint64_t>(100, done * 100 / total)) + "%";
    }
    if (is_bytes && per_second >= 1) {
        text += "  " + human_bytes(static_cast<std::uint64_t>(per_second)) + "/s";
    }
    // Layers may take minutes each; a byte a second is standing still.
    if (total > done && per_second >= (is_bytes ? 1 : 1e-4)) {
        text +=
            "  " +
            human_seconds(static_cast<std::uint64_t>(static_cast<double>(total - done) / per_second) + 1) +
            " left";
    }
    return text;
}

std::string fit_line(std::string_view line, std::size_t columns)
{
    // The last column stays free: some terminals go on to the next line as soon as it is filled.
    while (columns > 1 && line.size() >= columns) {
        const std::size_t part = line.rfind("  ");
        line = line.substr(0, part == std::string_view::npos ? columns - 1 : part);
    }
    return std::string(line);
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
    output_.failure(error);
}

void ProgressView::progress(std::string_view kind, Stage stage, Amount amount)
{
    const std::scoped_lock lock(mutex_);
    if (on_terminal_) {
        redraw(kind, stage, amount);
    } else if (stage == Stage::uploading) {
        uploading_line(kind, amount.done, amount.total);
    }
}

// Scripts read these lines: at least two points apart, 99 at most, as "published" tells the end.
void ProgressView::uploading_line(std::string_view kind, std::uint64_t done, std::uint64_t total)
{
    if (total == 0 || done == 0) {
        return;
    }
    const int percent = static_cast<int>(std::min<std::uint64_t>(99, done * 100 / total));
    if (percent < shown_percent_ + 2) {
        return;
    }
    shown_percent_ = percent;
    output_.note(std::string(kind) + ": uploading " + std::to_string(percent) + "% (" +
                 binary_gigabytes(done) + " / " + binary_gigabytes(total) + ")");
}

void ProgressView::redraw(std::string_view kind, Stage stage, Amount amount)
{
    const auto [done, total, unit] = amount;
    const Clock::time_point now = Clock::now();
    if (!started_ || stage != stage_ || done < measured_bytes_) { // a retry goes back
        started_ = true;
        stage_ = stage;
        measured_ = now;
        measured_bytes_ = done;
        rate_ = 0;
    }
    const double seconds = std::chrono::duration<double>(now - measured_).count();
    if (seconds >= 0.5) {
        const double latest = static_cast<double>(done - measured_bytes_) / seconds;
        rate_ = rate_ == 0 ? latest : 0.7 * rate_ + 0.3 * latest;
        measured_ = now;
        measured_bytes_ = done;
    }
    if (done >= total && total > 0) {
        output_.transient("");
    } else if (now - drawn_ >= std::chrono::milliseconds(100)) {
        drawn_ = now;
        const char* verb = stage == Stage::uploading ? "uploading" : unit == Unit::bytes ? "reading" : "step";
        output_.transient(fit_line(progress_text(kind, verb, amount, rate_), terminal_columns()));
    }
}

} // namespace skw::cli

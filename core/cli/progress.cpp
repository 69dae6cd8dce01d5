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

std::string progress_text(std::string_view kind, std::string_view verb, std::uint64_t done,
                          std::uint64_t total, double bytes_per_second)
{
    std::string text = std::string(kind) + ": " + std::string(verb) + " " + human_bytes(done);
    if (total > 0) {
        text += " of " + human_bytes(total) + "  " +
                std::to_string(std::min<std::uint64_t>(100, done * 100 / total)) + "%";
    }
    if (bytes_per_second >= 1) {
        text += "  " + human_bytes(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
        if (total > done) {
            text +=
                "  " +
                human_seconds(
                    static_cast<std::uint64_t>(static_cast<double>(total - done) / bytes_per_second) + 1) +
                " left";
        }
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
    if (verbose_) {
        output_.note(text);
    }
}

void ProgressView::progress(std::string_view kind, Stage stage, std::uint64_t done, std::uint64_t total)
{
    const std::scoped_lock lock(mutex_);
    if (on_terminal_) {
        redraw(kind, stage, done, total);
    } else if (stage == Stage::uploading) {
        uploading_line(kind, done, total);
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

void ProgressView::redraw(std::string_view kind, Stage stage, std::uint64_t done, std::uint64_t total)
{
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
        output_.transient(fit_line(
            progress_text(kind, stage == Stage::uploading ? "uploading" : "reading", done, total, rate_),
            terminal_columns()));
    }
}

} // namespace skw::cli

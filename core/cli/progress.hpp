// SPDX-License-Identifier: Apache-2.0
// A publish as the operator sees it: one redrawn line on a terminal, sparse lines elsewhere.
#pragma once

#include "cli/output.hpp"
#include "publish/observer.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace skw::cli {

// What one long stage looks like: how much, share, rate over the last seconds (of bytes), time left.
std::string progress_text(std::string_view kind, std::string_view verb, publish::Observer::Amount amount,
                          double per_second);

// The line without its last parts as far as it is wider than the terminal: a wrapped line cannot be redrawn.
// A width of 0 is unknown.
std::string fit_line(std::string_view line, std::size_t columns);

class ProgressView : public publish::Observer {
public:
    using Clock = std::chrono::steady_clock;

    explicit ProgressView(Output& output) : output_(output), on_terminal_(output.manner().redraw) {}

    void line(std::string_view kind, std::string_view text) override;
    void warning(std::string_view text) override;
    void detail(std::string_view text) override;
    void failed(const Error& error) override;
    void progress(std::string_view kind, Stage stage, Amount amount) override;

private:
    void uploading_line(std::string_view kind, std::uint64_t done, std::uint64_t total);
    void redraw(std::string_view kind, Stage stage, Amount amount);

    Output& output_;
    bool on_terminal_;
    std::mutex mutex_;
    Clock::time_point drawn_{}, measured_{};
    std::uint64_t measured_bytes_ = 0;
    double rate_ = 0;
    Stage stage_ = Stage::making;
    bool started_ = false;
    int shown_percent_ = -2;
};

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// A publish as the operator sees it: on a terminal lines that are redrawn in place, sparse lines elsewhere.
#pragma once

#include "cli/output.hpp"
#include "cli/transfers.hpp"
#include "publish/observer.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace skw::cli {

class ProgressView : public publish::Observer {
public:
    explicit ProgressView(Output& output) : output_(output), on_terminal_(output.manner().redraw) {}
    ~ProgressView() override;

    void entry(std::string_view key, std::size_t number, std::size_t count) override;
    void line(std::string_view kind, std::string_view text) override;
    void warning(std::string_view text) override;
    void detail(std::string_view text) override;
    void failed(const Error& error) override;
    void progress(std::string_view kind, Stage stage, Amount amount) override;
    void transfer(std::string_view name, std::uint64_t done, std::uint64_t size) override;
    void stage_over() override;

private:
    void uploading_line(std::string_view kind, std::uint64_t done, std::uint64_t total);
    void draw_again_and_again(const std::stop_token& stop);
    void draw();

    Output& output_;
    const bool on_terminal_;
    // Those who move bytes wait for state_ only, which nobody holds while a slow terminal is written to.
    std::mutex state_;
    Transfers transfers_;
    int shown_percent_ = -2;
    std::mutex drawing_; // taken before state_
    std::condition_variable_any never_;
    std::jthread drawer_; // of a terminal, from the first progress on
};

} // namespace skw::cli

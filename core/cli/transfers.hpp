// SPDX-License-Identifier: Apache-2.0
// What moves at the moment, as lines for a terminal: one of all together, and one of each file that moves at
// the same time as others. Knows neither clock nor terminal. One thread at a time.
#pragma once

#include "cli/terminal.hpp"
#include "publish/observer.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skw::cli {

using Moment = std::chrono::steady_clock::time_point;

// How fast an amount grows, and since when it does not.
class Pace {
public:
    void set(std::uint64_t done, Moment now); // less than before: a retry, the measure begins anew
    std::uint64_t done() const noexcept { return done_; }
    // Over the last seconds; 0 as long as it is not known.
    double per_second(Moment now);
    // Over all the time: for what takes long and is counted in few steps.
    double mean_per_second(Moment now) const;
    std::chrono::seconds still(Moment now) const; // since the last growth

private:
    Moment begin_{}, moved_{}, measured_{};
    std::uint64_t done_ = 0, first_ = 0, measured_done_ = 0;
    double rate_ = 0;
    bool begun_ = false;
};

// The line of all together, as much of it as is narrower than the terminal: how much, share, rate, time left.
// still: how long no byte has come; from stalled_after on that is told in place of rate and time left.
inline constexpr std::chrono::seconds stalled_after{10};
std::string total_line(std::string_view kind, std::string_view verb, publish::Observer::Amount amount,
                       double per_second, std::chrono::seconds still, std::size_t columns);

class Transfers {
public:
    void set_total(std::string_view kind, publish::Observer::Stage stage, publish::Observer::Amount amount,
                   Moment now);
    // One file. It stands there until all of it is done.
    void set(std::string_view name, std::uint64_t done, std::uint64_t size, Moment now);
    void clear();

    // Each narrower than the terminal, and fewer than it has rows; none while nothing moves.
    std::vector<std::string> lines(Moment now, TerminalSize terminal);

private:
    struct One {
        std::string name;
        std::uint64_t size = 0;
        Pace pace;
    };
    // The columns of a file's line; "" = not known.
    struct Row {
        std::string name, amount, share, rate, left;
    };

    std::vector<Row> rows(Moment now);
    void add_rows(std::vector<std::string>& out, Moment now, TerminalSize terminal);

    std::string kind_;
    publish::Observer::Stage stage_ = publish::Observer::Stage::making;
    publish::Observer::Amount total_;
    bool has_total_ = false;
    Pace pace_;
    std::vector<One> files_; // in the order they began
};

} // namespace skw::cli

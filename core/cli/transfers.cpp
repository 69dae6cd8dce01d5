// SPDX-License-Identifier: Apache-2.0
// What moves at the moment, as lines for a terminal.
#include "cli/transfers.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::cli {
namespace {

using Amount = publish::Observer::Amount;
using Unit = publish::Observer::Unit;

constexpr double sample_seconds = 0.5;
constexpr std::size_t shortest_name = 16; // below that figures go first,
constexpr std::size_t shortest_with_share = 6; // and the share last
constexpr std::size_t free_rows = 3;      // what was said before stays in sight

double seconds_between(Moment begin, Moment end)
{
    return std::chrono::duration<double>(end - begin).count();
}

std::string amount_text(const Amount& amount)
{
    const auto shown = [&](std::uint64_t number) {
        return amount.unit == Unit::bytes ? human_bytes(number) : std::to_string(number);
    };
    return shown(amount.done) + (amount.total > 0 ? " of " + shown(amount.total) : "");
}

std::string share_text(const Amount& amount)
{
    if (amount.total == 0) {
        return "";
    }
    const double share = 100.0 * static_cast<double>(amount.done) / static_cast<double>(amount.total);
    return std::to_string(static_cast<int>(std::min(100.0, share))) + "%";
}

bool is_stalled(const Amount& amount, std::chrono::seconds still)
{
    return amount.unit == Unit::bytes && still >= stalled_after;
}

std::string rate_text(const Amount& amount, double per_second, std::chrono::seconds still)
{
    return amount.unit == Unit::bytes && per_second >= 1 && !is_stalled(amount, still)
               ? human_bytes(static_cast<std::uint64_t>(per_second)) + "/s"
               : "";
}

std::string left_text(const Amount& amount, double per_second, std::chrono::seconds still)
{
    if (is_stalled(amount, still)) {
        return "stalled for " + human_seconds(static_cast<std::uint64_t>(still.count()));
    }
    // Layers may take minutes each; a byte a second is standing still.
    if (amount.total <= amount.done || per_second < (amount.unit == Unit::bytes ? 1 : 1e-4)) {
        return "";
    }
    const double seconds = static_cast<double>(amount.total - amount.done) / per_second;
    constexpr double longest = 1e7; // a third of a year: no forecast
    return seconds < longest ? human_seconds(static_cast<std::uint64_t>(seconds) + 1) + " left" : "";
}

std::string joined(std::string text, std::initializer_list<std::string_view> parts)
{
    for (const std::string_view part : parts) {
        text += part.empty() ? "" : "  " + std::string(part);
    }
    return text;
}

} // namespace

void Pace::set(std::uint64_t done, Moment now)
{
    if (!begun_ || done < done_) {
        begun_ = true;
        begin_ = moved_ = measured_ = now;
        first_ = measured_done_ = done;
        rate_ = 0;
    } else if (done > done_) {
        moved_ = now;
    }
    done_ = done;
}

double Pace::per_second(Moment now)
{
    const double seconds = seconds_between(measured_, now);
    if (begun_ && seconds >= sample_seconds) {
        const double latest = static_cast<double>(done_ - measured_done_) / seconds;
        rate_ = rate_ == 0 ? latest : 0.7 * rate_ + 0.3 * latest;
        measured_ = now;
        measured_done_ = done_;
    }
    return rate_;
}

double Pace::mean_per_second(Moment now) const
{
    const double seconds = seconds_between(begin_, now);
    return begun_ && seconds >= sample_seconds ? static_cast<double>(done_ - first_) / seconds : 0;
}

std::chrono::seconds Pace::still(Moment now) const
{
    return begun_ ? std::chrono::floor<std::chrono::seconds>(now - moved_) : std::chrono::seconds(0);
}

std::string total_line(std::string_view kind, std::string_view verb, Amount amount, double per_second,
                       std::chrono::seconds still, std::size_t columns)
{
    const std::string share = share_text(amount), rate = rate_text(amount, per_second, still),
                      left = left_text(amount, per_second, still);
    const std::string begin = plain_ascii(kind) + ":", work = begin + " " + std::string(verb);
    const std::string whole = work + " " + amount_text(amount);
    for (const std::string& line :
         {joined(whole, {share, rate, left}), joined(whole, {share, left}), joined(whole, {share}),
          joined(share.empty() ? whole : work + " " + share, {left}),
          joined(share.empty() ? whole : work + " " + share, {}),
          joined(share.empty() ? begin + " " + amount_text(amount) : begin + " " + share, {})}) {
        if (line.size() < columns) {
            return line;
        }
    }
    return ""; // half a figure is a wrong one
}

void Transfers::set_total(std::string_view kind, publish::Observer::Stage stage, Amount amount, Moment now)
{
    if (!has_total_ || kind != kind_ || stage != stage_) {
        pace_ = Pace();
        kind_ = kind;
        stage_ = stage;
    }
    has_total_ = true;
    total_ = amount;
    pace_.set(amount.done, now);
}

void Transfers::set(std::string_view name, std::uint64_t done, std::uint64_t size, Moment now)
{
    const auto known = std::ranges::find(files_, name, &One::name);
    if (done >= size) {
        if (known != files_.end()) {
            files_.erase(known);
        }
        return;
    }
    One& one = known != files_.end() ? *known : files_.emplace_back();
    one.name = name;
    one.size = size;
    one.pace.set(done, now);
}

void Transfers::clear()
{
    has_total_ = false;
    files_.clear();
}

std::vector<std::string> Transfers::lines(Moment now, TerminalSize terminal)
{
    std::vector<std::string> out;
    const bool is_known = total_.total > 0 || total_.done > 0;
    if (!has_total_ || !is_known || (total_.total > 0 && total_.done >= total_.total)) {
        return out;
    }
    const bool is_bytes = total_.unit == Unit::bytes;
    const std::string_view verb = stage_ == publish::Observer::Stage::uploading ? "uploading"
                                  : is_bytes                                    ? "reading"
                                                                                : "step";
    const double rate = is_bytes ? pace_.per_second(now) : pace_.mean_per_second(now);
    std::string line = total_line(kind_, verb, total_, rate, pace_.still(now), terminal.columns);
    if (line.empty()) {
        return out; // no terminal that anything could be read on
    }
    out.push_back(std::move(line));
    const bool is_all = files_.size() == 1 && files_.front().size == total_.total;
    if (!is_all) {
        add_rows(out, now, terminal);
    }
    return out;
}

std::vector<Transfers::Row> Transfers::rows(Moment now)
{
    std::vector<Row> rows;
    for (One& one : files_) {
        const Amount amount{one.pace.done(), one.size, Unit::bytes};
        const double rate = one.pace.per_second(now);
        const std::chrono::seconds still = one.pace.still(now);
        rows.push_back({plain_ascii(one.name), amount_text(amount), share_text(amount),
                        rate_text(amount, rate, still), left_text(amount, rate, still)});
    }
    return rows;
}

void Transfers::add_rows(std::vector<std::string>& out, Moment now, TerminalSize terminal)
{
    std::vector<Row> rows = this->rows(now);
    const std::size_t room = terminal.rows > free_rows + 1 ? terminal.rows - free_rows - 1 : 0;
    std::size_t more = 0;
    if (rows.size() > room) {
        more = rows.size() - (room > 0 ? room - 1 : 0);
        rows.resize(rows.size() - more);
    }
    const auto widest = [&](std::string Row::*cell) {
        std::size_t width = 0;
        for (const Row& row : rows) {
            width = std::max(width, (row.*cell).size());
        }
        return width;
    };
    // What a narrow terminal does without, first to last.
    using Cells = std::vector<std::string Row::*>;
    const std::array<Cells, 5> choices{Cells{&Row::amount, &Row::share, &Row::rate, &Row::left},
                                       Cells{&Row::amount, &Row::share, &Row::left},
                                       Cells{&Row::share, &Row::left}, Cells{&Row::share}, Cells{}};
    constexpr std::size_t indent = 2, gap = 2;
    const std::size_t longest = widest(&Row::name);
    for (const Cells& cells : choices) {
        std::size_t figures = indent + 1; // and one column stays free
        for (const auto cell : cells) {
            figures += widest(cell) > 0 ? gap + widest(cell) : 0;
        }
        const std::size_t shortest = cells.size() == 1 ? shortest_with_share : shortest_name;
        if (!cells.empty() && figures + std::min(longest, shortest) > terminal.columns) {
            continue;
        }
        const std::size_t most = terminal.columns > figures ? terminal.columns - figures : 0;
        for (Row& row : rows) {
            row.name = shorten_name(row.name, most);
        }
        const std::size_t width = widest(&Row::name);
        for (const Row& row : rows) {
            std::string line = std::string(indent, ' ') + row.name + std::string(width - row.name.size(), ' ');
            for (const auto cell : cells) {
                const std::string& text = row.*cell;
                const std::string fill(widest(cell) - text.size(), ' ');
                const bool is_left = cell == &Row::left;
                line += widest(cell) == 0 ? "" : std::string(gap, ' ') + (is_left ? text + fill : fill + text);
            }
            line.resize(line.find_last_not_of(' ') + 1);
            out.push_back(std::move(line));
        }
        break;
    }
    if (more > 0 && room > 0) {
        out.push_back(fit_line("  and " + std::to_string(more) + " more", terminal.columns));
    }
}

} // namespace skw::cli

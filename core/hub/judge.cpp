// SPDX-License-Identifier: Apache-2.0
// Retry decisions.
#include "hub/judge.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace skw::hub {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

// Digits only. A huge number becomes a day: longer than any budget, and no overflow later.
std::optional<seconds> parse_seconds(std::string_view text)
{
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    constexpr int day = 86'400;
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return seconds(failure == std::errc() ? std::min(value, day) : day);
}

std::optional<int> parse_number(std::string_view text)
{
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text)
{
    static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    const auto day = parse_number(text.substr(5, 2)), year = parse_number(text.substr(12, 4));
    const auto hour = parse_number(text.substr(17, 2)), minute = parse_number(text.substr(20, 2));
    const auto second = parse_number(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(
        std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
        std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60 || *year < 1970) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           seconds(*second);
}

bool is_passing(int status) noexcept
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

milliseconds backoff(int number, milliseconds first, double dice)
{
    const int doublings = std::clamp(number - 1, 0, 5);
    const double whole = static_cast<double>(std::min(first * (1 << doublings), first * 30).count());
    return milliseconds(static_cast<milliseconds::rep>(whole * (0.5 + dice / 2)));
}

Verdict judge(const Attempt& last, const Budget& left, double dice)
{
    const Verdict give_up;
    if (last.status == 0) {
        switch (last.failure.value_or(FailureKind::internal)) {
        case FailureKind::timed_out:
        case FailureKind::no_connection:
        case FailureKind::lost: break;
        default: return give_up;
        }
    } else if (!is_passing(last.status)) {
        return give_up;
    }
    const milliseconds asked = last.wait_asked.value_or(milliseconds(0));
    milliseconds pause = backoff(last.number, left.first_pause, dice);
    if (asked.count() > 0) {
        // A little later than asked, and not everybody at the same moment.
        pause = asked + milliseconds(static_cast<milliseconds::rep>(
                            dice * static_cast<double>(left.first_pause.count())));
    }
    if (last.number >= left.attempts || pause >= left.time) {
        return give_up;
    }
    // 429 is said before anything is done; every other of these may come after the work.
    const bool unknown = last.status == 0 ? last.maybe_done : last.status != 429;
    Verdict verdict;
    verdict.kind = unknown && !last.repeatable ? Verdict::Kind::look_first : Verdict::Kind::again;
    verdict.pause = pause;
    return verdict;
}

std::optional<milliseconds> parse_retry_after(std::string_view value,
                                              std::chrono::system_clock::time_point now)
{
    value = trimmed(value);
    if (const auto plain = parse_seconds(value)) {
        return *plain;
    }
    if (const auto when = parse_http_date(value)) {
        // In seconds: a far year does not fit into the clock's nanoseconds.
        const seconds wait = *when - std::chrono::floor<seconds>(now);
        return std::clamp<seconds>(wait, seconds(0), seconds(86'400));
    }
    return std::nullopt;
}

std::optional<milliseconds> parse_rate_limit(std::string_view value)
{
    while (!value.empty()) {
        const std::string_view policy = value.substr(0, value.find(','));
        value.remove_prefix(std::min(policy.size() + 1, value.size()));
        std::optional<seconds> rest, reset;
        for (std::string_view part = policy; !part.empty();) {
            const std::string_view item = trimmed(part.substr(0, part.find(';')));
            part.remove_prefix(std::min(part.find(';'), part.size() - 1) + 1);
            if (item.starts_with("r=")) {
                rest = parse_seconds(item.substr(2));
            } else if (item.starts_with("t=")) {
                reset = parse_seconds(item.substr(2));
            }
        }
        if (rest && reset && rest->count() == 0) {
            return *reset + seconds(1);
        }
    }
    return std::nullopt;
}

std::optional<milliseconds> wait_asked(const ReplyHead& reply, std::chrono::system_clock::time_point now)
{
    const auto asked = parse_retry_after(reply.header("Retry-After"), now);
    return asked ? asked : parse_rate_limit(reply.header("RateLimit"));
}

} // namespace skw::hub

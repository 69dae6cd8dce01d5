// SPDX-License-Identifier: Apache-2.0
// Signed addresses, kept while they are good.
#include "hub/session.hpp"

#include "hub/url.hpp"

#include <charconv>

namespace skw::hub {
namespace {

using std::chrono::system_clock;

constexpr std::size_t most_entries = 256;
constexpr std::chrono::seconds margin{60}; // a URL is checked when a connection begins, so this is plenty

std::optional<long long> parse_number(std::string_view text)
{
    long long value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = failure == std::errc() && end == text.data() + text.size();
    return whole && value >= 0 && value < 100'000'000'000 ? std::optional(value) : std::nullopt;
}

// X-Amz-Date: 20260820T101500Z
std::optional<system_clock::time_point> parse_stamp(std::string_view text)
{
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
        return std::nullopt;
    }
    const auto year = parse_number(text.substr(0, 4)), month = parse_number(text.substr(4, 2));
    const auto day = parse_number(text.substr(6, 2)), hour = parse_number(text.substr(9, 2));
    const auto minute = parse_number(text.substr(11, 2)), second = parse_number(text.substr(13, 2));
    if (!year || !month || !day || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok() || *year < 1970 || *year > 2200) { // what the clock's nanoseconds can hold
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

} // namespace

system_clock::time_point expiry_of(const Url& url)
{
    // Far, but within what the clock can hold: its count is of nanoseconds.
    constexpr long long latest = 9'000'000'000;
    if (const auto at = parse_number(url.query_value("Expires"))) {
        return system_clock::time_point(std::chrono::seconds(std::min(*at, latest)));
    }
    const auto signed_at = parse_stamp(url.query_value("X-Amz-Date"));
    const auto life = parse_number(url.query_value("X-Amz-Expires"));
    if (signed_at && life) {
        return *signed_at + std::chrono::seconds(std::min(*life, latest / 10));
    }
    return system_clock::time_point::max();
}

std::optional<Url> Locations::find(const std::string& key)
{
    const std::scoped_lock lock(mutex_);
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) {
        return std::nullopt;
    }
    if (entry->second.expires - margin <= system_clock::now()) {
        entries_.erase(entry);
        return std::nullopt;
    }
    return entry->second.url;
}

void Locations::put(const std::string& key, Url url)
{
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= most_entries) {
        entries_.clear(); // they come back at one request each
    }
    const auto expires = expiry_of(url);
    entries_.insert_or_assign(key, Entry{std::move(url), expires});
}

void Locations::drop(const std::string& key)
{
    const std::scoped_lock lock(mutex_);
    entries_.erase(key);
}

} // namespace skw::hub

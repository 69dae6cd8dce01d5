// SPDX-License-Identifier: Apache-2.0
// Request targets and form bodies: percent coding, path segments, query parameters.
#pragma once

#include "support/percent.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw::localhub {

// nullopt: a "%" without two hex digits, or bytes that are not UTF-8.
std::optional<std::string> percent_decoded(std::string_view text);

// "a=1&b=2", in order; "+" is a blank, as in forms. nullopt: not decodable.
using Parameters = std::vector<std::pair<std::string, std::string>>;
std::optional<Parameters> parse_form(std::string_view text);
const std::string* find(const Parameters& parameters, std::string_view name); // the first; nullptr

// A target cut up. The path's segments are decoded one by one, so that "%2F" stays inside a segment.
struct Target {
    std::string path;  // as sent
    std::string query; // as sent, without "?"
    std::vector<std::string> segments;
    Parameters parameters;

    static std::optional<Target> parse(std::string_view text);
    std::string parameter(std::string_view name) const; // "" when absent
    // Segments from this one on, joined by "/": a file's path however the client encoded its slashes.
    std::string rest(std::size_t from) const;
};

} // namespace skw::localhub

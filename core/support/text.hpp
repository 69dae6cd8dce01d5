// SPDX-License-Identifier: Apache-2.0
// Text for people and scripts: quoting as the contract fixes it, near names, sizes, columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw {

// As Python's repr() of a str: single quotes, double ones if that saves escapes, \n \t \x01 \u200b.
std::string python_repr(std::string_view utf8);
std::string python_repr(const std::vector<std::string>& list); // ['a', 'b']

// As Python's shlex.quote(): bare if safe, else in single quotes.
std::string shell_quote(std::string_view word);

// The name among `known` that `name` begins, or else that differs least from it, for "did you mean"; "" if
// none is near. Case does not count.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

// "1.5 GB", "412 MB", "96 B": decimal units, as the Hub shows sizes.
std::string human_bytes(std::uint64_t bytes);
// "4 s", "2 min 05 s", "1 h 12 min".
std::string human_seconds(std::uint64_t seconds);

// Labels and values, a line each, the values in one column, `gap` places behind the widest label.
std::string aligned_lines(const std::vector<std::pair<std::string, std::string>>& lines, std::size_t gap = 2);

// One line safe for a terminal and a log: control characters as \xNN, invalid UTF-8 replaced, cut at limit.
std::string printable(std::string_view text, std::size_t limit = 4000);

} // namespace skw

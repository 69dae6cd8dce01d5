// SPDX-License-Identifier: Apache-2.0
// What a terminal can hold: its size, and text that fits into one of its lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skw::cli {

struct TerminalSize {
    std::size_t columns = 80, rows = 24;
};

// Of the terminal that stderr is; asked anew each time, since a window changes. Where it does not say: 80
// columns, 24 rows.
TerminalSize terminal_size();

// The line without its last parts (two spaces divide them) as far as it is too wide: a wrapped line cannot be
// redrawn. One column stays free, as some terminals go on to the next line as soon as it is filled.
std::string fit_line(std::string_view line, std::size_t columns);

// At most `width` bytes of a file's name: without its extension, and then without its middle, where ".." stands.
std::string shorten_name(std::string_view name, std::size_t width);

// Text whose bytes are its columns: any other character as one "?".
std::string plain_ascii(std::string_view utf8);

} // namespace skw::cli

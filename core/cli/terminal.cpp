// SPDX-License-Identifier: Apache-2.0
// What a terminal can hold.
#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace skw::cli {

TerminalSize terminal_size()
{
    TerminalSize size;
    winsize window{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0) {
        size.columns = window.ws_col != 0 ? window.ws_col : size.columns;
        size.rows = window.ws_row != 0 ? window.ws_row : size.rows;
    }
    return size;
}

std::string fit_line(std::string_view line, std::size_t columns)
{
    while (line.size() >= columns && !line.empty()) {
        const std::size_t words = line.find_first_not_of(' ');
        const std::size_t part = line.rfind("  ");
        const bool has_parts = part != std::string_view::npos && part > words;
        line = line.substr(0, has_parts ? part : columns == 0 ? 0 : columns - 1);
    }
    return std::string(line);
}

std::string shorten_name(std::string_view name, std::size_t width)
{
    constexpr std::string_view mark = "..";
    if (name.size() > width) { // the files of one repo differ in what stands before
        name = name.substr(0, name.rfind('.') == 0 ? name.size() : name.rfind('.'));
    }
    if (name.size() <= width) {
        return std::string(name);
    }
    if (width <= mark.size() + 2) {
        return std::string(name.substr(name.size() - width));
    }
    // And mostly at the end of that.
    const std::size_t head = (width - mark.size()) / 3, tail = width - mark.size() - head;
    return std::string(name.substr(0, head)) + std::string(mark) + std::string(name.substr(name.size() - tail));
}

std::string plain_ascii(std::string_view utf8)
{
    std::string out;
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else if (byte < 0x80 || byte >= 0xc0) { // not the later bytes of a character
            out += '?';
        }
    }
    return out;
}

} // namespace skw::cli

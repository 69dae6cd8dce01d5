// SPDX-License-Identifier: Apache-2.0
// A stream of bytes cut into lines of valid text, however the bytes arrive and however long a line is.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace skw {

// The text with what is not UTF-8 replaced by U+FFFD, cut between two characters at limit bytes.
std::string make_utf8(std::string_view bytes, std::size_t limit);

// Line breaks are LF, CR LF, and a CR alone, by which progress bars go back to the front of their line. What
// stands between two CRs is left out if it is empty. Holds at most one line of the longest length.
class LineSplitter {
public:
    static constexpr std::size_t longest = 64u << 10;        // bytes; the rest of a longer line is dropped
    using Take = std::function<void(std::string_view line)>; // valid UTF-8, without its line break

    explicit LineSplitter(Take take) : take_(std::move(take)) {}
    void add(std::string_view bytes);
    void finish(); // the last line, if no line break came behind it

private:
    void keep(std::string_view part);
    void end_line(std::string_view last_part);

    Take take_;
    std::string begun_;
    bool after_cr_ = false; // an LF that follows belongs to the CR
    bool withheld_ = false; // and the CR ended an empty line
};

} // namespace skw

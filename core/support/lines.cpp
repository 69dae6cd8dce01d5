// SPDX-License-Identifier: Apache-2.0
// Bytes into lines; most lines go on without being copied.
#include "support/lines.hpp"

#include "support/ids.hpp"

#include <algorithm>

namespace skw {
namespace {

// One character more than fits, so that a cut never looks like a broken character.
constexpr std::size_t most_kept = LineSplitter::longest + 4;

std::size_t length_of_character(std::string_view bytes)
{
    std::size_t length = 1;
    while (length < 4 && length < bytes.size() &&
           (static_cast<unsigned char>(bytes[length]) & 0xc0) == 0x80) {
        ++length;
    }
    for (; length > 0; --length) { // a valid character may have stray bytes behind it
        if (is_utf8(bytes.substr(0, length))) {
            return length;
        }
    }
    return 0;
}

} // namespace

std::string make_utf8(std::string_view bytes, std::size_t limit)
{
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = length_of_character(bytes);
        const std::string_view piece =
            length == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(0, length);
        if (piece.size() > limit - text.size()) {
            break;
        }
        text += piece;
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

void LineSplitter::keep(std::string_view part)
{
    begun_ += part.substr(0, most_kept - begun_.size());
}

void LineSplitter::end_line(std::string_view last_part)
{
    std::string_view line = last_part;
    if (!begun_.empty()) {
        keep(last_part);
        line = begun_;
    }
    if (line.size() <= longest && is_utf8(line)) {
        take_(line);
    } else {
        take_(make_utf8(line.substr(0, most_kept), longest));
    }
    begun_.clear();
}

void LineSplitter::add(std::string_view bytes)
{
    // Each is looked for again only when it was passed: a block costs two scans, however many lines it has.
    std::size_t lf = bytes.find('\n');
    std::size_t cr = bytes.find('\r');
    std::size_t begin = 0;
    while (begin < bytes.size()) {
        const std::size_t end = std::min({lf, cr, bytes.size()});
        const std::string_view part = bytes.substr(begin, end - begin);
        if (end == bytes.size()) {
            after_cr_ = false;
            keep(part);
            return;
        }
        const bool joined = after_cr_ && part.empty(); // nothing between this break and a CR before it
        const bool empty = part.empty() && begun_.empty();
        if (end == lf) {
            if (!joined || withheld_) {
                end_line(part);
            }
            after_cr_ = false;
            lf = bytes.find('\n', end + 1);
        } else {
            if (!empty) {
                end_line(part);
            }
            after_cr_ = true;
            withheld_ = empty;
            cr = bytes.find('\r', end + 1);
        }
        begin = end + 1;
    }
}

void LineSplitter::finish()
{
    if (!begun_.empty()) {
        end_line({});
    }
    after_cr_ = false;
}

} // namespace skw

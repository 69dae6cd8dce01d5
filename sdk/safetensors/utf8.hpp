// SPDX-License-Identifier: Apache-2.0
// Checks that a text in pieces is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace skw::safetensors {

class Utf8Check {
public:
    // The offset in this piece of the first byte that cannot be, or nullopt.
    std::optional<std::size_t> feed(std::string_view piece) noexcept
    {
        for (std::size_t at = 0; at < piece.size(); ++at) {
            const auto byte = static_cast<unsigned char>(piece[at]);
            if (missing_ == 0 ? !lead(byte) : !follow(byte)) {
                return at;
            }
        }
        return std::nullopt;
    }
    // Whether the text so far does not end inside of a character.
    bool complete() const noexcept { return missing_ == 0; }

private:
    // The ranges of the second byte are those of table 3-7 of the Unicode standard.
    bool lead(unsigned char byte) noexcept
    {
        low_ = 0x80;
        high_ = 0xbf;
        if (byte < 0x80) {
            return true;
        }
        if (byte < 0xc2 || byte > 0xf4) {
            return false;
        }
        missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        low_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
        high_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
        return true;
    }
    bool follow(unsigned char byte) noexcept
    {
        const bool fits = byte >= low_ && byte <= high_;
        low_ = 0x80;
        high_ = 0xbf;
        --missing_;
        return fits;
    }

    int missing_ = 0;
    unsigned char low_ = 0x80, high_ = 0xbf;
};

} // namespace skw::safetensors

// SPDX-License-Identifier: Apache-2.0
// Base64 after RFC 4648, section 4.
#include "localhub/base64.hpp"

#include <array>
#include <cstdint>

namespace skw::localhub {

std::optional<std::string> base64_decoded(std::string_view text)
{
    static const std::array<signed char, 256> values = [] {
        std::array<signed char, 256> out{};
        out.fill(-1);
        const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (std::size_t i = 0; i < digits.size(); ++i) {
            out[static_cast<unsigned char>(digits[i])] = static_cast<signed char>(i);
        }
        return out;
    }();
    while (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const signed char value = values[static_cast<unsigned char>(c)];
        if (value < 0) {
            return std::nullopt;
        }
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> count) & 0xff);
        }
    }
    return out;
}

} // namespace skw::localhub

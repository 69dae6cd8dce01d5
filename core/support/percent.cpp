// SPDX-License-Identifier: Apache-2.0
// Percent-encoding of text for URLs.
#include "support/percent.hpp"

namespace skw {
namespace {

std::string encode(std::string_view text, std::string_view kept)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           kept.find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

} // namespace

std::string encode_segment(std::string_view text)
{
    return encode(text, "-._~");
}

std::string encode_path(std::string_view path)
{
    return encode(path, "-._~/");
}

} // namespace skw

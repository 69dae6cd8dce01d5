// SPDX-License-Identifier: Apache-2.0
// Builds the sentence of a refusal and makes hostile names printable.
#include "safetensors/error.hpp"

#include <utility>

namespace skw::safetensors {

namespace {

constexpr std::size_t shown_limit = 200;

std::string sentence(std::string_view tensor, std::string_view text)
{
    if (tensor.empty()) {
        return std::string(text);
    }
    return "tensor '" + printable_name(tensor) + "': " + std::string(text);
}

} // namespace

Error::Error(Reason reason, std::string tensor, std::string_view text)
    : reason_(reason),
      tensor_(std::move(tensor)),
      text_(sentence(tensor_, text))
{
}

std::string printable_name(std::string_view name)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char letter : name) {
        if (out.size() >= shown_limit) {
            return out + "...";
        }
        const auto byte = static_cast<unsigned char>(letter);
        if (byte >= 0x20 && byte < 0x7f && letter != '\\' && letter != '\'') {
            out += letter;
        } else {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

} // namespace skw::safetensors

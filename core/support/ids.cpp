// SPDX-License-Identifier: Apache-2.0
// Names that have passed a check.
#include "support/ids.hpp"

#include "support/hex.hpp"

#include <algorithm>

namespace skw {
namespace {

bool is_repo_part(std::string_view part)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '-';
    };
    return !part.empty() && part.size() <= 96 && part != "." && part != ".." && part.front() != '-' &&
           std::all_of(part.begin(), part.end(), allowed);
}

bool is_path_segment(std::string_view segment)
{
    const auto forbidden = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
    };
    return !segment.empty() && segment != "." && segment != ".." && segment != ".git" &&
           segment != ".cache" && std::none_of(segment.begin(), segment.end(), forbidden);
}

} // namespace

std::optional<CommitId> CommitId::parse(std::string_view text)
{
    CommitId id;
    if (text.size() != id.digits_.size() || !is_lower_hex(text)) {
        return std::nullopt;
    }
    std::copy(text.begin(), text.end(), id.digits_.begin());
    return id;
}

std::optional<RepoId> RepoId::parse(std::string_view text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || !is_repo_part(text.substr(0, slash)) ||
        !is_repo_part(text.substr(slash + 1))) {
        return std::nullopt;
    }
    RepoId id;
    id.text_ = text;
    id.slash_ = slash;
    return id;
}

std::optional<RepoPath> RepoPath::parse(std::string_view text)
{
    if (text.empty() || text.size() > 1024 || !is_utf8(text)) {
        return std::nullopt;
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        if (!is_path_segment(text.substr(begin, end - begin))) {
            return std::nullopt;
        }
        begin = end + 1;
    }
    RepoPath path;
    path.text_ = text;
    return path;
}

Sha256::Sha256(std::span<const std::byte, size> bytes)
{
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

std::optional<Sha256> Sha256::parse(std::string_view hex)
{
    Sha256 digest;
    if (hex.size() != 2 * size || !is_lower_hex(hex)) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < size; ++i) {
        digest.bytes_[i] = static_cast<std::byte>(hex_value(hex[2 * i]) * 16 + hex_value(hex[2 * i + 1]));
    }
    return digest;
}

std::string Sha256::hex() const
{
    return to_hex(bytes_);
}

bool is_utf8(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned lead = byte(i);
        const std::size_t length = lead < 0x80   ? 1
                                   : lead < 0xc2 ? 0
                                   : lead < 0xe0 ? 2
                                   : lead < 0xf0 ? 3
                                   : lead < 0xf5 ? 4
                                                 : 0;
        if (length == 0 || i + length > text.size()) {
            return false;
        }
        for (std::size_t k = 1; k < length; ++k) {
            if ((byte(i + k) & 0xc0) != 0x80) {
                return false;
            }
        }
        // The second byte's range shuts out overlong forms, surrogates and values above U+10FFFF.
        if (length > 2) {
            const unsigned second = byte(i + 1);
            if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
                return false;
            }
        }
        i += length;
    }
    return true;
}

} // namespace skw

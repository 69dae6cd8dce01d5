// SPDX-License-Identifier: Apache-2.0
// Names that have passed a check: parse once at the rim, then trust. Every one exists only when valid.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skw {

// A full commit id of a Hub repo: 40 lower-case hex digits.
class CommitId {
public:
    static std::optional<CommitId> parse(std::string_view text); // nullopt: not a commit id
    std::string_view text() const noexcept { return {digits_.data(), digits_.size()}; }
    auto operator<=>(const CommitId&) const = default;

private:
    std::array<char, 40> digits_{};
};

// "owner/name" of a Hub repo: [A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+, at most 96 characters a part, and no part
// that a file system or a command line could read as something else ("..", a leading "-").
class RepoId {
public:
    static std::optional<RepoId> parse(std::string_view text);
    const std::string& text() const noexcept { return text_; }
    std::string_view owner() const noexcept { return std::string_view(text_).substr(0, slash_); }
    std::string_view name() const noexcept { return std::string_view(text_).substr(slash_ + 1); }
    auto operator<=>(const RepoId&) const = default;

private:
    std::string text_;
    std::size_t slash_ = 0;
};

// A file's path inside a repo: relative, UTF-8, segments divided by "/", none of them empty, ".", "..",
// ".git" or ".cache"; no control character, no backslash; at most 1,024 bytes.
class RepoPath {
public:
    static std::optional<RepoPath> parse(std::string_view text);
    const std::string& text() const noexcept { return text_; }
    auto operator<=>(const RepoPath&) const = default;

private:
    std::string text_;
};

// A SHA-256 of content: 32 bytes, written as 64 lower-case hex digits.
class Sha256 {
public:
    static constexpr std::size_t size = 32;
    static std::optional<Sha256> parse(std::string_view hex);
    explicit Sha256(std::span<const std::byte, size> bytes);
    std::string hex() const;
    auto operator<=>(const Sha256&) const = default;

private:
    Sha256() = default;
    std::array<std::byte, size> bytes_{};
};

// Whether text is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

} // namespace skw

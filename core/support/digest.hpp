// SPDX-License-Identifier: Apache-2.0
// Hashes of content: SHA-256 while bytes pass, and git's blob id.
#pragma once

#include "support/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace skw {

// A SHA-256 that is fed piece by piece. Not for two threads at once.
class Sha256Stream {
public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(Sha256Stream&&) noexcept;
    Sha256Stream& operator=(Sha256Stream&&) noexcept;

    void add(std::span<const std::byte> bytes);
    Sha256 finish();           // once; nothing may be added afterwards
    Sha256Stream fork() const; // another one with the same bytes in it; this one goes on

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The same for git's blob id, whose hash begins with the content's length. Not for two threads at once.
class BlobIdStream {
public:
    explicit BlobIdStream(std::uint64_t length);
    ~BlobIdStream();
    BlobIdStream(BlobIdStream&&) noexcept;
    BlobIdStream& operator=(BlobIdStream&&) noexcept;

    void add(std::span<const std::byte> bytes);
    std::string finish(); // as git_blob_id(); once, after exactly `length` bytes

private:
    struct State;
    std::unique_ptr<State> state_;
};

Sha256 sha256_of(std::string_view bytes);
Sha256 read_sha256(const std::filesystem::path& file); // throws Error(io)

// The id git gives a blob: SHA-1 over "blob <length>\0" and the content, as 40 hex digits. The Hub's
// listing has it as "oid" of a regular file.
std::string git_blob_id(std::string_view content);

} // namespace skw

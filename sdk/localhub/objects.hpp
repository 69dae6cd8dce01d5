// SPDX-License-Identifier: Apache-2.0
// Content by its SHA-256, in a folder: written beside its place, synced, renamed; never changed afterwards.
#pragma once

#include "support/digest.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skw::localhub {

class Objects {
public:
    explicit Objects(std::filesystem::path folder); // removes what a killed server left half written

    // Content on its way in: hashed while it is written, gone again unless it is kept.
    class Incoming {
    public:
        Incoming(Incoming&& other) noexcept;
        Incoming& operator=(Incoming&&) = delete;
        ~Incoming();
        void write(std::span<const std::byte> bytes);
        std::uint64_t size() const noexcept { return size_; }
        // Keeps the content and gives its SHA-256 in hex. With `wanted`, anything else is refused: nullopt.
        std::optional<std::string> keep(std::string_view wanted = {}, bool sync = true);

    private:
        friend class Objects;
        Incoming(const Objects& home, std::filesystem::path path);
        const Objects* home_;
        std::filesystem::path path_;
        std::optional<File> file_;
        Sha256Stream hash_;
        std::uint64_t size_ = 0;
    };

    Incoming receive() const;
    std::string keep_text(std::string_view content, bool sync = true) const; // its SHA-256 in hex
    bool has(std::string_view sha256) const;
    std::filesystem::path place_of(std::string_view sha256) const; // of 64 hex digits
    std::string read(std::string_view sha256, std::uint64_t limit_bytes) const;
    void sync_all() const; // once for many that were kept without

private:
    std::filesystem::path folder_;
};

void sync_folder(const std::filesystem::path& folder); // makes renames inside it last

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Content by its SHA-256, in a folder: written beside its place, synced, renamed; never changed afterwards.
// In the place of content there may be a description that it is computed from, or the note that it was not
// kept.
#pragma once

#include "localhub/sample.hpp"
#include "support/digest.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skw::localhub {

// The content of one object, by position. For one thread.
class ObjectReader {
public:
    virtual ~ObjectReader() = default;
    virtual std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) = 0; // short only at the end
};

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
        std::filesystem::path path_; // empty: the content is not kept, or has its place already
        std::optional<File> file_;
        Sha256Stream hash_;
        std::uint64_t size_ = 0;
    };

    Incoming receive() const;
    Incoming receive_and_forget() const; // keep() notes that the content was there; memory and disk stay free
    void note_forgotten(std::string_view sha256, std::uint64_t size) const;
    // Content that is computed when it is read. Gives its SHA-256 if that is quickly known, and else the
    // SHA-256 of the description.
    std::string keep_synthetic(const SampleShard& shard, bool sync = true) const;
    std::string keep_text(std::string_view content, bool sync = true) const; // its SHA-256 in hex
    bool has(std::string_view sha256) const;
    bool holds(std::string_view sha256) const;                     // as content, not in place of it
    std::filesystem::path place_of(std::string_view sha256) const; // of 64 hex digits
    std::uint64_t size(std::string_view sha256) const;             // of an object that is here
    // Throws Refusal(410) for content that was not kept.
    std::unique_ptr<ObjectReader> open(std::string_view sha256) const;
    std::string read(std::string_view sha256, std::uint64_t limit_bytes) const;
    void sync_all() const; // once for many that were kept without

private:
    std::shared_ptr<const SampleShard> synthetic(std::string_view sha256) const;

    std::filesystem::path folder_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<const SampleShard>, std::less<>> synthetic_; // read before
};

void sync_folder(const std::filesystem::path& folder); // makes renames inside it last

} // namespace skw::localhub

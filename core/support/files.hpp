// SPDX-License-Identifier: Apache-2.0
// Local files: bounded reading, atomic writing, temporary folders, and where this program lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace skw {

// An open file descriptor. Every function throws Error(io), or Error(no_space), that names the path.
class File {
public:
    static File open_read(const std::filesystem::path& path);  // a regular file, close-on-exec
    static File create(const std::filesystem::path& path);     // truncates; mode 0600
    static File adopt(int descriptor, const std::filesystem::path& path); // owns it from now on
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    std::size_t read(std::span<std::byte> into);                            // 0 = end
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const; // short only at the end
    void write(std::span<const std::byte> bytes);
    void truncate(std::uint64_t size);
    void sync();                                                            // to the disk
    std::uint64_t size() const;
    int descriptor() const noexcept { return fd_; }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    File(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
    int fd_ = -1;
    std::filesystem::path path_;
};

// The whole content. Throws Error(bad_input) above limit, before reading that much.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit_bytes);

// All or nothing: writes beside the target, syncs, renames. A reader sees the old content or the new.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// A fresh folder of mode 0700 below parent (which is made), removed with all its content at the end.
class TempFolder {
public:
    explicit TempFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path());
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

std::uint64_t read_free_space(const std::filesystem::path& below); // bytes a plain user may still write

// The real path of the running program, links resolved.
std::filesystem::path program_path();

// PATH as the contract shows it: "./" parts, doubled and trailing slashes go, ".." stays, "" is ".".
std::string lexically_clean(std::string_view path);

// "~" and "~user" at the beginning replaced by that home folder; anything else unchanged.
std::string expand_home(std::string_view path);

} // namespace skw

// SPDX-License-Identifier: Apache-2.0
// Files that other programs wrote below the scratch root: regular ones only, read at positions, never a link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace skw::vindex {

// One open file. Complaints name it by `shown`, its path as the operator knows it.
class LocalFile {
public:
    // Throws Failure: SKW_E_IO, or SKW_E_BAD_INPUT for what is no regular file.
    LocalFile(const std::filesystem::path& path, std::string shown);
    ~LocalFile();
    LocalFile(LocalFile&& other) noexcept;
    LocalFile& operator=(LocalFile&&) = delete;

    std::uint64_t size() const noexcept { return size_; }
    const std::string& shown() const noexcept { return shown_; }
    // Throws Failure when the file ends before.
    void read_exactly(std::uint64_t offset, std::span<std::byte> into) const;
    // Throws Failure when it is longer than limit.
    std::string read_all(std::uint64_t limit) const;

private:
    std::string shown_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

// Relative path -> size.
using Files = std::map<std::string, std::uint64_t, std::less<>>;

// The files of a folder and of its direct sub-folders. Throws Failure(SKW_E_BAD_INPUT) for links, devices,
// deeper folders, names that are not plain and more files than any vindex has; SKW_E_IO otherwise.
Files read_folder(const std::filesystem::path& root);

// Bytes of all regular files below a folder, links not followed; 0 if there is none.
std::uint64_t bytes_below(const std::filesystem::path& root);

// Writes a new file: one that is already there, or a link, is not touched. Throws Failure(SKW_E_IO).
void write_new_file(const std::filesystem::path& path, std::string_view text, std::string_view shown);

} // namespace skw::vindex

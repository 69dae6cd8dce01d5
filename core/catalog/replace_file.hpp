// SPDX-License-Identifier: Apache-2.0
// A person's file replaced as a whole, so that it looks as if it had been edited.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string_view>

namespace skw::catalog {

// Keeps other holders of a lock on the same folder out, in this process and others; leaves no file behind.
// Throws Error(conflict) after ten seconds in vain, Error(cancelled), Error(io).
class FolderLock {
public:
    FolderLock(const std::filesystem::path& folder, const std::stop_token& stop);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int fd_ = -1;
};

// Writes the content beside `file` (no link), with the mode and, where this user may, the owner of the file
// that is there, and puts it in its place; last_look is called right before and may throw. A reader sees the
// old content or the new. Throws Error(io), Error(no_space).
void replace_file(const std::filesystem::path& file, std::string_view content,
                  const std::function<void()>& last_look);

// The folder and what is missing above it, each of mode 0700.
void make_private_folders(const std::filesystem::path& folder);

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// Folders entered step by step without following a link, so that nothing below a folder leads out of it.
#pragma once

#include "support/files.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace skw::plugin {

// A folder held open.
class OpenFolder {
public:
    explicit OpenFolder(const std::filesystem::path& path); // links in this path are followed; Error(io)

    // A folder in this one; made with mode 0700 if it is not there. Error(io): a link or no folder.
    OpenFolder make(const std::string& name) const;
    OpenFolder make(const std::vector<std::string>& names) const; // one in the other; none: this one
    // nullopt: nothing of this name, a link, or no folder.
    std::optional<OpenFolder> find(const std::string& name) const;

    int descriptor() const noexcept { return handle_.descriptor(); }
    const std::filesystem::path& path() const noexcept { return handle_.path(); }
    void sync() { handle_.sync(); } // names in it, to the disk

private:
    explicit OpenFolder(File handle) : handle_(std::move(handle)) {}
    File handle_;
};

// The parts of `path` below `base`, compared as text: nullopt if it is `base` itself or elsewhere, or if a
// part is empty, "." or "..".
std::optional<std::vector<std::string>> parts_below(const std::filesystem::path& path,
                                                    const std::filesystem::path& base);

// Removes the file, link or folder with all its content; of a link only the link. Nothing there is fine.
// Throws Error(io).
void remove_tree(const std::filesystem::path& path);

} // namespace skw::plugin

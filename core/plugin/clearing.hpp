// SPDX-License-Identifier: Apache-2.0
// Looking at a whole tree and removing it, without following a link or leaving its file system.
#pragma once

#include "support/spawn.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// What lies below a folder. Bytes are those on the disk; a file of several names counts once.
struct TreeSize {
    std::uint64_t files = 0, folders = 0, links = 0; // links: also sockets and the like; nothing follows one
    std::uint64_t bytes = 0;
    std::optional<std::int64_t> newest; // seconds since 1970: the latest change of content
};

// One name directly in a folder.
struct TreeEntry {
    std::string name;
    bool is_folder = false, is_link = false;
    std::optional<std::int64_t> changed; // of itself, in seconds since 1970
};

// A folder that is held open, by a path that leads through no link at its end.
class Tree {
public:
    // Throws Error(bad_input) for a link, for what is no folder; Error(not_found) where nothing is; Error(io).
    explicit Tree(const std::filesystem::path& root);

    int descriptor() const noexcept { return root_.get(); }
    const std::filesystem::path& path() const noexcept { return path_; }
    bool is_mount_point() const; // as far as the system tells

    std::vector<TreeEntry> entries() const; // sorted by name
    // Of an entry and all below it; of the whole tree. Throws Error(io) for what cannot be read, and
    // Error(unsupported) naming the first mount point in it, or what lies too deep.
    TreeSize measure(const std::string& name) const;
    TreeSize measure() const;
    // Those in which an unreadable part or a mount point counts as nothing, for showing.
    TreeSize estimate(const std::string& name) const;

    // Removes everything below the root, the entry `last` after all others. A mount point that has come up
    // since ends it, as above. Throws Error(io), Error(cancelled).
    void remove_content(const std::stop_token& stop, std::string_view last = {});
    // Removes the root itself, which has to be empty.
    void remove_root();

private:
    std::filesystem::path path_;
    Descriptor root_;
};

} // namespace skw::plugin

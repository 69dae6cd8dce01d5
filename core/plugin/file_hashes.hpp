// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of large files, computed once for as long as a file stays the same.
#pragma once

#include "support/ids.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <stop_token>
#include <tuple>

namespace skw::plugin {

// Threads: any. Two threads that ask for the same new file at once may both read it.
class FileHashes {
public:
    // Device, inode, size, seconds and nanoseconds of the last write, and of the last change of the inode:
    // a program may set the first of the two times, not the second.
    using Identity = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t, std::int64_t,
                                std::int64_t, std::int64_t>;

    // Reads the file unless its path, device, inode, size and times are those of an earlier call. A symbolic
    // link is refused. size, if given, gets the number of bytes that were hashed. Throws Error: io (cannot
    // be read, changed meanwhile), contract (no regular file), cancelled.
    Sha256 of(const std::filesystem::path& path, const std::stop_token& stop, std::uint64_t* size = nullptr);

private:
    struct Known {
        Identity identity;
        Sha256 sha256;
    };

    std::mutex mutex_;
    std::map<std::filesystem::path, Known> known_;
};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The hash of a plugin's library.
#include "plugin/library_hash.hpp"

#include "support/digest.hpp"

#include <sys/stat.h>

#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

namespace skw::plugin {
namespace {

// Every write moves the change time, which no program can set. It is kept in steps of some milliseconds, so a
// write right after the reading could leave it as it was: what has changed lately is read again.
constexpr std::time_t settled_seconds = 2;

struct Stamp {
    off_t size = 0;
    std::time_t changed = 0, modified = 0;
    long changed_ns = 0, modified_ns = 0;

    bool operator==(const Stamp&) const = default;
};

using FileId = std::pair<dev_t, ino_t>;

struct Known {
    Stamp stamp;
    Sha256 hash;
};

std::optional<std::pair<FileId, Stamp>> look_at(const std::filesystem::path& file)
{
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) {
        return std::nullopt;
    }
    return std::pair(FileId(info.st_dev, info.st_ino),
                     Stamp{info.st_size, info.st_ctim.tv_sec, info.st_mtim.tv_sec, info.st_ctim.tv_nsec,
                           info.st_mtim.tv_nsec});
}

} // namespace

Sha256 hash_of_library(const std::filesystem::path& file)
{
    static std::mutex mutex;
    static std::map<FileId, Known> known;
    const auto before = look_at(file);
    {
        const std::lock_guard<std::mutex> guard(mutex);
        const auto found = before ? known.find(before->first) : known.end();
        if (found != known.end() && found->second.stamp == before->second) {
            return found->second.hash;
        }
    }
    const std::time_t now = std::time(nullptr);
    const Sha256 hash = read_sha256(file);
    if (before && before == look_at(file) && before->second.changed + settled_seconds < now) {
        const std::lock_guard<std::mutex> guard(mutex);
        known.insert_or_assign(before->first, Known{before->second, hash});
    }
    return hash;
}

} // namespace skw::plugin

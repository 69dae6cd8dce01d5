// SPDX-License-Identifier: Apache-2.0
// Hashes of files, remembered by what a file looks like from outside.
#include "plugin/file_hashes.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace skw::plugin {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error)
{
    throw Error(ErrorCode::io, path.string(), std::string("cannot be looked at: ") + std::strerror(error));
}

FileHashes::Identity identity_of(const struct stat& look)
{
    return {look.st_dev,         look.st_ino,          static_cast<std::uint64_t>(look.st_size),
            look.st_mtim.tv_sec, look.st_mtim.tv_nsec, look.st_ctim.tv_sec,
            look.st_ctim.tv_nsec};
}

FileHashes::Identity identity_of(const File& file)
{
    struct stat look {};
    if (::fstat(file.descriptor(), &look) != 0) {
        fail(file.path(), errno);
    }
    return identity_of(look);
}

FileHashes::Identity identity_of_name(const std::filesystem::path& path)
{
    struct stat look {};
    if (::lstat(path.c_str(), &look) != 0) {
        fail(path, errno);
    }
    if (!S_ISREG(look.st_mode)) {
        throw Error(ErrorCode::contract, path.string(), "is not a regular file");
    }
    return identity_of(look);
}

} // namespace

Sha256 FileHashes::of(const std::filesystem::path& path, const std::stop_token& stop, std::uint64_t* size)
{
    const Identity identity = identity_of_name(path);
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        const auto known = known_.find(path);
        if (known != known_.end() && known->second.identity == identity) {
            if (size != nullptr) {
                *size = std::get<2>(identity);
            }
            return known->second.sha256;
        }
    }
    File file = File::open_read(path);
    const Error changed(ErrorCode::io, path.string(), "was changed while it was read");
    if (identity_of(file) != identity) {
        throw changed; // among others, a link that took the place of the file
    }
    Sha256Stream stream;
    std::vector<std::byte> block(1u << 20);
    while (const std::size_t got = file.read(block)) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, {}, "stopped by the operator");
        }
        stream.add(std::span(block).first(got));
    }
    if (identity_of(file) != identity) {
        throw changed;
    }
    if (size != nullptr) {
        *size = std::get<2>(identity);
    }
    const Sha256 sha256 = stream.finish();
    const std::lock_guard<std::mutex> guard(mutex_);
    known_.insert_or_assign(path, Known{.identity = identity, .sha256 = sha256});
    return sha256;
}

} // namespace skw::plugin

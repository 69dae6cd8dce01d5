// SPDX-License-Identifier: Apache-2.0
// POSIX calls with O_NOFOLLOW: a tool's output folder is input like any other.
#include "vindex/local_files.hpp"

#include "vindex/json_fields.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skw::vindex {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_limit = 8192;

[[noreturn]] void refuse_io(std::string_view place, std::string_view action, int error)
{
    const skw_status status = error == ENOSPC || error == EDQUOT ? SKW_E_NO_SPACE : SKW_E_IO;
    throw sdk::Failure(status, std::string(place),
                       std::string(action) + ": " + std::generic_category().message(error));
}

[[noreturn]] void refuse_entry(std::string_view name, std::string_view why)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, shown(name), std::string(why));
}

bool is_plain(std::string_view name)
{
    return std::ranges::all_of(name, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x7f && c != '\\';
    });
}

void collect(const fs::path& folder, const std::string& prefix, Files& files)
{
    std::error_code failure;
    fs::directory_iterator entry(folder, failure);
    for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
        const std::string name = prefix + entry->path().filename().string();
        const fs::file_status status = entry->symlink_status(failure);
        if (failure) {
            break;
        }
        if (!is_plain(name)) {
            refuse_entry(name, "the folder holds a name with odd characters");
        }
        if (status.type() == fs::file_type::symlink) {
            refuse_entry(name, "the folder holds a link; only regular files are published");
        }
        if (status.type() == fs::file_type::directory) {
            if (!prefix.empty()) {
                refuse_entry(name, "the folder is nested more deeply than a vindex is");
            }
            collect(entry->path(), name + "/", files);
        } else if (status.type() == fs::file_type::regular) {
            if (files.size() == files_limit) {
                refuse_entry(name, "the folder holds more than " + std::to_string(files_limit) + " files");
            }
            files[name] = entry->file_size(failure);
        } else {
            refuse_entry(name, "the folder holds what is neither a file nor a folder");
        }
        if (failure) {
            break;
        }
    }
    if (failure) {
        throw sdk::Failure(SKW_E_IO, folder.string(), "cannot be listed: " + failure.message());
    }
}

} // namespace

LocalFile::LocalFile(const fs::path& path, std::string name) : shown_(std::move(name))
{
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) {
        refuse_io(shown_, "cannot be opened", errno);
    }
    struct stat status = {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor_);
        descriptor_ = -1;
        throw sdk::Failure(SKW_E_BAD_INPUT, shown_, "it is not a regular file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
}

LocalFile::~LocalFile()
{
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

LocalFile::LocalFile(LocalFile&& other) noexcept
    : shown_(std::move(other.shown_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_)
{
}

void LocalFile::read_exactly(std::uint64_t offset, std::span<std::byte> into) const
{
    if (offset > size_ || into.size() > size_ - offset) {
        throw sdk::Failure(SKW_E_BAD_INPUT, shown_,
                           "it ends at byte " + std::to_string(size_) + ", before what is read at " +
                               std::to_string(offset));
    }
    while (!into.empty()) {
        const ssize_t got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            refuse_io(shown_, "cannot be read", got < 0 ? errno : EIO);
        }
        offset += static_cast<std::uint64_t>(got);
        into = into.subspan(static_cast<std::size_t>(got));
    }
}

std::string LocalFile::read_all(std::uint64_t limit) const
{
    if (size_ > limit) {
        throw sdk::Failure(SKW_E_BAD_INPUT, shown_,
                           "it has " + std::to_string(size_) + " bytes, more than the " +
                               std::to_string(limit) + " such a file may have");
    }
    std::string text(static_cast<std::size_t>(size_), '\0');
    read_exactly(0, std::as_writable_bytes(std::span(text)));
    return text;
}

Files read_folder(const fs::path& root)
{
    std::error_code failure;
    if (fs::symlink_status(root, failure).type() != fs::file_type::directory) {
        throw sdk::Failure(SKW_E_BAD_INPUT, root.string(), "there is no such folder");
    }
    Files files;
    collect(root, "", files);
    return files;
}

std::uint64_t bytes_below(const fs::path& root)
{
    std::error_code failure;
    std::uint64_t sum = 0;
    fs::recursive_directory_iterator entry(root, failure);
    for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
        std::error_code unreadable;
        if (entry->symlink_status(unreadable).type() == fs::file_type::regular) {
            const std::uint64_t size = entry->file_size(unreadable);
            sum += unreadable ? 0 : size;
        }
    }
    return sum;
}

void write_new_file(const fs::path& path, std::string_view text, std::string_view name)
{
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0) {
        refuse_io(name, "cannot be written", errno);
    }
    int error = 0;
    while (!text.empty() && error == 0) {
        const ssize_t put = ::write(file, text.data(), text.size());
        if (put > 0) {
            text.remove_prefix(static_cast<std::size_t>(put));
        } else if (put == 0 || errno != EINTR) {
            error = put == 0 ? EIO : errno;
        }
    }
    if (::fsync(file) != 0 && error == 0) {
        error = errno;
    }
    if (::close(file) != 0 && error == 0) {
        error = errno;
    }
    if (error != 0) {
        refuse_io(name, "cannot be written", error);
    }
}

} // namespace skw::vindex

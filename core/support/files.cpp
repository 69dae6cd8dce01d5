// SPDX-License-Identifier: Apache-2.0
// Local files, by POSIX calls: descriptors with close-on-exec, errors that name the path.
#include "support/files.hpp"

#include "support/error.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace skw {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error)
{
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    std::string reason = std::string("cannot ") + what + ": " + std::strerror(error);
    throw Error(full ? ErrorCode::no_space : ErrorCode::io, path.string(), std::move(reason),
                full ? "free some space, or choose another folder with --scratch" : "");
}

} // namespace

File File::open_read(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not hang us
    if (fd < 0) {
        fail(path, "open", errno);
    }
    File file(fd, path);
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        fail(path, "look at", errno);
    }
    if (!S_ISREG(info.st_mode)) {
        throw Error(ErrorCode::io, path.string(), "is not a regular file");
    }
    return file;
}

File File::create(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        fail(path, "create", errno);
    }
    return File(fd, path);
}

File File::adopt(int descriptor, const std::filesystem::path& path)
{
    return File(descriptor, path);
}

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept
{
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    return *this;
}

File::~File()
{
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::size_t File::read(std::span<std::byte> into)
{
    for (;;) {
        const ssize_t got = ::read(fd_, into.data(), into.size());
        if (got >= 0) {
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR) {
            fail(path_, "read", errno);
        }
    }
}

std::size_t File::read_at(std::uint64_t offset, std::span<std::byte> into) const
{
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t got =
            ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got == 0) {
            break;
        }
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail(path_, "read", errno);
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void File::write(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
        if (put < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail(path_, "write", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

void File::truncate(std::uint64_t size)
{
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) {
        fail(path_, "shorten", errno);
    }
}

void File::sync()
{
    if (::fsync(fd_) != 0) {
        fail(path_, "write", errno);
    }
}

std::uint64_t File::size() const
{
    struct stat info {};
    if (::fstat(fd_, &info) != 0) {
        fail(path_, "look at", errno);
    }
    return static_cast<std::uint64_t>(info.st_size);
}

std::string read_file(const std::filesystem::path& path, std::uint64_t limit_bytes)
{
    File file = File::open_read(path);
    // The size is a hint only: a file that grows while it is read is caught below.
    std::string content(static_cast<std::size_t>(std::min(file.size(), limit_bytes)) + 1, '\0');
    std::size_t done = 0;
    while (const std::size_t got = file.read(std::as_writable_bytes(std::span(content)).subspan(done))) {
        done += got;
        if (done > limit_bytes) {
            throw Error(ErrorCode::bad_input, path.string(),
                        "is larger than the " + std::to_string(limit_bytes) + " bytes that are allowed here");
        }
        if (done == content.size()) {
            content.resize(static_cast<std::size_t>(std::min<std::uint64_t>(2 * done, limit_bytes + 1)));
        }
    }
    content.resize(done);
    return content;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content)
{
    std::string beside = path.string() + ".tmp-XXXXXX";
    const int descriptor = ::mkostemp(beside.data(), O_CLOEXEC); // mode 0600; never what lies there already
    if (descriptor < 0) {
        fail(path, "write a new file beside", errno);
    }
    try {
        File file = File::adopt(descriptor, beside);
        file.write(std::as_bytes(std::span(content)));
        file.sync();
        if (::rename(beside.c_str(), path.c_str()) != 0) {
            fail(path, "replace", errno);
        }
    } catch (...) {
        ::unlink(beside.c_str());
        throw;
    }
}

TempFolder::TempFolder(const std::filesystem::path& parent)
{
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    std::string name = (parent / "skw-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        fail(parent, "make a folder in", errno);
    }
    path_ = name;
}

TempFolder::~TempFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::uint64_t read_free_space(const std::filesystem::path& below)
{
    struct statvfs info {};
    if (::statvfs(below.c_str(), &info) != 0) {
        fail(below, "look at", errno);
    }
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

std::filesystem::path program_path()
{
    std::error_code error;
    std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        throw Error(ErrorCode::io, "/proc/self/exe", "cannot find where this program lies");
    }
    return path;
}

std::string lexically_clean(std::string_view path)
{
    std::string clean(path.starts_with('/') ? "/" : "");
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (!part.empty() && part != ".") {
            if (!clean.empty() && clean.back() != '/') {
                clean += '/';
            }
            clean += part;
        }
        begin = end + 1;
    }
    return clean.empty() ? "." : clean;
}

std::string expand_home(std::string_view path)
{
    if (!path.starts_with('~')) {
        return std::string(path);
    }
    const std::string user(path.substr(1, std::min(path.find('/'), path.size()) - 1));
    const std::string_view rest = path.substr(user.size() + 1);
    const char* home = user.empty() ? std::getenv("HOME") : nullptr;
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    if (home == nullptr || *home == '\0') {
        user.empty() ? ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found)
                     : ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
        home = found != nullptr ? found->pw_dir : nullptr;
    }
    return home != nullptr ? std::string(home) + std::string(rest) : std::string(path);
}

} // namespace skw

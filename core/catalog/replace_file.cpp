// SPDX-License-Identifier: Apache-2.0
// Lock, write aside, rename.
#include "catalog/replace_file.hpp"

#include "support/error.hpp"
#include "support/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <thread>

namespace skw::catalog {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto patience = 10s;
constexpr auto between_tries = 20ms;

[[noreturn]] void fail(const fs::path& path, const char* what, int error)
{
    throw Error(error == ENOSPC || error == EDQUOT ? ErrorCode::no_space : ErrorCode::io, path.string(),
                std::string("cannot ") + what + ": " + std::strerror(error),
                error == EACCES || error == EPERM || error == EROFS
                    ? "name a catalog file that you may write with --to"
                    : "");
}

std::optional<struct stat> find_status(const fs::path& path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
        return info;
    }
    if (errno != ENOENT) {
        fail(path, "look at", errno);
    }
    return std::nullopt;
}

// Made with a name that nobody else has; removed unless it was put in its place.
class Beside {
public:
    explicit Beside(const fs::path& file)
        : name_((file.parent_path() / ("." + file.filename().string() + ".XXXXXX")).string()),
          fd_(::mkostemp(name_.data(), O_CLOEXEC))
    {
        if (fd_ < 0) {
            fail(file, "make a file beside it", errno);
        }
    }
    ~Beside()
    {
        if (!placed_) {
            ::unlink(name_.c_str());
        }
        ::close(fd_);
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

    void write(std::string_view content)
    {
        File file = File::adopt(::dup(fd_), name_);
        file.write(std::as_bytes(std::span(content)));
        file.sync();
    }
    void look_like(const std::optional<struct stat>& old)
    {
        mode_t mode = 0;
        if (old) {
            mode = old->st_mode & 07777;
            // Only root may give a file away; a group of one's own can be kept.
            if (::fchown(fd_, old->st_uid, old->st_gid) != 0 &&
                ::fchown(fd_, static_cast<uid_t>(-1), old->st_gid) != 0) {
                mode &= ~static_cast<mode_t>(070); // of another group than before
            }
        } else {
            const mode_t mask = ::umask(0);
            ::umask(mask);
            mode = 0666 & ~mask;
        }
        if (::fchmod(fd_, mode) != 0) {
            fail(name_, "set the mode of", errno);
        }
    }
    void put_in_place_of(const fs::path& file)
    {
        if (::rename(name_.c_str(), file.c_str()) != 0) {
            fail(file, "replace", errno);
        }
        placed_ = true;
    }

private:
    std::string name_;
    int fd_;
    bool placed_ = false;
};

} // namespace

FolderLock::FolderLock(const fs::path& folder, const std::stop_token& stop)
    : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    if (fd_ < 0) {
        fail(folder, "open", errno);
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        const bool waits = reason == EWOULDBLOCK || reason == EINTR;
        const bool late = std::chrono::steady_clock::now() > end;
        if (!waits || late || stop.stop_requested()) {
            ::close(fd_);
            if (stop.stop_requested()) {
                throw Error(ErrorCode::cancelled, folder.string(), "interrupted");
            }
            if (!waits) {
                fail(folder, "lock", reason);
            }
            throw Error(ErrorCode::conflict, folder.string(), "another program keeps this folder locked",
                        "run the same command again when it has ended");
        }
        std::this_thread::sleep_for(between_tries);
    }
}

FolderLock::~FolderLock()
{
    ::close(fd_); // and with it the lock
}

void replace_file(const fs::path& file, std::string_view content, const std::function<void()>& last_look)
{
    const std::optional<struct stat> old = find_status(file);
    if (old && !S_ISREG(old->st_mode)) {
        throw Error(ErrorCode::io, file.string(), "is not a regular file");
    }
    if (old && ::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0) {
        fail(file, "write", errno); // a rename would not ask
    }
    Beside beside(file);
    beside.write(content);
    beside.look_like(old);
    last_look();
    beside.put_in_place_of(file);
    const fs::path parent = file.has_parent_path() ? file.parent_path() : ".";
    const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) { // the name reaches the disk as well, where the file system can do that
        ::fsync(folder);
        ::close(folder);
    }
}

void make_private_folders(const fs::path& folder)
{
    if (folder.empty() || find_status(folder)) {
        return;
    }
    make_private_folders(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        fail(folder, "make", errno);
    }
}

} // namespace skw::catalog

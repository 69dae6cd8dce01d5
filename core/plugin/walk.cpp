// SPDX-License-Identifier: Apache-2.0
// Folders entered without following links, by POSIX calls relative to a descriptor.
#include "plugin/walk.hpp"

#include "support/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

File open_folder(const fs::path& path)
{
    const int fd = ::open(path.c_str(), folder_flags);
    if (fd < 0) {
        throw Error(ErrorCode::io, path.string(),
                    "cannot be opened: " + std::generic_category().message(errno));
    }
    return File::adopt(fd, path);
}

} // namespace

OpenFolder::OpenFolder(const fs::path& path) : handle_(open_folder(path)) {}

OpenFolder OpenFolder::make(const std::string& name) const
{
    const fs::path inner = path() / name;
    if (::mkdirat(descriptor(), name.c_str(), 0700) != 0 && errno != EEXIST) {
        const int why = errno;
        throw Error(why == ENOSPC || why == EDQUOT ? ErrorCode::no_space : ErrorCode::io, inner.string(),
                    "cannot be made: " + std::generic_category().message(why));
    }
    std::optional<OpenFolder> folder = find(name);
    if (!folder) {
        throw Error(ErrorCode::io, inner.string(), "is in the way: it is a link, or not a folder",
                    "remove it, or choose another scratch folder with --scratch");
    }
    return *std::move(folder);
}

OpenFolder OpenFolder::make(const std::vector<std::string>& names) const
{
    const int fd = ::openat(descriptor(), ".", folder_flags);
    if (fd < 0) {
        throw Error(ErrorCode::io, path().string(),
                    "cannot be opened: " + std::generic_category().message(errno));
    }
    OpenFolder folder(File::adopt(fd, path()));
    for (const std::string& name : names) {
        folder = folder.make(name);
    }
    return folder;
}

std::optional<OpenFolder> OpenFolder::find(const std::string& name) const
{
    const int fd = ::openat(descriptor(), name.c_str(), folder_flags | O_NOFOLLOW);
    if (fd >= 0) {
        return OpenFolder(File::adopt(fd, path() / name));
    }
    if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR) {
        return std::nullopt;
    }
    throw Error(ErrorCode::io, (path() / name).string(),
                "cannot be opened: " + std::generic_category().message(errno));
}

std::optional<std::vector<std::string>> parts_below(const fs::path& path, const fs::path& base)
{
    const std::string begin = base.native() + (base.native().ends_with('/') ? "" : "/");
    if (!path.native().starts_with(begin)) {
        return std::nullopt;
    }
    std::vector<std::string> parts;
    std::string_view left = std::string_view(path.native()).substr(begin.size());
    for (;;) {
        const std::size_t slash = left.find('/');
        const std::string_view part = left.substr(0, slash);
        if (part.empty() || part == "." || part == "..") {
            return std::nullopt;
        }
        parts.emplace_back(part);
        if (slash == std::string_view::npos) {
            return parts;
        }
        left.remove_prefix(slash + 1);
    }
}

void remove_tree(const fs::path& path)
{
    std::error_code failure;
    fs::remove_all(path, failure);
    if (failure) {
        throw Error(ErrorCode::io, path.string(), "cannot be removed: " + failure.message(),
                    "remove it by hand, then run the same command again");
    }
}

} // namespace skw::plugin

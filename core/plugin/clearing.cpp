// SPDX-License-Identifier: Apache-2.0
// A walk by descriptors: every folder is opened in its parent without following a link, so that a name that
// is exchanged meanwhile leads nowhere else.
#include "plugin/clearing.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr const char* unmount = "unmount it, then run the same command again";
constexpr std::size_t deepest = 400; // one descriptor is open for each level

[[noreturn]] void fail(const fs::path& path, const std::string& what, int reason)
{
    throw Error(ErrorCode::io, printable(path.native()),
                what + ": " + std::generic_category().message(reason),
                "remove it by hand, then run the same command again");
}

struct About {
    std::uint64_t device = 0, inode = 0, bytes = 0, names = 0;
    mode_t mode = 0;
    std::int64_t changed = 0;
    bool is_mount_root = false; // also of a folder that is bound to another place of the same file system
    bool is_folder() const noexcept { return S_ISDIR(mode); }
};

std::optional<About> look_at(int folder, const char* name, int flags)
{
    struct statx about {};
    const unsigned wanted = STATX_BASIC_STATS;
    if (::statx(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | flags, wanted, &about) != 0) {
        return std::nullopt;
    }
    About out;
    out.device = (std::uint64_t{about.stx_dev_major} << 32) | about.stx_dev_minor;
    out.inode = about.stx_ino;
    out.bytes = about.stx_blocks * 512;
    out.names = about.stx_nlink;
    out.mode = about.stx_mode;
    out.changed = about.stx_mtime.tv_sec;
    out.is_mount_root = (about.stx_attributes_mask & about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return out;
}

std::vector<std::string> names_in(int folder, const fs::path& path)
{
    // Reading moves the position of the opening, so it gets one of its own.
    Descriptor own(::openat(folder, ".", folder_flags));
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(own.open() ? ::fdopendir(own.get()) : nullptr, ::closedir);
    if (!stream) {
        fail(path, "cannot be read", errno);
    }
    own.release();
    std::vector<std::string> names;
    errno = 0;
    for (const dirent* entry = ::readdir(stream.get()); entry != nullptr; entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
        errno = 0;
    }
    if (errno != 0) {
        fail(path, "cannot be read", errno);
    }
    std::ranges::sort(names);
    return names;
}

// Walks depth first. The visitor may be told of what cannot be entered, and then goes on without it.
class Walk {
public:
    Walk(std::uint64_t device, bool tolerant) : device_(device), tolerant_(tolerant) {}
    virtual ~Walk() = default;

    void content(int folder, const fs::path& path, std::size_t depth)
    {
        for (const std::string& name : names_in(folder, path)) {
            entry(folder, name, path / name, depth);
        }
    }

    void entry(int folder, const std::string& name, const fs::path& path, std::size_t depth)
    {
        const std::optional<About> about = look_at(folder, name.c_str(), 0);
        if (!about) {
            if (errno == ENOENT || tolerant_) {
                return; // gone meanwhile
            }
            fail(path, "cannot be looked at", errno);
        }
        // Files of a layered file system may have another device than its folders.
        if ((about->is_folder() && about->device != device_) || about->is_mount_root) {
            refuse(path, "is a mount point, so what lies there belongs to another place", unmount);
            return;
        }
        if (about->is_folder()) {
            enter(folder, name, path, depth);
        }
        visit(folder, name, path, *about);
    }

private:
    // A file, link or folder; of a folder the content was visited before.
    virtual void visit(int folder, const std::string& name, const fs::path& path, const About& about) = 0;

    void refuse(const fs::path& path, const std::string& reason, const std::string& hint) const
    {
        if (!tolerant_) {
            throw Error(ErrorCode::unsupported, printable(path.native()), reason, hint);
        }
    }

    void enter(int folder, const std::string& name, const fs::path& path, std::size_t depth)
    {
        if (depth == deepest) {
            refuse(path, "lies more than " + std::to_string(deepest) + " folders deep",
                   "remove it by hand, then run the same command again");
            return;
        }
        const Descriptor inner(::openat(folder, name.c_str(), folder_flags));
        if (!inner.open()) {
            if (tolerant_) {
                return;
            }
            fail(path, "cannot be opened", errno);
        }
        // The name may lead elsewhere by now: what was opened counts.
        const std::optional<About> opened = look_at(inner.get(), "", AT_EMPTY_PATH);
        if (!opened || opened->device != device_ || opened->is_mount_root) {
            refuse(path, "has become a mount point", unmount);
            return;
        }
        try {
            content(inner.get(), path, depth + 1);
        } catch (const Error&) {
            if (!tolerant_) {
                throw;
            }
        }
    }

    const std::uint64_t device_;
    const bool tolerant_;
};

class Measuring final : public Walk {
public:
    using Walk::Walk;
    TreeSize size;

private:
    void visit(int, const std::string&, const fs::path&, const About& about) override
    {
        (about.is_folder() ? size.folders : S_ISREG(about.mode) ? size.files : size.links) += 1;
        if (about.is_folder() || about.names < 2 || seen_.insert({about.device, about.inode}).second) {
            size.bytes += about.bytes;
        }
        if (!about.is_folder()) {
            size.newest = std::max(size.newest.value_or(about.changed), about.changed);
        }
    }
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen_; // device, inode
};

class Removing final : public Walk {
public:
    Removing(std::uint64_t device, const std::stop_token& stop) : Walk(device, false), stop_(stop) {}

private:
    void visit(int folder, const std::string& name, const fs::path& path, const About& about) override
    {
        if (stop_.stop_requested()) {
            throw Error(ErrorCode::cancelled, printable(path.native()), "stopped on request");
        }
        if (::unlinkat(folder, name.c_str(), about.is_folder() ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT) {
            fail(path, "cannot be removed", errno);
        }
    }
    const std::stop_token& stop_;
};

std::uint64_t device_of(int folder, const fs::path& path)
{
    const std::optional<About> about = look_at(folder, "", AT_EMPTY_PATH);
    if (!about) {
        fail(path, "cannot be looked at", errno);
    }
    return about->device;
}

} // namespace

Tree::Tree(const fs::path& root) : path_(root)
{
    root_ = Descriptor(::open(root.c_str(), folder_flags));
    if (root_.open()) {
        return;
    }
    const int reason = errno;
    std::error_code ignored;
    const fs::file_type type = fs::symlink_status(root, ignored).type();
    const std::string shown = printable(root.native());
    if (type == fs::file_type::symlink) {
        throw Error(ErrorCode::bad_input, shown, "is a symbolic link, and not a folder",
                    "name the folder that it leads to, or remove the link by hand");
    }
    if (reason == ENOENT) {
        throw Error(ErrorCode::not_found, shown, "does not exist");
    }
    if (reason == ENOTDIR) {
        throw Error(ErrorCode::bad_input, shown, "is not a folder", "remove it by hand if it is in the way");
    }
    throw Error(ErrorCode::io, shown, "cannot be opened: " + std::generic_category().message(reason));
}

bool Tree::is_mount_point() const
{
    const std::optional<About> here = look_at(descriptor(), "", AT_EMPTY_PATH);
    const std::optional<About> above = look_at(descriptor(), "..", 0);
    return here && (here->is_mount_root || (above && above->device != here->device));
}

std::vector<TreeEntry> Tree::entries() const
{
    std::vector<TreeEntry> out;
    for (std::string& name : names_in(descriptor(), path_)) {
        if (const std::optional<About> about = look_at(descriptor(), name.c_str(), 0)) {
            out.push_back({std::move(name), about->is_folder(), S_ISLNK(about->mode), about->changed});
        }
    }
    return out;
}

TreeSize Tree::measure(const std::string& name) const
{
    Measuring walk(device_of(descriptor(), path_), false);
    walk.entry(descriptor(), name, path_ / name, 1);
    return walk.size;
}

TreeSize Tree::measure() const
{
    Measuring walk(device_of(descriptor(), path_), false);
    walk.content(descriptor(), path_, 1);
    return walk.size;
}

TreeSize Tree::estimate(const std::string& name) const
{
    Measuring walk(device_of(descriptor(), path_), true);
    walk.entry(descriptor(), name, path_ / name, 1);
    return walk.size;
}

void Tree::remove_content(const std::stop_token& stop, std::string_view last)
{
    Removing walk(device_of(descriptor(), path_), stop);
    std::vector<std::string> names = names_in(descriptor(), path_);
    std::ranges::stable_partition(names, [&](const std::string& name) { return name != last; });
    for (const std::string& name : names) {
        walk.entry(descriptor(), name, path_ / name, 1);
    }
}

void Tree::remove_root()
{
    // The name has to lead to the folder that was emptied.
    const std::optional<About> here = look_at(descriptor(), "", AT_EMPTY_PATH);
    const std::optional<About> named = look_at(AT_FDCWD, path_.c_str(), 0);
    if (!here || !named || here->device != named->device || here->inode != named->inode) {
        throw Error(ErrorCode::io, printable(path_.native()), "is another folder by now; only its content is gone",
                    "look at it before anything else");
    }
    if (::rmdir(path_.c_str()) != 0) {
        fail(path_, "cannot be removed", errno);
    }
}

} // namespace skw::plugin

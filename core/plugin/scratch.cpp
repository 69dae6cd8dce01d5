// SPDX-License-Identifier: Apache-2.0
// The scratch folder of one execution.
#include "plugin/scratch.hpp"

#include "plugin/walk.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr const char* marker_name = ".keep";
constexpr std::size_t most_kept = 1000;
constexpr std::uint64_t longest_marker = 2u << 20; // a thousand of the longest paths

std::uint64_t used_below(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    std::error_code failure;
    for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code gone; // a worker may remove files meanwhile
        if (entry->symlink_status(gone).type() == fs::file_type::regular) {
            const std::uintmax_t size = entry->file_size(gone);
            bytes += gone ? 0 : size;
        }
    }
    return bytes;
}

// A folder itself, not a link to one.
bool is_folder(const fs::path& path)
{
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() == fs::file_type::directory;
}

// Collected before anything is removed: what a folder lists while it changes is not defined.
std::vector<fs::path> names_in(const fs::path& folder)
{
    std::vector<fs::path> names;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        names.push_back(entry->path().filename());
    }
    return names;
}

bool is_kept_name(std::string_view name)
{
    return RepoPath::parse(name) && !name.starts_with(marker_name);
}

// Whatever lies under the marker's name: what cannot be read keeps nothing.
std::set<std::string> read_marker(const fs::path& folder)
{
    std::set<std::string> names;
    std::error_code ignored;
    if (fs::symlink_status(folder / marker_name, ignored).type() != fs::file_type::regular) {
        remove_tree(folder / marker_name);
        return names;
    }
    try {
        const std::string text = read_file(folder / marker_name, longest_marker);
        for (std::size_t begin = 0; begin < text.size() && names.size() < most_kept;) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            const std::string line = text.substr(begin, end - begin);
            if (is_kept_name(line) || (line.starts_with('/') && is_kept_name(line.substr(1)))) {
                names.insert(line);
            }
            begin = end + 1;
        }
    } catch (const Error&) {
        names.clear();
    }
    return names;
}

void write_marker(const fs::path& folder, const std::set<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) {
        text += name + "\n";
    }
    write_file_atomically(folder / marker_name, text);
    OpenFolder(folder).sync(); // the new name of the marker
}

// Removes what is not kept and holds nothing kept. Gives whether anything kept is there. Links are removed,
// never entered.
bool remove_unkept(const fs::path& folder, const std::string& below, const std::set<std::string>& kept)
{
    bool found = false;
    for (const fs::path& entry : names_in(folder)) {
        const std::string name = below + entry.native();
        if (name == marker_name) {
            continue;
        }
        const auto inside = kept.lower_bound(name + "/");
        if (kept.contains(name)) {
            found = true;
        } else if (inside != kept.end() && inside->starts_with(name + "/") && is_folder(folder / entry)) {
            found = remove_unkept(folder / entry, name + "/", kept) || found;
        } else {
            remove_tree(folder / entry);
        }
    }
    return found;
}

} // namespace

ScratchRoom::ScratchRoom(const fs::path& root, std::string_view plugin_id, std::string_view name,
                         std::optional<std::uint64_t> allowed)
    : root_(fs::absolute(root)),
      plugin_id_(plugin_id),
      name_(name),
      here_(root_ / "resume" / plugin_id / name),
      allowed_(allowed)
{
}

ScratchRoom::~ScratchRoom()
{
    try {
        leave();
    } catch (...) {
        return; // what cannot be removed now is removed by the next run for the same target
    }
}

void ScratchRoom::make()
{
    const OpenFolder owner = OpenFolder(root_).make("resume").make(plugin_id_);
    const std::string same_target = name_.substr(0, name_.find('-') + 1);
    for (const fs::path& other : names_in(owner.path())) {
        if (other.native().starts_with(same_target) && other.native() != name_) {
            remove_tree(owner.path() / other);
        }
    }
    if (!is_folder(here_)) {
        remove_tree(here_); // a link somebody left under this name
    }
    const OpenFolder here = owner.make(name_);
    if (::fchmod(here.descriptor(), 0700) != 0) {
        throw Error(ErrorCode::io, here_.string(), "belongs to somebody else",
                    "choose another scratch folder with --scratch");
    }
    kept_ = read_marker(here_);
    if (forget_folders_) {
        std::erase_if(kept_, [](const std::string& name) { return name.starts_with('/'); });
        write_marker(here_, kept_);
    }
    remove_unkept(here_, {}, kept_);
}

void ScratchRoom::leave()
{
    if (!made_ && !succeeded_) {
        return;
    }
    const OpenFolder root(root_);
    const std::optional<OpenFolder> all = root.find("resume");
    const std::optional<OpenFolder> owner = all ? all->find(plugin_id_) : std::nullopt;
    if (!owner) {
        return;
    }
    const bool keeps_folders =
        std::ranges::any_of(kept_, [](const std::string& name) { return name.starts_with('/'); });
    if (succeeded_ || !is_folder(here_) || (!remove_unkept(here_, {}, kept_) && !keeps_folders)) {
        remove_tree(here_);
    }
    ::unlinkat(all->descriptor(), plugin_id_.c_str(), AT_REMOVEDIR); // both only if empty
    ::unlinkat(root.descriptor(), "resume", AT_REMOVEDIR);
}

const fs::path& ScratchRoom::folder()
{
    if (allowed_ == std::uint64_t{0}) {
        throw Error(ErrorCode::contract, "scratch directory", "the plan asks for no scratch bytes");
    }
    if (!made_) {
        make();
        made_ = true;
    }
    return here_;
}

fs::path ScratchRoom::path()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    return folder();
}

std::optional<fs::path> ScratchRoom::path_if_made() const
{
    const std::lock_guard<std::mutex> guard(mutex_);
    return made_ ? std::optional<fs::path>(here_) : std::nullopt;
}

std::uint64_t ScratchRoom::quota()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    const fs::path& here = folder();
    const std::uint64_t free = read_free_space(here);
    if (!allowed_) {
        return free;
    }
    const std::uint64_t used = used_below(here);
    return std::min(free, used < *allowed_ ? *allowed_ - used : 0);
}

void ScratchRoom::keep(std::string_view name)
{
    if (!is_kept_name(name)) {
        throw Error(ErrorCode::bad_argument, std::string(name),
                    "is not the relative name of something in the scratch directory");
    }
    add_to_marker(std::string(name));
}

void ScratchRoom::keep_folder(std::string_view name)
{
    add_to_marker("/" + std::string(name));
}

void ScratchRoom::add_to_marker(std::string line)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    const fs::path& here = folder();
    if (kept_.size() == most_kept) {
        throw Error(ErrorCode::bad_argument, line, "is one more than can be kept");
    }
    if (kept_.insert(std::move(line)).second) {
        write_marker(here, kept_);
    }
}

std::set<std::string> read_kept_folders(const fs::path& root, std::string_view plugin_id,
                                        std::string_view name)
{
    const fs::path here = root / "resume" / plugin_id / name;
    std::set<std::string> folders;
    std::error_code ignored;
    if (is_folder(here) && fs::symlink_status(here / marker_name, ignored).type() == fs::file_type::regular) {
        for (const std::string& line : read_marker(here)) {
            if (line.starts_with('/')) {
                folders.insert(line.substr(1));
            }
        }
    }
    return folders;
}

} // namespace skw::plugin

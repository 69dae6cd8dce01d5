// SPDX-License-Identifier: Apache-2.0
// The marker of scratch roots, and the names that this program and the Python tool before it make in one.
#include "plugin/scratch_root.hpp"

#include "plugin/manifest.hpp"
#include "support/error.hpp"
#include "support/hex.hpp"
#include "support/spawn.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <system_error>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "This folder holds intermediate files of skulk-weights.\n";
constexpr std::string_view other_lines = "`skulk-weights scratch clean` may delete it with all its content.\n";

// Not having it only means that `scratch clean` looks at the names in the folder instead, so a failure here
// stops nobody.
void write_marker(const fs::path& root)
{
    const fs::path path = root / scratch_marker;
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (file.open()) {
        const std::string text = std::string(first_line) + std::string(other_lines);
        if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            ::unlink(path.c_str());
        }
    }
}

// Whether the text is groups of hexadecimal digits of these lengths, with a "-" between two.
bool is_hex_groups(std::string_view text, std::initializer_list<std::size_t> lengths)
{
    std::string_view between;
    for (const std::size_t length : lengths) {
        if (!text.starts_with(between) || text.size() < between.size() + length ||
            !is_lower_hex(text.substr(between.size(), length))) {
            return false;
        }
        text.remove_prefix(between.size() + length);
        between = "-";
    }
    return text.empty();
}

} // namespace

void make_scratch_root(const fs::path& root)
{
    std::error_code failure;
    if (fs::equivalent(root, "/", failure)) {
        throw Error(ErrorCode::bad_input, root.string(),
                    "is the root of the file system, and cannot be the scratch root",
                    "choose another scratch folder with --scratch");
    }
    failure.clear();
    if (!root.has_filename()) { // "a/" is "a"
        return make_scratch_root(root.parent_path());
    }
    if (const fs::path parent = root.parent_path(); !parent.empty()) {
        fs::create_directories(parent, failure);
    }
    if (!failure && fs::create_directory(root, failure)) {
        write_marker(root);
    }
    if (!failure && !fs::is_directory(root, failure) && !failure) {
        failure = std::make_error_code(std::errc::not_a_directory);
    }
    if (failure) {
        throw Error(ErrorCode::io, root.string(), "cannot be made: " + failure.message(),
                    "choose another scratch folder with --scratch");
    }
}

ScratchThing scratch_thing(std::string_view name, bool is_folder)
{
    if (!is_folder) {
        const bool staged = name.ends_with("-mtp.safetensors") && name.find("--") != std::string_view::npos;
        return name == scratch_marker ? ScratchThing::marker
               : staged               ? ScratchThing::staged
                                      : ScratchThing::unknown;
    }
    if (name == "resume") {
        return ScratchThing::resume;
    }
    if (name == "_hf_cache" || name == "vision" || name == "ui-jobs") {
        return ScratchThing::old_cache;
    }
    const bool vindex = (name.ends_with(".vindex") && name != ".vindex") ||
                        name.find(".vindex-") != std::string_view::npos; // and the name of a slice
    return vindex ? ScratchThing::vindex : ScratchThing::unknown;
}

bool belongs_in(std::string_view folder, std::string_view name, bool is_folder)
{
    if (folder == "resume") {
        return is_folder && is_plugin_id(name);
    }
    if (folder == "vision") {
        const std::size_t middle = name.find("--");
        return is_folder && middle != std::string_view::npos && middle > 0 && middle + 2 < name.size();
    }
    if (folder == "ui-jobs") {
        return is_folder && is_hex_groups(name, {8, 4, 4, 4, 12});
    }
    if (folder == "_hf_cache") {
        return is_folder ? name.starts_with("models--") || name == ".locks" : name == "CACHEDIR.TAG";
    }
    return true;
}

bool is_run_name(std::string_view name)
{
    return is_hex_groups(name, {8, 16});
}

bool has_scratch_marker(int root_descriptor)
{
    const Descriptor file(::openat(root_descriptor, std::string(scratch_marker).c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat about {};
    if (!file.open() || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
        return false;
    }
    std::array<char, first_line.size()> begin{};
    const ssize_t count = ::read(file.get(), begin.data(), begin.size());
    return count == static_cast<ssize_t>(begin.size()) &&
           std::string_view(begin.data(), begin.size()) == first_line;
}

bool is_leased(int root_descriptor)
{
    // An opening of its own, so that the question leaves no lock behind.
    const Descriptor own(::openat(root_descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return own.open() && ::flock(own.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

bool take_lease(int root_descriptor)
{
    // A file system without locks has no other holders either.
    return ::flock(root_descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The scratch folder of one execution.
#include "plugin/scratch.hpp"

#include "support/error.hpp"
#include "support/ids.hpp"

#include <algorithm>
#include <system_error>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;

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

} // namespace

ScratchRoom::ScratchRoom(fs::path root, std::string_view plugin_id, std::string_view plan,
                         std::optional<std::uint64_t> allowed)
    : root_(std::move(root)),
      kept_(root_ / "kept" / plugin_id / plan),
      allowed_(allowed)
{
}

ScratchRoom::~ScratchRoom()
{
    if (succeeded_ || !folder_) {
        return;
    }
    for (const std::string& name : names_) {
        std::error_code ignored; // what cannot be kept is made again by the next run
        fs::create_directories((kept_ / name).parent_path(), ignored);
        fs::remove_all(kept_ / name, ignored);
        fs::rename(folder_->path() / name, kept_ / name, ignored);
    }
}

fs::path ScratchRoom::folder()
{
    if (allowed_ == std::uint64_t{0}) {
        throw Error(ErrorCode::contract, "scratch directory", "the plan asks for no scratch bytes");
    }
    if (!folder_) {
        folder_.emplace(root_);
        bring_back(folder_->path());
    }
    return folder_->path();
}

void ScratchRoom::bring_back(const fs::path& into) const
{
    std::error_code failure;
    for (fs::directory_iterator entry(kept_, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code ignored;
        fs::rename(entry->path(), into / entry->path().filename(), ignored);
    }
    std::error_code ignored;
    fs::remove_all(kept_, ignored);
    fs::remove(kept_.parent_path(), ignored); // only if empty
    fs::remove(kept_.parent_path().parent_path(), ignored);
}

fs::path ScratchRoom::path()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    return folder();
}

std::uint64_t ScratchRoom::quota()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    const fs::path here = folder();
    const std::uint64_t free = read_free_space(here);
    if (!allowed_) {
        return free;
    }
    const std::uint64_t used = used_below(here);
    return std::min(free, used < *allowed_ ? *allowed_ - used : 0);
}

void ScratchRoom::keep(std::string_view name)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    const fs::path here = folder();
    std::error_code ignored;
    if (!RepoPath::parse(name) ||
        fs::symlink_status(here / name, ignored).type() == fs::file_type::not_found) {
        throw Error(ErrorCode::bad_argument, std::string(name),
                    "is not the relative name of something in the scratch directory");
    }
    names_.insert(std::string(name));
}

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Reading planned inputs through the host's sources.
#include "plugin/inputs.hpp"

#include <algorithm>

namespace skw::plugin {

std::size_t InputPart::read(std::span<std::byte> into)
{
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
        throw Error(ErrorCode::contract, place(), "is read by two threads at once through one handle");
    }
    if (position_ == length_) {
        return 0;
    }
    if (!stream_) {
        stream_ = sources_.open(input_, path_, begin_, length_);
    }
    const std::uint64_t left = length_ - position_;
    const std::size_t got =
        stream_->read(into.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()))));
    if (got == 0) {
        throw Error(ErrorCode::network, place(), "ended before its last byte", "run the same command again");
    }
    position_ += got;
    return got;
}

std::size_t InputPart::read_at(std::uint64_t offset, std::span<std::byte> into) const
{
    if (offset >= length_) {
        return 0;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(length_ - offset, into.size()));
    sources_.read_at(input_, path_, begin_ + offset, into.first(size));
    return size;
}

const PlannedInput& Inputs::planned(std::string_view input) const
{
    const auto found = rights_.inputs.find(input);
    if (found == rights_.inputs.end()) {
        throw Error(ErrorCode::contract, "input " + std::string(input), "is not in the plan");
    }
    return found->second;
}

std::vector<SourceFile> Inputs::list(std::string_view input)
{
    const PlannedInput& rights = planned(input);
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto known = listings_.find(input);
    if (known != listings_.end()) {
        return known->second;
    }
    std::vector<SourceFile> files = sources_.list(input);
    std::erase_if(files, [&](const SourceFile& file) { return !selects(rights, file.path); });
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return listings_.emplace(std::string(input), std::move(files)).first->second;
}

SourceFile Inputs::stat(std::string_view input, std::string_view path)
{
    if (!selects(planned(input), path)) {
        throw Error(ErrorCode::contract, std::string(input) + "/" + std::string(path),
                    "is not selected by the plan's patterns");
    }
    const std::vector<SourceFile> files = list(input);
    const auto found = std::lower_bound(
        files.begin(), files.end(), path,
        [](const SourceFile& file, std::string_view wanted) { return std::string_view(file.path) < wanted; });
    if (found == files.end() || found->path != path) {
        throw Error(ErrorCode::not_found, std::string(input) + "/" + std::string(path),
                    "is not in the repository at the pinned commit");
    }
    return *found;
}

std::shared_ptr<InputPart> Inputs::open(std::string_view input, std::string_view path)
{
    return std::make_shared<InputPart>(sources_, std::string(input), std::string(path), 0,
                                       stat(input, path).size);
}

std::shared_ptr<InputPart> Inputs::open(std::string_view input, std::string_view path, std::uint64_t offset,
                                        std::uint64_t length)
{
    const std::uint64_t size = stat(input, path).size;
    if (offset > size || length > size - offset) {
        throw Error(ErrorCode::bad_argument, std::string(input) + "/" + std::string(path),
                    "bytes " + std::to_string(offset) + " and the " + std::to_string(length) +
                        " after it leave the file of " + std::to_string(size) + " bytes");
    }
    return std::make_shared<InputPart>(sources_, std::string(input), std::string(path), offset, length);
}

} // namespace skw::plugin

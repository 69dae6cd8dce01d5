// SPDX-License-Identifier: Apache-2.0
// Declared mirrored files.
#include "plugin/mirrors.hpp"

#include <algorithm>

namespace skw::plugin {

void Mirrors::add(std::string_view input, const SourceFile& file)
{
    const std::string place = std::string(input) + "/" + file.path;
    if (!rights_.mirrors.contains(input)) {
        throw Error(ErrorCode::contract, "input " + std::string(input), "is not a mirror of the plan");
    }
    if (!RepoPath::parse(file.path)) {
        throw Error(ErrorCode::contract, place, "has a path that no file of the target may have");
    }
    if (file.path == "README.md" || file.path == ".gitattributes") {
        throw Error(ErrorCode::contract, place, "cannot be mirrored: the target has its own " + file.path);
    }
    if (std::any_of(rights_.outputs.begin(), rights_.outputs.end(),
                    [&](const auto& output) { return output.second.path.text() == file.path; })) {
        throw Error(ErrorCode::contract, place, "cannot be mirrored: an output of the plan has this path");
    }
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto [known, fresh] =
        files_.emplace(file.path, MirroredFile{.input = std::string(input), .file = file});
    if (!fresh && known->second.input != input) {
        throw Error(ErrorCode::contract, place,
                    "is mirrored from the input " + known->second.input + " already");
    }
}

std::vector<MirroredFile> Mirrors::take()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    std::vector<MirroredFile> files;
    for (auto& [path, file] : files_) {
        files.push_back(std::move(file));
    }
    files_.clear();
    return files;
}

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Programs by their names.
#include "support/programs.hpp"

#include <unistd.h>

#include <cstdlib>

namespace skw {

std::optional<std::filesystem::path> find_program(std::string_view name)
{
    if (name.empty() || name.find('/') != std::string_view::npos ||
        name.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const char* path = std::getenv("PATH");
    std::string_view left = path == nullptr ? std::string_view() : std::string_view(path);
    while (!left.empty()) {
        const std::size_t colon = left.find(':');
        const std::filesystem::path folder(left.substr(0, colon));
        left = colon == std::string_view::npos ? std::string_view() : left.substr(colon + 1);
        const std::filesystem::path candidate = folder / name;
        std::error_code ignored;
        if (folder.is_absolute() && std::filesystem::is_regular_file(candidate, ignored) &&
            ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

} // namespace skw

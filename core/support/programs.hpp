// SPDX-License-Identifier: Apache-2.0
// Where programs lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace skw {

// The absolute path of the program that a shell would run for the plain name, except that empty and relative
// parts of PATH, which mean the current directory, do not count. nullopt: there is none.
std::optional<std::filesystem::path> find_program(std::string_view name);

} // namespace skw

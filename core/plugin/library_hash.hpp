// SPDX-License-Identifier: Apache-2.0
// The hash of a plugin's library, asked for when it is listed and again right before it is loaded.
#pragma once

#include "support/ids.hpp"

#include <filesystem>

namespace skw::plugin {

// Reads the file, unless this process has done so and nobody can have changed it since: the same file, of
// the same size, whose status was last changed well before it was read. Throws Error(io).
Sha256 hash_of_library(const std::filesystem::path& file);

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Sample repos, made in a root without a server.
#pragma once

#include "localhub/samples.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace skw::localhub {

struct Seeded {
    std::string repo, commit;
    bool unchanged = false; // the repo held exactly this before; no commit was made
};
// Throws Error(conflict) while a server uses the root. Told of each file before it is written.
Seeded seed(const std::filesystem::path& root, const SampleRepo& sample,
            const std::function<void(std::string_view path, std::uint64_t bytes)>& progress = {});

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// All checks of a folder that larql wrote, in the order of what they cost.
#pragma once

#include "vindex/checks.hpp"
#include "vindex/job.hpp"
#include "vindex/preflight.hpp"

#include <skw/call.hpp>

#include <filesystem>
#include <functional>

namespace skw::vindex {

struct Examined {
    Files files;
    Hashes hashes;
};

// SHA-256 of a file by its path; the host does it.
using Hasher = std::function<std::string(const std::filesystem::path&)>;

// V1 to V12 and V14. Warns of what could not be compared. Throws Failure(SKW_E_BAD_INPUT).
Examined examine_vindex(const sdk::Call& call, const std::filesystem::path& folder, const Job& job,
                        const Model& model, const Source& source, const Hasher& hasher);
// V13.
Examined examine_slice(const sdk::Call& call, const std::filesystem::path& folder, const Examined& full,
                       const std::filesystem::path& full_folder, const Hasher& hasher);

} // namespace skw::vindex

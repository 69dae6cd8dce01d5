// SPDX-License-Identifier: Apache-2.0
// The pinned source in a cache of its own, laid out as larql looks a model up.
#pragma once

#include "vindex/job.hpp"
#include "vindex/source.hpp"

#include <skw/call.hpp>
#include <skw/services.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace skw::vindex {

inline constexpr std::string_view cache_folder = "hub"; // below the scratch directory; kept after a failure

// hub/models--OWNER--NAME/snapshots/COMMIT below the scratch directory.
std::filesystem::path snapshot_folder(const std::filesystem::path& scratch, const Job& job);

// S4: the cache holds that one snapshot, and it no weights but those. Throws Failure(SKW_E_BAD_INPUT).
void check_cache(const std::filesystem::path& scratch, const Job& job, const Selection& selection);

// Fetches, and checks S2, S3 and S4. Throws Failure.
Source stage_source(const sdk::Call& call, const Job& job, const Selection& selection);

// S6: nothing may lie where a tool is about to write. Throws Failure(SKW_E_BAD_INPUT).
void require_absent(const std::filesystem::path& folder, std::string_view shown);

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// skulk-manifest.json: what lies in a published vindex and how it was made. LARQL records no sizes, no hash
// of most files, and not which revision it read.
#pragma once

#include "vindex/checks.hpp"
#include "vindex/job.hpp"
#include "vindex/tool.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace skw::vindex {

inline constexpr std::string_view manifest_file = "skulk-manifest.json";
inline constexpr std::string_view manifest_schema = "skw.vindex-manifest/1";

// "full" or "expert-server", as the card and the manifest say it.
std::string slices_fact(const Job& job);

// The document with a line break at its end; the same arguments give the same bytes. Folders stand in it by
// their names only: paths of the machine that made it are nobody's business.
std::string make_manifest(const Job& job, const Larql& larql, const Files& files, const Hashes& hashes);

} // namespace skw::vindex

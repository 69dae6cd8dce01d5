// SPDX-License-Identifier: Apache-2.0
// The folders below the scratch root that a plan's tools write.
#pragma once

#include "plugin/host.hpp"
#include "plugin/rights.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// "<target>-<plan>" of a skw.plan/1: the same for the same plan, whatever an earlier try finished of it;
// plans for the same artifact share the beginning. The name of its directory below the scratch root.
std::string name_of_plan(const json::value& plan);
std::string name_of_target(const json::value& plan); // that beginning

// Throws Error(bad_input) with the contract's words (cli-contract 8) if anything, a broken link as well, lies
// where a folder of this skw.plan/1 of `plugin_id` goes, unless an earlier try of this very plan has kept it.
// shown: the root as the operator knows it; "" = root.
void refuse_existing_folders(const json::value& plan, std::string_view plugin_id,
                             const std::filesystem::path& root, std::string_view shown);

// Where the folders of the plan go. What lies there is refused as above, or, with `replace`, removed: of a
// link only the link. kept: the folders that an earlier try kept.
std::vector<std::filesystem::path> prepare_folders(const Rights& rights, const std::set<std::string>& kept,
                                                   const std::filesystem::path& root, std::string_view shown,
                                                   bool replace);

// Removes the folders with their content; of a link only the link. All are tried. Throws Error(io).
void remove_folders(const std::vector<std::filesystem::path>& folders);

} // namespace skw::plugin

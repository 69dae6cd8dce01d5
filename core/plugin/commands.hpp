// SPDX-License-Identifier: Apache-2.0
// The parts of a plan that concern tools: what a step may run, with which variables, and what it may upload.
#pragma once

#include "plugin/rights.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace skw::plugin {

// The name of a staged file or folder: one part of a path, and none that the host uses for itself.
bool is_staged_name(std::string_view name);

// Whether a plan may give a tool a variable of this name: [A-Z_][A-Z0-9_]*, and none that carries a secret,
// steers the loader, or has its value from the host.
bool is_plan_variable(std::string_view name);

// The tool of one step, or nullopt for a step without. tools: those of the plan; faults go to the reader.
std::optional<PlannedCommand> read_command(const Reader& step, const std::set<std::string>& tools,
                                           const std::set<std::string, std::less<>>& folders);

} // namespace skw::plugin

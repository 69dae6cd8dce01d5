// SPDX-License-Identifier: Apache-2.0
// The commands, each defined in a file of its own.
#pragma once

#include "cli/command.hpp"

namespace skw::cli {

extern const Command catalog_validate, catalog_list, catalog_sources, catalog_show;
extern const Command catalog_find, catalog_init, catalog_add;
extern const Command plugins_list, plugins_show;
extern const Command publish_command, inspect_command;
extern const Command doctor_command, scratch_show, scratch_clean;
extern const Command schema_command, completion_command, manual_command, complete_command;

} // namespace skw::cli

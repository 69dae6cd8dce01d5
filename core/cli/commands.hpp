// SPDX-License-Identifier: Apache-2.0
// The commands, each defined in a file of its own.
#pragma once

#include "cli/command.hpp"

namespace skw::cli {

extern const Command catalog_validate, catalog_list, catalog_sources, catalog_show;
extern const Command plugins_list, plugins_show;
extern const Command publish_command, inspect_command;

} // namespace skw::cli

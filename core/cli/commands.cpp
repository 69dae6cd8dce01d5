// SPDX-License-Identifier: Apache-2.0
// The table of commands: help, completion and dispatch all read it.
#include "cli/commands.hpp"

#include <array>

namespace skw::cli {

std::span<const Command* const> all_commands()
{
    static const std::array table = {&publish_command, &inspect_command, &catalog_validate, &catalog_list,
                                     &catalog_show,    &catalog_sources, &plugins_list,     &plugins_show};
    return table;
}

std::span<const Option> global_options()
{
    static const std::array table = {
        Option{"config", "PATH", "operator configuration instead of ./skulk-weights.yaml", 0, false},
        Option{"manifest", "PATH", "only this one catalog file, without the built-in catalog", 0, false}};
    return table;
}

} // namespace skw::cli

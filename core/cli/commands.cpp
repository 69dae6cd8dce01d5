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

std::span<const Option> common_options()
{
    static const std::array table = {
        Option{"json", "", "print one JSON document instead of text"},
        Option{"quiet", "", "no progress and no notes; results, warnings and errors stay", 'q'},
        Option{"verbose", "", "more of what is going on, such as every request", 'v'},
        Option{"no-color", "", "no colours on a terminal; NO_COLOR in the environment does the same"},
        Option{"help", "", "show this and exit", 'h'}};
    return table;
}

std::span<const Option> global_options()
{
    static const std::array table = {
        Option{"config", "PATH", "operator configuration instead of ./skulk-weights.yaml", 0, false,
               Values::files},
        Option{"manifest", "PATH", "only this one catalog file, without the built-in catalog", 0, false,
               Values::files}};
    return table;
}

} // namespace skw::cli

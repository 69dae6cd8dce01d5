// SPDX-License-Identifier: Apache-2.0
// The table of commands: help, completion and dispatch all read it.
#include "cli/commands.hpp"

#include "support/error.hpp"

#include <algorithm>
#include <array>

namespace skw::cli {

std::span<const Command* const> all_commands()
{
    static const std::array table = {&publish_command, &inspect_command, &catalog_validate, &catalog_list,
                                     &catalog_show,    &catalog_sources, &catalog_find,    &catalog_init,
                                     &catalog_add,     &plugins_list,     &plugins_show,
                                     &doctor_command,  &scratch_show,     &scratch_clean,
                                     &schema_command,  &completion_command, &manual_command, &complete_command};
    return table;
}

std::vector<std::string> choices_of(std::string_view shown)
{
    std::vector<std::string> choices;
    while (!shown.empty()) {
        const std::size_t end = std::min(shown.find('|'), shown.size());
        choices.emplace_back(shown.substr(0, end));
        shown.remove_prefix(std::min(end + 1, shown.size()));
    }
    return choices;
}

std::span<const ExitNote> common_exits()
{
    static const std::array table = {
        ExitNote{exit_code::ok, "done, or nothing to do"},
        ExitNote{exit_code::failed, "failed; stderr says what, why, and what to do"},
        ExitNote{exit_code::usage, "wrong usage"},
        ExitNote{exit_code::temporary, "temporary, such as the network: run the same command again"},
        ExitNote{exit_code::interrupted, "ended by Ctrl-C; no commit is half made"},
        ExitNote{141, "the reader of stdout went away"},
        ExitNote{exit_code::terminated, "ended by SIGTERM; no commit is half made"}};
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

// --config, then --manifest: parse_command_line() knows them by their places.
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

// SPDX-License-Identifier: Apache-2.0
// Help, made from the table of commands.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace skw::cli {

std::string program_help();                       // everything there is
std::string group_help(std::string_view group);   // "catalog": its commands
std::string command_help(const Command& command); // options and examples
std::string usage_line(std::string_view path);    // "usage: skulk-weights publish --model KEY [...]"

} // namespace skw::cli

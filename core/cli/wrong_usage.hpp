// SPDX-License-Identifier: Apache-2.0
// What is said about a wrong command line: the fault in the words scripts know, and what was probably meant.
#pragma once

#include "cli/arguments.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skw::cli {

// An option that the command does not have: the near one, or where it belongs.
WrongUsage unknown_option(const Command& command, std::string_view word);
// The same in front of the command, where the options of the program stand.
WrongUsage unknown_leading_option(std::string_view word);
// group: "" or the first word of several commands, such as "catalog"; word: what stands where a command does.
WrongUsage unknown_command(std::string_view group, std::string_view word);
// An option without its value at the end of the line, or with an option behind it.
WrongUsage missing_value(std::string_view command, const Option& option);
// A value that is none of the choices. argument: "--tier" or the name of a positional.
WrongUsage invalid_choice(std::string_view command, std::string_view argument, std::string_view value,
                          const std::vector<std::string>& choices);

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// The words of a command line, taken apart.
#pragma once

#include "cli/command.hpp"

#include <optional>
#include <string>
#include <vector>

namespace skw::cli {

struct CommandLine {
    std::string config, manifest; // "" = not given
    bool help = false, version = false;
    const Command* command = nullptr; // nullptr: only the global options were given
    Arguments arguments;
};

// A wrong command line, and the command (or group) whose usage helps: "publish", "catalog", "".
struct WrongUsage {
    std::string command, reason, hint;
};

// Throws WrongUsage.
CommandLine parse_command_line(std::vector<std::string> words);

} // namespace skw::cli

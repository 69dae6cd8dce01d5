// SPDX-License-Identifier: Apache-2.0
// Help, made from the table of commands.
#include "cli/help.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

std::string columns(const std::vector<std::pair<std::string, std::string>>& rows)
{
    std::size_t widest = 0;
    for (const auto& [left, right] : rows) {
        widest = std::max(widest, left.size());
    }
    std::string out;
    for (const auto& [left, right] : rows) {
        out += "  " + left + std::string(widest - left.size() + 2, ' ') + right + "\n";
    }
    return out;
}

std::string option_text(const Option& option)
{
    return (option.letter != 0 ? std::string("-") + option.letter + ", " : std::string()) + "--" +
           std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
}

std::string command_rows(std::string_view group)
{
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Command* command : all_commands()) {
        if (group.empty() || command->path.starts_with(std::string(group) + " ")) {
            rows.emplace_back(std::string(command->path) +
                                  (command->positional.empty() ? "" : " " + std::string(command->positional)),
                              std::string(command->summary));
        }
    }
    return columns(rows);
}

} // namespace

std::string usage_line(std::string_view path)
{
    for (const Command* command : all_commands()) {
        if (command->path != path) {
            continue;
        }
        constexpr std::size_t widest = 110;
        std::string line = "usage: skulk-weights " + std::string(path), optional;
        for (const Option& option : command->options) {
            const std::string text = "--" + std::string(option.name) +
                                     (option.value.empty() ? "" : " " + std::string(option.value));
            (option.required ? line : optional) += option.required ? " " + text : " [" + text + "]";
        }
        optional += " [--json]"; // of the common ones the one that scripts ask for
        // Many of them are listed right below, or by --help.
        line += line.size() + optional.size() > widest ? " [OPTIONS]" : optional;
        return line + (command->positional.empty() ? "" : " " + std::string(command->positional)) + "\n";
    }
    return "usage: skulk-weights [--config PATH | --manifest PATH] " +
           (path.empty() ? "COMMAND" : std::string(path) + " COMMAND") + " [OPTIONS]\n";
}

std::string program_help()
{
    std::vector<std::pair<std::string, std::string>> options = {
        {"--version", "show the versions of the program, its plugin interface and its plugins"}};
    for (const auto& table : {global_options(), common_options()}) {
        for (const Option& option : table) {
            options.emplace_back(option_text(option), std::string(option.help));
        }
    }
    return usage_line("") +
           "\nPublishes the weights that Skulk loads from the Hugging Face Hub.\n\ncommands:\n" +
           command_rows("") + "\noptions, before the command (the last five also behind it):\n" + columns(options) +
           "\nexamples:\n"
           "  skulk-weights catalog list\n"
           "  skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp --dry-run\n"
           "  HF_TOKEN=hf_... skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp\n";
}

std::string group_help(std::string_view group)
{
    return usage_line(group) + "\ncommands:\n" + command_rows(group);
}

std::string command_help(const Command& command)
{
    std::string out = usage_line(command.path) + "\n" + std::string(command.summary) + "\n\noptions:\n";
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Option& option : command.options) {
        rows.emplace_back(option_text(option), std::string(option.help));
    }
    for (const Option& option : common_options()) {
        rows.emplace_back(option_text(option), std::string(option.help));
    }
    out += columns(rows);
    if (!command.examples.empty()) {
        out += "\nexamples:\n";
        for (const Example& example : command.examples) {
            out += "  " + std::string(example.line) + "\n      " + std::string(example.meaning) + "\n";
        }
    }
    return out;
}

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// Help, made from the table of commands.
#include "cli/help.hpp"

#include <algorithm>

namespace skw::cli {
namespace {

constexpr std::size_t widest_line = 110;

// Words that do not fit go to the next line, below the first ones.
std::string wrapped(std::string_view text, std::size_t indent)
{
    std::string out;
    std::size_t used = indent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (used > indent && used + 1 + end > widest_line) {
            out += "\n" + std::string(indent, ' ');
            used = indent;
        }
        out += used > indent ? " " : "";
        used += end + (used > indent ? 1 : 0);
        out += text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + "\n";
}

std::string columns(const std::vector<std::pair<std::string, std::string>>& rows)
{
    std::size_t widest = 0;
    for (const auto& [left, right] : rows) {
        widest = std::max(widest, left.size());
    }
    std::string out;
    for (const auto& [left, right] : rows) {
        out += "  " + left + std::string(widest - left.size() + 2, ' ') + wrapped(right, widest + 4);
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
        if (!command->hidden && (group.empty() || command->path.starts_with(std::string(group) + " "))) {
            rows.emplace_back(std::string(command->path) +
                                  (command->positional.empty() ? "" : " " + std::string(command->positional)),
                              std::string(command->summary));
        }
    }
    return columns(rows);
}

std::string exit_rows(std::span<const ExitNote> notes)
{
    std::vector<std::pair<std::string, std::string>> rows;
    for (const ExitNote& note : notes) {
        rows.emplace_back(std::to_string(note.code), std::string(note.meaning));
    }
    return "\nexit codes:\n" + columns(rows);
}

std::string example_lines(std::span<const Example> examples)
{
    std::string out = examples.empty() ? "" : "\nexamples:\n";
    for (const Example& example : examples) {
        out += "  " + std::string(example.line) + "\n      " + wrapped(example.meaning, 6);
    }
    return out;
}

} // namespace

std::string usage_line(std::string_view path)
{
    for (const Command* command : all_commands()) {
        if (command->path != path) {
            continue;
        }
        std::string line = "usage: skulk-weights " + std::string(path), optional;
        for (const Option& option : command->options) {
            const std::string text = "--" + std::string(option.name) +
                                     (option.value.empty() ? "" : " " + std::string(option.value));
            (option.required ? line : optional) += option.required ? " " + text : " [" + text + "]";
        }
        optional += " [--json]"; // of the common ones the one that scripts ask for
        // Many of them are listed right below, or by --help.
        line += line.size() + optional.size() + command->positional.size() + 1 > widest_line ? " [OPTIONS]"
                                                                                             : optional;
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
           command_rows("") + "\noptions, before the command (from --json on also behind it):\n" +
           columns(options) + exit_rows(common_exits()) +
           "\nexamples:\n"
           "  skulk-weights catalog list\n"
           "  skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp --dry-run\n"
           "  HF_TOKEN=hf_... skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp\n"
           "\n`skulk-weights COMMAND --help` shows the options of a command.\n";
}

std::string group_help(std::string_view group)
{
    std::string out = usage_line(group) + "\ncommands:\n" + command_rows(group);
    std::vector<Example> examples; // the first of each command
    for (const Command* command : all_commands()) {
        if (!command->hidden && command->path.starts_with(std::string(group) + " ") &&
            !command->examples.empty()) {
            examples.push_back(command->examples.front());
        }
    }
    return out + example_lines(examples) + "\n`skulk-weights " + std::string(group) +
           " COMMAND --help` shows the options of a command.\n";
}

std::string command_help(const Command& command)
{
    std::string out = usage_line(command.path) + "\n" + wrapped(command.summary, 0) + "\noptions:\n";
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Option& option : command.options) {
        rows.emplace_back(option_text(option), std::string(option.help));
    }
    for (const Option& option : common_options()) {
        rows.emplace_back(option_text(option), std::string(option.help));
    }
    out += columns(rows);
    out += command.exits.empty() ? "" : exit_rows(command.exits);
    return out + example_lines(command.examples);
}

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// What is said about a wrong command line.
#include "cli/wrong_usage.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace skw::cli {
namespace {

std::string without_dashes(std::string_view word)
{
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    return std::string(word.substr(0, word.find('=')));
}

bool has_option(std::span<const Option> options, std::string_view name)
{
    return std::ranges::any_of(options, [name](const Option& option) { return option.name == name; });
}

std::vector<std::string> names_of(std::span<const Option> options)
{
    std::vector<std::string> names;
    for (const Option& option : options) {
        names.emplace_back(option.name);
    }
    return names;
}

// "publish, inspect": the commands that have the option; "" if none has.
std::string commands_with(std::string_view name)
{
    std::string out;
    for (const Command* command : all_commands()) {
        if (!command->hidden && has_option(command->options, name)) {
            out += (out.empty() ? "" : ", ") + std::string(command->path);
        }
    }
    return out;
}

std::string reason_of(std::string_view word)
{
    return "unrecognized arguments: " + printable(word, 200);
}

std::string did_you_mean(const std::string& near)
{
    return near.empty() ? "" : "did you mean " + near + "?";
}

} // namespace

WrongUsage unknown_option(const Command& command, std::string_view word)
{
    const std::string path(command.path), name = without_dashes(word);
    const std::string reason = reason_of(word.substr(0, word.find('=')));
    for (const Option& option : global_options()) {
        if (option.name == name) {
            return {path, reason,
                    "--" + name + " stands in front of the command: skulk-weights --" + name + " " +
                        std::string(option.value) + " " + path};
        }
    }
    if (name == "version") {
        return {path, reason, "--version stands alone: skulk-weights --version"};
    }
    std::vector<std::string> names = names_of(command.options);
    std::ranges::copy(names_of(common_options()), std::back_inserter(names));
    if (const std::string near = nearest_name(name, names); !near.empty()) {
        return {path, reason, "did you mean --" + near + "?"};
    }
    const std::string others = commands_with(name);
    return {path, reason,
            others.empty() ? "`skulk-weights " + path + " --help` shows the options"
                           : "--" + name + " is an option of " + others};
}

WrongUsage unknown_leading_option(std::string_view word)
{
    const std::string name = without_dashes(word), reason = reason_of(word);
    if (has_option(common_options(), name)) { // written with a value
        return {"", reason, "--" + name + " takes no value"};
    }
    if (const std::string others = commands_with(name); !others.empty()) {
        return {"", reason, "options of a command stand behind it; --" + name + " is one of " + others};
    }
    std::vector<std::string> names = names_of(global_options());
    std::ranges::copy(names_of(common_options()), std::back_inserter(names));
    names.emplace_back("version");
    const std::string near = nearest_name(name, names);
    return {"", reason,
            near.empty() ? "options of a command stand behind it" : "did you mean --" + near + "?"};
}

WrongUsage unknown_command(std::string_view group, std::string_view word)
{
    std::set<std::string> names;
    std::vector<std::string> same_end;
    const std::string begin = group.empty() ? "" : std::string(group) + " ";
    for (const Command* command : all_commands()) {
        const std::string path(command->path);
        if (command->hidden) {
            continue;
        }
        if (path.starts_with(begin)) {
            names.insert(path.substr(begin.size()));
            names.insert(path.substr(begin.size(), path.find(' ', begin.size()) - begin.size())); // of a group
        }
        if (group.empty() && path.ends_with(" " + std::string(word))) {
            same_end.push_back(path);
        }
    }
    const std::string shown = printable(word, 200),
                      reason = "there is no command " + python_repr(begin + shown);
    if (word.starts_with('-')) {
        return {std::string(group), reason_of(word),
                "options of a command stand behind all of its words: skulk-weights " + begin + "COMMAND " +
                    shown};
    }
    if (!same_end.empty()) { // "list" without the word in front of it
        std::string hint = same_end.front();
        for (std::size_t i = 1; i < same_end.size(); ++i) {
            hint += " or " + same_end[i];
        }
        return {std::string(group), reason, did_you_mean(hint)};
    }
    if (group.empty() && word == "version") {
        return {"", reason, did_you_mean("--version")};
    }
    const std::string near = nearest_name(word, {names.begin(), names.end()});
    return {std::string(group), reason,
            near.empty() ? "`skulk-weights " + begin + "--help` lists the commands" : did_you_mean(near)};
}

WrongUsage missing_value(std::string_view command, const Option& option)
{
    const std::string name = "--" + std::string(option.name);
    std::string hint = "a value that begins with - is written " + name + "=VALUE";
    if (option.values == Values::keys) {
        hint = "`skulk-weights catalog list` shows the keys; " + hint;
    } else if (option.values == Values::artifacts || option.values == Values::plugins) {
        hint = "`skulk-weights plugins list` shows the kinds; " + hint;
    } else if (option.values == Values::words) {
        hint = "one of " + std::string(option.value);
    }
    return {std::string(command), "argument " + name + ": expected one value", hint};
}

WrongUsage invalid_choice(std::string_view command, std::string_view argument, std::string_view value,
                          const std::vector<std::string>& choices)
{
    std::string quoted;
    for (const std::string& choice : choices) {
        quoted += (quoted.empty() ? "" : ", ") + python_repr(choice);
    }
    return {std::string(command),
            "argument " + std::string(argument) + ": invalid choice: " + python_repr(printable(value, 200)) +
                " (choose from " + quoted + ")",
            did_you_mean(nearest_name(value, choices))};
}

} // namespace skw::cli

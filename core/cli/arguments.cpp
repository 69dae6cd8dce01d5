// SPDX-License-Identifier: Apache-2.0
// The words of a command line, taken apart: the one file that uses Program_options.
#include "cli/arguments.hpp"

#include "support/text.hpp"

#include <boost/program_options.hpp>

#include <algorithm>

namespace skw::cli {
namespace {

namespace po = boost::program_options;

// Exact names only: an abbreviation that works today would change its meaning with the next new option.
constexpr int style = po::command_line_style::allow_long | po::command_line_style::allow_short |
                      po::command_line_style::allow_dash_for_short | po::command_line_style::long_allow_next |
                      po::command_line_style::short_allow_next | po::command_line_style::short_allow_adjacent;

std::vector<std::string> long_names(std::span<const Option> options)
{
    std::vector<std::string> names;
    for (const Option& option : options) {
        names.push_back(std::string(option.name));
    }
    return names;
}

const Option* find_option(std::span<const Option> options, std::string_view word)
{
    const auto named = [word](const Option& option) {
        return word.starts_with("--") ? word.substr(2) == option.name
                                      : option.letter != 0 && word == std::string{'-', option.letter};
    };
    const auto found = std::find_if(options.begin(), options.end(), named);
    return found == options.end() ? nullptr : &*found;
}

// A word behind an option is its value unless it looks like an option itself: in "--scratch --dry-run" a
// value was forgotten, and taking the flag for it would turn a dry run into a real one.
bool is_forgotten_value(const std::vector<std::string>& words, std::size_t at)
{
    return at >= words.size() || (words[at].starts_with('-') && words[at] != "-");
}

// "--name=value" becomes two words, so that an empty value is a value like any other.
std::vector<std::string> split_assignments(const Command& command, std::span<const Option> options,
                                           const std::vector<std::string>& words)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
            break;
        }
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const std::string name = word.substr(0, equals);
        const Option* const option = find_option(options, name);
        out.push_back(name);
        if (option != nullptr && option->value.empty() && equals != std::string::npos) {
            throw WrongUsage{std::string(command.path), "argument " + name + ": takes no value", ""};
        }
        if (option != nullptr && !option->value.empty() && equals == std::string::npos) {
            if (is_forgotten_value(words, i + 1)) {
                throw WrongUsage{std::string(command.path), "argument " + name + ": expected one value",
                                 "a value that begins with - is written " + name + "=VALUE"};
            }
            out.push_back(words[++i]);
        } else if (equals != std::string::npos) {
            out.push_back(word.substr(equals + 1));
        }
    }
    return out;
}

[[noreturn]] void refuse_option(const Command& command, std::span<const Option> options,
                                const std::string& word)
{
    const std::string name =
        word.substr(word.find_first_not_of('-') == std::string::npos ? 0 : word.find_first_not_of('-'));
    const std::string near = nearest_name(name, long_names(options));
    throw WrongUsage{std::string(command.path), "unrecognized arguments: " + printable(word, 200),
                     near.empty() ? "" : "did you mean --" + near + "?"};
}

Arguments parse_options(const Command& command, const std::vector<std::string>& words)
{
    std::vector<Option> options = command.options;
    options.insert(options.end(), common_options().begin(), common_options().end());
    po::options_description description;
    auto add = description.add_options();
    for (const Option& option : options) {
        const std::string name =
            std::string(option.name) + (option.letter != 0 ? std::string(",") + option.letter : "");
        // Lists, because a repeated option is no error here: the last one counts, or all do.
        option.value.empty() ? add(name.c_str(), "")
                             : add(name.c_str(), po::value<std::vector<std::string>>(), "");
    }
    add("(word)", po::value<std::vector<std::string>>(), "");
    po::positional_options_description positional;
    positional.add("(word)", -1);

    Arguments arguments;
    try {
        const po::parsed_options parsed = po::command_line_parser(split_assignments(command, options, words))
                                              .options(description)
                                              .positional(positional)
                                              .style(style)
                                              .run();
        std::vector<std::string> positionals;
        for (const po::option& option : parsed.options) {
            if (option.position_key >= 0 || option.string_key == "(word)") {
                positionals.insert(positionals.end(), option.value.begin(), option.value.end());
            } else {
                std::vector<std::string>& values = arguments.values_[option.string_key];
                values.push_back(option.value.empty() ? "" : option.value.back());
            }
        }
        if (arguments.has("help")) {
            return arguments;
        }
        const std::size_t wanted = command.positional.empty() ? 0 : 1;
        if (positionals.size() > wanted) {
            throw WrongUsage{std::string(command.path),
                             "unrecognized arguments: " + printable(positionals[wanted], 200), ""};
        }
        if (positionals.size() < wanted) {
            throw WrongUsage{std::string(command.path),
                             "the following arguments are required: " + std::string(command.positional), ""};
        }
        arguments.positional_ = wanted == 1 ? positionals.front() : "";
    } catch (const po::unknown_option& error) {
        refuse_option(command, options, error.get_option_name());
    } catch (const po::error_with_option_name& error) {
        throw WrongUsage{std::string(command.path),
                         "argument " + error.get_option_name() + ": expected one value", ""};
    } catch (const po::error&) {
        throw WrongUsage{std::string(command.path), "these arguments cannot be read", ""};
    }
    for (const Option& option : options) {
        if (option.required && !arguments.has(option.name)) {
            throw WrongUsage{std::string(command.path),
                             "the following arguments are required: --" + std::string(option.name), ""};
        }
    }
    return arguments;
}

// Takes the global options off the front; the value of `word` if it is the option `name`.
std::optional<std::string> take_global(std::vector<std::string>& words, std::string_view name)
{
    const std::string option = "--" + std::string(name);
    const std::string word = words.front();
    if (word != option && !word.starts_with(option + "=")) {
        return std::nullopt;
    }
    words.erase(words.begin());
    if (word.size() > option.size()) {
        return word.substr(option.size() + 1);
    }
    if (is_forgotten_value(words, 0)) {
        throw WrongUsage{"", "argument " + option + ": expected one value", ""};
    }
    std::string value = words.front();
    words.erase(words.begin());
    return value;
}

// Takes the common options off the front; they count as if they stood behind the command.
bool take_common(std::vector<std::string>& words, std::vector<std::string>& taken)
{
    const Option* const option = find_option(common_options(), words.front());
    if (option == nullptr || option->name == "help") {
        return false;
    }
    taken.push_back(std::move(words.front()));
    words.erase(words.begin());
    return true;
}

const Command* find_command(std::vector<std::string>& words)
{
    if (words.empty()) {
        throw WrongUsage{"", "a command is required", "`skulk-weights --help` lists the commands"};
    }
    std::string first = words.front() == "catalogue" ? "catalog" : words.front();
    std::vector<std::string> names;
    bool is_group = false;
    for (const Command* command : all_commands()) {
        if (command->path == first) {
            words.erase(words.begin());
            return command;
        }
        is_group = is_group || command->path.starts_with(first + " ");
        names.push_back(std::string(command->path.substr(0, command->path.find(' '))));
    }
    if (!is_group) {
        const std::string near = nearest_name(first, names);
        throw WrongUsage{"", "there is no command " + python_repr(first),
                         near.empty() ? "`skulk-weights --help` lists the commands"
                                      : "did you mean " + near + "?"};
    }
    words.erase(words.begin());
    names.clear();
    for (const Command* command : all_commands()) {
        if (!command->path.starts_with(first + " ")) {
            continue;
        }
        names.push_back(std::string(command->path.substr(first.size() + 1)));
        if (!words.empty() && words.front() == names.back()) {
            words.erase(words.begin());
            return command;
        }
    }
    if (!words.empty() && (words.front() == "-h" || words.front() == "--help")) {
        throw WrongUsage{first, "", ""};
    }
    if (words.empty()) {
        throw WrongUsage{first, "a command of " + first + " is required", ""};
    }
    const std::string near = nearest_name(words.front(), names);
    throw WrongUsage{first, "there is no command " + python_repr(first + " " + words.front()),
                     near.empty() ? "" : "did you mean " + near + "?"};
}

} // namespace

std::string Arguments::get(std::string_view name, std::string_view otherwise) const
{
    const auto found = values_.find(name);
    return found == values_.end() || found->second.back().empty() ? std::string(otherwise)
                                                                  : found->second.back();
}

std::vector<std::string> Arguments::all(std::string_view name) const
{
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
}

CommandLine parse_command_line(std::vector<std::string> words)
{
    CommandLine line;
    std::vector<std::string> common;
    bool config_given = false, manifest_given = false;
    while (!words.empty() && words.front().starts_with('-')) {
        if (words.front() == "-h" || words.front() == "--help") {
            line.help = true;
            return line;
        }
        if (words.front() == "--version") {
            line.version = true;
            return line;
        }
        if (auto value = take_global(words, "config")) {
            line.config = *value;
            config_given = true;
        } else if (auto other = take_global(words, "manifest")) {
            line.manifest = *other;
            manifest_given = true;
        } else if (!take_common(words, common)) {
            const std::string near = nearest_name(
                words.front().substr(words.front().find_first_not_of('-') == std::string::npos ? 0 : 2),
                long_names(global_options()));
            throw WrongUsage{"", "unrecognized arguments: " + printable(words.front(), 200),
                             near.empty() ? "options of a command stand behind it"
                                          : "did you mean --" + near + "?"};
        }
    }
    if (config_given && manifest_given) {
        throw WrongUsage{"", "argument --manifest: not allowed with argument --config", ""};
    }
    line.command = find_command(words);
    words.insert(words.begin(), common.begin(), common.end());
    line.arguments = parse_options(*line.command, words);
    return line;
}

} // namespace skw::cli

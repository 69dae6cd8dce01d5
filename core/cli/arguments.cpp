// SPDX-License-Identifier: Apache-2.0
// The words of a command line, taken apart: the one file that uses Program_options.
#include "cli/arguments.hpp"

#include "cli/wrong_usage.hpp"
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

// "-oVALUE" in one word.
bool holds_value(std::span<const Option> options, std::string_view word)
{
    const Option* const option = word.starts_with("--") ? nullptr : find_option(options, word.substr(0, 2));
    return option != nullptr && !option->value.empty();
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
        if (option == nullptr && word.size() > 1 && word.starts_with('-') && !holds_value(options, word)) {
            throw unknown_option(command, word);
        }
        if (option != nullptr && !option->value.empty() && equals == std::string::npos) {
            if (is_forgotten_value(words, i + 1)) {
                throw missing_value(command.path, *option);
            }
            out.push_back(words[++i]);
        } else if (equals != std::string::npos) {
            out.push_back(word.substr(equals + 1));
        }
    }
    return out;
}

void check_choice(const Command& command, std::string_view argument, std::string_view shown,
                  const std::string& value)
{
    const std::vector<std::string> choices = choices_of(shown);
    if (!value.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
        throw invalid_choice(command.path, argument, value, choices);
    }
}

// As many positionals as the command takes, and of its choices where it has any.
void check_positionals(const Command& command, const std::vector<std::string>& given)
{
    const std::string shown(command.positional);
    const std::size_t most = shown.empty() ? 0 : shown.ends_with("...") ? given.size() : 1;
    if (given.size() > most) {
        throw WrongUsage{std::string(command.path), "unrecognized arguments: " + printable(given[most], 200),
                         ""};
    }
    if (given.empty() && most == 1 && !shown.starts_with('[')) {
        throw WrongUsage{
            std::string(command.path), "the following arguments are required: " + shown,
            command.positional_values == Values::keys ? "`skulk-weights catalog list` shows the keys" : ""};
    }
    if (command.positional_values == Values::words) {
        for (const std::string& value : given) {
            check_choice(command, shown, shown, value);
        }
    }
}

// An empty value counts as not given for folders and entries only, as scripts rely on it. For a file or a choice
// that would turn what a script meant to be a look, or a small part, into the whole work.
bool needs_text(const Option& option)
{
    return option.values == Values::files || option.values == Values::words ||
           option.values == Values::artifacts;
}

void check_options(const Command& command, std::span<const Option> options, const Arguments& arguments)
{
    for (const Option& option : options) {
        const std::string name = "--" + std::string(option.name);
        if (option.required && !arguments.has(option.name)) {
            throw WrongUsage{std::string(command.path), "the following arguments are required: " + name,
                             option.values == Values::keys ? "`skulk-weights catalog list` shows the keys"
                                                           : ""};
        }
        for (const std::string& value : arguments.all(option.name)) {
            if (value.empty() && needs_text(option)) {
                throw WrongUsage{std::string(command.path), "argument " + name + ": expected one value",
                                 "an empty value, as of a variable that is not set, is none"};
            }
            if (option.values == Values::words) {
                check_choice(command, name, option.value, value);
            }
        }
    }
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
        for (const po::option& option : parsed.options) {
            if (option.position_key >= 0 || option.string_key == "(word)") {
                arguments.positionals_.insert(arguments.positionals_.end(), option.value.begin(),
                                              option.value.end());
            } else {
                std::vector<std::string>& values = arguments.values_[option.string_key];
                values.push_back(option.value.empty() ? "" : option.value.back());
            }
        }
    } catch (const po::error_with_option_name& error) {
        throw WrongUsage{std::string(command.path),
                         "argument " + error.get_option_name() + ": cannot be read", ""};
    } catch (const po::error&) {
        throw WrongUsage{std::string(command.path), "these arguments cannot be read", ""};
    }
    if (!arguments.has("help")) {
        check_positionals(command, arguments.positionals_);
        check_options(command, options, arguments);
    }
    return arguments;
}

// Takes this option of the program off the front and gives its value; nullopt: another word stands there.
std::optional<std::string> take_global(std::vector<std::string>& words, const Option& option)
{
    const std::string name = "--" + std::string(option.name);
    const std::string word = words.front();
    if (word != name && !word.starts_with(name + "=")) {
        return std::nullopt;
    }
    words.erase(words.begin());
    if (word.size() > name.size()) {
        return word.substr(name.size() + 1);
    }
    if (is_forgotten_value(words, 0)) {
        throw missing_value("", option);
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

// Takes the words of the command off the front.
const Command* find_command(std::vector<std::string>& words)
{
    if (words.empty()) {
        throw WrongUsage{"", "a command is required", "`skulk-weights --help` lists the commands"};
    }
    const std::string first = words.front() == "catalogue" ? "catalog" : words.front();
    const std::string second = words.size() > 1 ? words[1] : "";
    bool is_group = false;
    for (const Command* command : all_commands()) {
        if (command->path == first) {
            words.erase(words.begin());
            return command;
        }
        if (command->path == first + " " + second) {
            words.erase(words.begin(), words.begin() + 2);
            return command;
        }
        is_group = is_group || command->path.starts_with(first + " ");
    }
    if (!is_group) {
        throw unknown_command("", first);
    }
    if (second == "-h" || second == "--help") {
        throw WrongUsage{first, "", ""};
    }
    if (words.size() < 2) {
        throw WrongUsage{first, "a command of " + first + " is required",
                         "`skulk-weights " + first + " --help` lists them"};
    }
    throw unknown_command(first, second);
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

const std::string& Arguments::positional() const noexcept
{
    static const std::string none;
    return positionals_.empty() ? none : positionals_.front();
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
        if (auto value = take_global(words, global_options()[0])) {
            line.config = *value;
            config_given = true;
        } else if (auto other = take_global(words, global_options()[1])) {
            line.manifest = *other;
            manifest_given = true;
        } else if (!take_common(words, common)) {
            throw unknown_leading_option(words.front());
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

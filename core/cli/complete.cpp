// SPDX-License-Identifier: Apache-2.0
// What a shell may offer for the last word of a command line.
#include "cli/complete.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace skw::cli {
namespace {

// The words in front of the one to complete, as far as they say what may stand there.
struct Line {
    std::string config, manifest;
    std::string path; // "catalog", "catalog list"
    const Command* command = nullptr;
    const Option* waiting = nullptr; // the last word was this option without its value
    bool only_positionals = false;   // behind "--"
    std::vector<std::string> given;  // options, without dashes
    std::size_t positionals = 0;
};

const Option* find_option(std::span<const Option> options, std::string_view word)
{
    const std::string_view name = word.substr(0, word.find('='));
    const auto found = std::ranges::find_if(options, [name](const Option& option) {
        return name.starts_with("--") ? name.substr(2) == option.name
                                      : option.letter != 0 && name == std::string{'-', option.letter};
    });
    return found == options.end() ? nullptr : &*found;
}

const Option* find_option(const Line& line, std::string_view word)
{
    if (line.command == nullptr) {
        const Option* const option = find_option(global_options(), word);
        return option != nullptr ? option : find_option(common_options(), word);
    }
    const Option* const option = find_option(line.command->options, word);
    return option != nullptr ? option : find_option(common_options(), word);
}

// Takes a word that is a part of the command: of a group or of the whole path.
void take_command_word(Line& line, std::string_view word)
{
    const std::string path = line.path.empty() ? std::string(word == "catalogue" ? "catalog" : word)
                                               : line.path + " " + std::string(word);
    for (const Command* command : all_commands()) {
        line.command = command->path == path && !command->hidden ? command : line.command;
    }
    line.path = path;
}

void take_value(Line& line, const Option& option, std::string_view value)
{
    if (option.name == "config") {
        line.config = value;
    } else if (option.name == "manifest") {
        line.manifest = value;
    }
}

Line read_line(std::span<const std::string> words)
{
    Line line;
    for (const std::string& word : words) {
        if (line.waiting != nullptr) {
            take_value(line, *line.waiting, word);
            line.waiting = nullptr;
        } else if (word == "--" && line.command != nullptr && !line.only_positionals) {
            line.only_positionals = true;
        } else if (word.starts_with('-') && !line.only_positionals) {
            const Option* const option = find_option(line, word);
            if (option == nullptr) {
                continue;
            }
            line.given.emplace_back(option->name);
            if (const std::size_t equals = word.find('='); equals != std::string::npos) {
                take_value(line, *option, std::string_view(word).substr(equals + 1));
            } else if (!option->value.empty()) {
                line.waiting = option;
            }
        } else if (line.command == nullptr) {
            take_command_word(line, word);
        } else {
            ++line.positionals;
        }
    }
    return line;
}

std::vector<Candidate> words_of(std::string_view shown)
{
    if (shown.starts_with('[') && shown.ends_with(']')) {
        shown = shown.substr(1, shown.size() - 2);
    }
    std::vector<Candidate> out;
    for (std::string& choice : choices_of(shown)) {
        out.push_back({std::move(choice), ""});
    }
    return out;
}

// "vindex,mt": the kinds that are not named yet, behind the last comma; "all" stands alone.
std::vector<Candidate> artifact_lists(std::vector<Candidate> kinds, std::string_view typed)
{
    const std::size_t comma = typed.rfind(',');
    if (comma == std::string_view::npos) {
        kinds.push_back({"all", "every kind that the entry configures"});
        return kinds;
    }
    const std::string head(typed.substr(0, comma + 1)), named = "," + head;
    std::erase_if(
        kinds, [&](const Candidate& kind) { return named.find("," + kind.word + ",") != std::string::npos; });
    for (Candidate& kind : kinds) {
        kind.word.insert(0, head);
    }
    return kinds;
}

Completion complete_value(Values values, std::string_view shown, std::string_view typed, const Line& line,
                          const Names& names)
{
    switch (values) {
    case Values::anything: return {};
    case Values::files: return {Completion::Paths::files, {}};
    case Values::folders: return {Completion::Paths::folders, {}};
    case Values::keys: return {Completion::Paths::none, names.keys(line.config, line.manifest)};
    case Values::artifacts: return {Completion::Paths::none, artifact_lists(names.artifacts(), typed)};
    case Values::plugins: return {Completion::Paths::none, names.plugins()};
    case Values::schemas: return {Completion::Paths::none, names.schemas()};
    case Values::words: return {Completion::Paths::none, words_of(shown)};
    case Values::fields: break;
    }
    Completion fields{Completion::Paths::none, names.fields()};
    for (Candidate& field : fields.candidates) {
        field.word += "=";
    }
    return fields;
}

// The commands, or those of a group, by the one word that comes next.
std::vector<Candidate> next_words(const Line& line)
{
    std::vector<Candidate> out;
    const std::string begin = line.path.empty() ? "" : line.path + " ";
    for (const Command* command : all_commands()) {
        if (command->hidden || !command->path.starts_with(begin)) {
            continue;
        }
        const std::string rest(command->path.substr(begin.size())), word = rest.substr(0, rest.find(' '));
        const bool is_group = word.size() < rest.size();
        const auto same = [&](const Candidate& other) { return other.word == word; };
        if (std::ranges::none_of(out, same)) {
            out.push_back({word, is_group ? "commands of " + word : std::string(command->summary)});
        }
    }
    return out;
}

void add_options(std::vector<Candidate>& out, std::span<const Option> options, const Line& line)
{
    for (const Option& option : options) {
        // A flag says no more the second time; an option with a value may be one that counts each time.
        const bool is_over = option.value.empty() && std::ranges::count(line.given, option.name) != 0;
        if (!is_over) {
            out.push_back({"--" + std::string(option.name), std::string(option.help)});
        }
    }
}

std::vector<Candidate> options_of(const Line& line)
{
    std::vector<Candidate> out;
    if (line.command != nullptr) {
        add_options(out, line.command->options, line);
        add_options(out, common_options(), line);
    } else if (line.path.empty()) {
        add_options(out, global_options(), line);
        if (!line.config.empty() || !line.manifest.empty()) { // one of them at most
            out.clear();
        }
        add_options(out, common_options(), line);
        out.push_back(
            {"--version", "show the versions of the program, its plugin interface and its plugins"});
    } else {
        out.push_back({"--help", "show the commands of this group and exit"});
    }
    return out;
}

} // namespace

Completion complete(const std::vector<std::string>& words, const Names& names)
{
    if (words.empty()) {
        return {};
    }
    const std::string& typed = words.back();
    const Line line = read_line(std::span(words).first(words.size() - 1));
    if (line.waiting != nullptr) {
        return complete_value(line.waiting->values, line.waiting->value, typed, line, names);
    }
    if (typed.starts_with('-') && !line.only_positionals) {
        const std::size_t equals = typed.find('=');
        if (equals == std::string::npos) {
            return {Completion::Paths::none, options_of(line)};
        }
        const Option* const option = find_option(line, typed);
        if (option == nullptr || option->value.empty()) {
            return {};
        }
        Completion out = complete_value(option->values, option->value,
                                        std::string_view(typed).substr(equals + 1), line, names);
        for (Candidate& candidate : out.candidates) {
            candidate.word.insert(0, typed, 0, equals + 1);
        }
        return out;
    }
    if (line.command == nullptr) {
        return {Completion::Paths::none, next_words(line)};
    }
    const std::string_view shown = line.command->positional;
    if (!shown.empty() && (line.positionals == 0 || shown.ends_with("..."))) {
        return complete_value(line.command->positional_values, shown, typed, line, names);
    }
    // Nothing but options can follow.
    return {Completion::Paths::none, line.only_positionals ? std::vector<Candidate>() : options_of(line)};
}

void keep_matching(std::vector<Candidate>& candidates, const std::string& word, bool anywhere)
{
    const auto lower = [](std::string text) {
        std::ranges::transform(text, text.begin(), [](char letter) {
            return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
        });
        return text;
    };
    const std::string wanted = lower(word);
    std::erase_if(candidates, [&](const Candidate& candidate) {
        return anywhere ? lower(candidate.word).find(wanted) == std::string::npos
                        : !candidate.word.starts_with(word);
    });
}

} // namespace skw::cli

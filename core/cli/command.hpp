// SPDX-License-Identifier: Apache-2.0
// A command as data: what parses it, documents it and runs it. One row a command, in one table.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::cli {

class Context;

// What a shell may offer where a value stands.
enum class Values {
    anything,  // nothing to offer
    files,
    folders,
    keys,      // of the catalog
    artifacts, // kinds of the usable plugins, and "all"
    plugins,   // ids and kinds
    fields,    // of artifact kinds, with the "=" that a value follows
    schemas,   // names of installed schemas
    words,     // those that help shows as "one|two|three"; any other is refused
};

struct Option {
    std::string_view name;  // "artifact"
    std::string_view value; // what help calls its value, "PATH"; "" = a flag
    std::string_view help;
    char letter = 0; // 'y' for -y
    bool required = false;
    Values values = Values::anything;
};

struct Example {
    std::string_view line, meaning;
};

struct ExitNote {
    int code;
    std::string_view meaning;
};

// What the command line said, checked against the command's options.
class Arguments {
public:
    bool has(std::string_view name) const { return values_.contains(name); }
    // The last value given; "" counts as not given, as everywhere in this program.
    std::string get(std::string_view name, std::string_view otherwise = {}) const;
    // Every value given, in order: for an option that may be repeated.
    std::vector<std::string> all(std::string_view name) const;
    // The first word that is no option; "" if there is none.
    const std::string& positional() const noexcept;
    const std::vector<std::string>& positionals() const noexcept { return positionals_; }

    std::map<std::string, std::vector<std::string>, std::less<>> values_; // never an empty list
    std::vector<std::string> positionals_;
};

struct Command {
    std::string_view path; // "plugins list"
    std::string_view summary;
    std::string_view positional; // "KEY"; "[NAME]" = may be left out; "WORD..." = any number; "" = none
    std::vector<Option> options; // besides the common ones
    std::vector<Example> examples;
    int (*run)(const Arguments& arguments, Context& context);
    Values positional_values = Values::anything;
    bool hidden = false;           // for our own scripts: help, manual and completion do not name it
    std::vector<ExitNote> exits{}; // codes that only some commands end with
};

// The choices behind "one|two|three".
std::vector<std::string> choices_of(std::string_view shown);

// All commands, in the order of help.
std::span<const Command* const> all_commands();

// The codes that any command may end with.
std::span<const ExitNote> common_exits();

// The options that every command has, --help among them; they may stand before the command as well.
std::span<const Option> common_options();

// The options of the program itself, which stand before the command.
std::span<const Option> global_options();

} // namespace skw::cli

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
    words,     // those that help shows as "one|two|three"
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

// What the command line said, checked against the command's options.
class Arguments {
public:
    bool has(std::string_view name) const { return values_.contains(name); }
    // The last value given; "" counts as not given, as everywhere in this program.
    std::string get(std::string_view name, std::string_view otherwise = {}) const;
    // Every value given, in order: for an option that may be repeated.
    std::vector<std::string> all(std::string_view name) const;
    const std::string& positional() const noexcept { return positional_; }

    std::map<std::string, std::vector<std::string>, std::less<>> values_; // never an empty list
    std::string positional_;
};

struct Command {
    std::string_view path; // "plugins list"
    std::string_view summary;
    std::string_view positional; // "KEY", or "" = none; always needed
    std::vector<Option> options; // besides the common ones
    std::vector<Example> examples;
    int (*run)(const Arguments& arguments, Context& context);
    Values positional_values = Values::anything;
};

// All commands, in the order of help.
std::span<const Command* const> all_commands();

// The options that every command has, --help among them; they may stand before the command as well.
std::span<const Option> common_options();

// The options of the program itself, which stand before the command.
std::span<const Option> global_options();

} // namespace skw::cli

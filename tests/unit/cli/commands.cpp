// SPDX-License-Identifier: Apache-2.0
// Every row of the table of commands is complete, and what it shows as an example works.
#include "cli/command.hpp"

#include "cli/arguments.hpp"
#include "cli/help.hpp"
#include "cli/manual_text.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <regex>
#include <set>

namespace cli = skw::cli;

namespace {

// The words behind "skulk-weights", as a shell would divide them; nothing if the line is another program's.
std::vector<std::string> words_of(std::string_view line)
{
    std::vector<std::string> words;
    std::string word;
    for (const char letter : std::string(line) + " ") {
        if (letter != ' ') {
            word += letter;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    const auto ends = [](const std::string& text) {
        return text == "|" || text == ">" || text.ends_with(')');
    };
    const auto program =
        std::ranges::find_if(words, [](const std::string& text) { return text.ends_with("skulk-weights"); });
    if (program == words.end()) {
        return {};
    }
    std::vector<std::string> behind(program + 1, words.end());
    if (const auto end = std::ranges::find_if(behind, ends); end != behind.end()) {
        if (end->ends_with(')')) { // source <(skulk-weights completion bash)
            end->pop_back();
            behind.erase(end + 1, behind.end());
        } else {
            behind.erase(end, behind.end());
        }
    }
    return behind;
}

void check_width(const std::string& text)
{
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        BOOST_TEST(end - begin <= 110u, text.substr(begin, end - begin));
        begin = end + 1;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(cli_commands)

BOOST_AUTO_TEST_CASE(every_example_is_a_command_line_of_its_command)
{
    for (const cli::Command* command : cli::all_commands()) {
        BOOST_TEST(!command->examples.empty(), command->path);
        for (const cli::Example& example : command->examples) {
            BOOST_TEST(!example.meaning.empty(), example.line);
            try {
                const cli::CommandLine line = cli::parse_command_line(words_of(example.line));
                BOOST_TEST_REQUIRE(line.command != nullptr, example.line);
                BOOST_TEST(line.command->path == command->path, example.line);
            } catch (const cli::WrongUsage& wrong) {
                BOOST_ERROR(std::string(example.line) + ": " + wrong.reason);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(no_line_of_any_help_is_wider_than_110_columns)
{
    check_width(cli::program_help());
    std::set<std::string> groups;
    for (const cli::Command* command : cli::all_commands()) {
        check_width(cli::command_help(*command));
        const std::string path(command->path);
        if (path.find(' ') != std::string::npos) {
            groups.insert(path.substr(0, path.find(' ')));
        }
    }
    for (const std::string& group : groups) {
        check_width(cli::group_help(group));
    }
}

BOOST_AUTO_TEST_CASE(names_and_letters_of_options_are_unique_in_each_command)
{
    for (const cli::Command* command : cli::all_commands()) {
        std::set<std::string> seen;
        for (const auto options :
             {std::span<const cli::Option>(command->options), cli::common_options(), cli::global_options()}) {
            for (const cli::Option& option : options) {
                BOOST_TEST(seen.insert(std::string(option.name)).second, command->path << " " << option.name);
                BOOST_TEST(!option.help.empty(), option.name);
                if (option.letter != 0) {
                    BOOST_TEST(seen.insert(std::string(1, option.letter)).second,
                               command->path << " -" << option.letter);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_shell_knows_what_to_offer_for_every_value)
{
    using cli::Values;
    for (const cli::Command* command : cli::all_commands()) {
        for (const cli::Option& option : command->options) {
            const std::string where = std::string(command->path) + " --" + std::string(option.name);
            if (option.value == "KEY") {
                BOOST_TEST((option.values == Values::keys), where);
            } else if (option.value == "KIND") {
                BOOST_TEST((option.values == Values::artifacts), where);
            } else if (option.value == "FILE" || option.value == "PATH" || option.value == "FOLDER") {
                BOOST_TEST((option.values == Values::files || option.values == Values::folders), where);
            }
            BOOST_TEST((option.value.find('|') != std::string_view::npos) == (option.values == Values::words),
                       where);
        }
        BOOST_TEST((command->positional != "KEY" || command->positional_values == Values::keys),
                   command->path);
    }
}

BOOST_AUTO_TEST_CASE(every_exit_code_is_in_the_page_about_them)
{
    const std::string page = skw::read_file(SKW_SOURCE_DIR "/docs/exit-codes.md", 1u << 20);
    const auto check = [&](const cli::ExitNote& note) {
        BOOST_TEST(page.find("\n| " + std::to_string(note.code) + " |") != std::string::npos, note.code);
    };
    std::ranges::for_each(cli::common_exits(), check);
    for (const cli::Command* command : cli::all_commands()) {
        std::ranges::for_each(command->exits, check);
    }
}

// Ids of documents in core/ have a schema that carries the same id; services of the C ABI are no documents.
BOOST_AUTO_TEST_CASE(every_schema_id_that_is_printed_has_a_file)
{
    const std::set<std::string> services{"skw.artifact/1", "skw.card/1",    "skw.core/1",   "skw.hub/1",
                                         "skw.probe/1",    "skw.process/1", "skw.scratch/1"};
    const std::regex id("\"(skw\\.[a-z_.]+/[0-9]+)\"");
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SKW_SOURCE_DIR "/core")) {
        if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") {
            continue;
        }
        const std::string text = skw::read_file(entry.path(), 1u << 20);
        for (std::sregex_iterator match(text.begin(), text.end(), id), end; match != end; ++match) {
            std::string name = (*match)[1];
            if (services.contains(name)) {
                continue;
            }
            ++found;
            const std::string constant = "\"" + name + "\"";
            name.replace(name.find('/'), 1, "-");
            const std::string file = SKW_SOURCE_DIR "/docs/schemas/" + name + ".schema.json";
            BOOST_TEST(std::filesystem::exists(file), file);
            if (std::filesystem::exists(file)) {
                const std::string schema = skw::read_file(file, 1u << 20);
                BOOST_TEST(schema.find("\"const\": " + constant) != std::string::npos, file);
            }
        }
    }
    BOOST_TEST(found > 10u);
}

BOOST_AUTO_TEST_CASE(the_manual_names_every_command_and_option_and_no_day)
{
    const std::string manual = cli::manual_text();
    const auto named = [&](std::string_view text) {
        std::string escaped;
        for (const char letter : text) {
            escaped += letter == '-' ? "\\-" : std::string(1, letter);
        }
        return manual.find(escaped) != std::string::npos;
    };
    for (const cli::Command* command : cli::all_commands()) {
        BOOST_TEST(named(".SS \"" + std::string(command->path)) != command->hidden, command->path);
        for (const cli::Option& option : command->options) {
            BOOST_TEST((command->hidden || named("\\fB--" + std::string(option.name) + "\\fR") ||
                        named(", --" + std::string(option.name) + "\\fR")),
                       option.name);
        }
    }
    BOOST_TEST(!std::regex_search(manual, std::regex("20[0-9][0-9](-|..-)[01][0-9](-|..-)[0-3][0-9]")));
    BOOST_TEST(manual == cli::manual_text());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// The command line is read as scripts and operators know it.
#include "cli/arguments.hpp"

#include <boost/test/unit_test.hpp>

using skw::cli::CommandLine;
using skw::cli::parse_command_line;
using skw::cli::WrongUsage;

namespace {

WrongUsage refusal(std::vector<std::string> words)
{
    try {
        parse_command_line(std::move(words));
    } catch (const WrongUsage& wrong) {
        return wrong;
    }
    return {"", "accepted", ""};
}

} // namespace

BOOST_AUTO_TEST_SUITE(cli_arguments)

BOOST_AUTO_TEST_CASE(both_forms_of_an_option_and_any_order_are_read)
{
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"publish", "--model", "a/b", "--dry-run", "--artifact", "mtp"},
          std::vector<std::string>{"publish", "--artifact=mtp", "--dry-run", "--model=a/b"}}) {
        const CommandLine line = parse_command_line(words);
        BOOST_TEST(line.command->path == "publish");
        BOOST_TEST(line.arguments.get("model") == "a/b");
        BOOST_TEST(line.arguments.get("artifact") == "mtp");
        BOOST_TEST(line.arguments.has("dry-run"));
        BOOST_TEST(!line.arguments.has("force"));
    }
}

BOOST_AUTO_TEST_CASE(the_last_of_a_repeated_option_counts_and_empty_is_not_given)
{
    BOOST_TEST(parse_command_line({"publish", "--model", "a", "--model", "b"}).arguments.get("model") == "b");
    BOOST_TEST(parse_command_line({"publish", "--model=x", "--scratch", ""}).arguments.get("scratch", "d") ==
               "d");
    BOOST_TEST(parse_command_line({"--config", "", "catalog", "list"}).config == "");
}

// An unset variable of a script: `--plan-out "$PLAN"` must not turn a look into a publish.
BOOST_AUTO_TEST_CASE(an_empty_file_or_choice_is_refused)
{
    for (const char* option : {"plan-out", "plan", "report", "artifact", "tier"}) {
        const WrongUsage wrong = refusal({"publish", "--model=x", std::string("--") + option + "="});
        BOOST_TEST(wrong.reason == "argument --" + std::string(option) + ": expected one value");
        BOOST_TEST(wrong.hint.find("not set") != std::string::npos);
    }
    BOOST_TEST(refusal({"catalog", "add", "o/m", "--to", ""}).reason == "argument --to: expected one value");
}

BOOST_AUTO_TEST_CASE(global_options_stand_before_the_command_only)
{
    const CommandLine line = parse_command_line({"--config=x.yaml", "catalog", "validate"});
    BOOST_TEST(line.config == "x.yaml");
    BOOST_TEST(refusal({"catalog", "validate", "--config", "x"}).reason ==
               "unrecognized arguments: --config");
    BOOST_TEST(refusal({"--config", "", "--manifest", "x", "catalog", "list"}).reason ==
               "argument --manifest: not allowed with argument --config");
    BOOST_TEST(refusal({"--config"}).reason == "argument --config: expected one value");
}

BOOST_AUTO_TEST_CASE(the_old_spelling_of_catalog_works_in_command_position_only)
{
    BOOST_TEST(parse_command_line({"catalogue", "list"}).command->path == "catalog list");
    BOOST_TEST(parse_command_line({"publish", "--model", "catalogue"}).arguments.get("model") == "catalogue");
}

BOOST_AUTO_TEST_CASE(a_dash_dash_lets_a_positional_begin_with_a_dash)
{
    BOOST_TEST(parse_command_line({"catalog", "show", "--", "-x"}).arguments.positional() == "-x");
    BOOST_TEST(parse_command_line({"catalog", "show", "--json", "a=b"}).arguments.positional() == "a=b");
}

BOOST_AUTO_TEST_CASE(an_abbreviated_option_is_refused_with_a_suggestion)
{
    const WrongUsage wrong = refusal({"publish", "--mode", "x"});
    BOOST_TEST(wrong.reason == "unrecognized arguments: --mode");
    BOOST_TEST(wrong.hint == "did you mean --model?");
    BOOST_TEST(refusal({"publish", "--model", "x", "--dry"}).reason == "unrecognized arguments: --dry");
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_too_much_is_named)
{
    BOOST_TEST(refusal({}).reason == "a command is required");
    BOOST_TEST(refusal({"catalog"}).reason == "a command of catalog is required");
    BOOST_TEST(refusal({"catalog", "lst"}).hint == "did you mean list?");
    BOOST_TEST(refusal({"publsh"}).hint == "did you mean publish?");
    BOOST_TEST(refusal({"catalog", "show"}).reason == "the following arguments are required: KEY");
    BOOST_TEST(refusal({"catalog", "show", "a", "b"}).reason == "unrecognized arguments: b");
    BOOST_TEST(refusal({"catalog", "list", "--tier"}).reason == "argument --tier: expected one value");
    BOOST_TEST(refusal({"catalog", "list", "x"}).reason == "unrecognized arguments: x");
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_wrong_place_is_told_where_it_belongs)
{
    BOOST_TEST(refusal({"catalog", "validate", "--config", "x"}).hint ==
               "--config stands in front of the command: skulk-weights --config PATH catalog validate");
    BOOST_TEST(refusal({"publish", "--version"}).hint == "--version stands alone: skulk-weights --version");
    BOOST_TEST(refusal({"--strict", "plugins", "list"}).hint ==
               "options of a command stand behind it; --strict is one of plugins list");
    BOOST_TEST(refusal({"catalog", "list", "--strict"}).hint == "--strict is an option of plugins list");
    const WrongUsage between = refusal({"catalog", "--json", "list"});
    BOOST_TEST(between.command == "catalog");
    BOOST_TEST(between.reason == "unrecognized arguments: --json");
    BOOST_TEST(between.hint ==
               "options of a command stand behind all of its words: skulk-weights catalog COMMAND --json");
    BOOST_TEST(refusal({"--json=1", "catalog", "list"}).hint == "--json takes no value");
}

BOOST_AUTO_TEST_CASE(what_was_probably_meant_is_suggested)
{
    BOOST_TEST(refusal({"--confg", "x"}).hint == "did you mean --config?");
    BOOST_TEST(refusal({"--versoin"}).hint == "did you mean --version?");
    BOOST_TEST(refusal({"version"}).hint == "did you mean --version?");
    BOOST_TEST(refusal({"sources"}).hint == "did you mean catalog sources?");
    BOOST_TEST(refusal({"catalog-list"}).hint == "did you mean catalog list?");
    BOOST_TEST(refusal({"publish", "--dry_run"}).hint == "did you mean --dry-run?");
    BOOST_TEST(refusal({"publish", "--jso"}).hint == "did you mean --json?");
    BOOST_TEST(refusal({"publish", "--mod=x"}).reason == "unrecognized arguments: --mod");
    BOOST_TEST(refusal({"publish", "--mod=x"}).hint == "did you mean --model?");
    BOOST_TEST(refusal({"nothing-like-it"}).hint == "`skulk-weights --help` lists the commands");
    BOOST_TEST(refusal({"catalog", "nothing-like-it"}).hint ==
               "`skulk-weights catalog --help` lists the commands");
    BOOST_TEST(refusal({"complet"}).hint == "did you mean completion?");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_none_of_the_choices_is_refused_from_the_table_alone)
{
    const WrongUsage wrong = refusal({"catalog", "list", "--tier", "smok"});
    BOOST_TEST(wrong.command == "catalog list");
    BOOST_TEST(wrong.reason == "argument --tier: invalid choice: 'smok' (choose from 'all', 'smoke', 'moe')");
    BOOST_TEST(wrong.hint == "did you mean smoke?");
    BOOST_TEST(refusal({"catalog", "list", "--tier=MOE"}).reason ==
               "argument --tier: invalid choice: 'MOE' (choose from 'all', 'smoke', 'moe')");
    BOOST_TEST(refusal({"catalog", "list", "--tier", "x", "--tier", "moe"}).hint == "");
    BOOST_TEST(refusal({"completion", "fis"}).reason ==
               "argument bash|zsh|fish: invalid choice: 'fis' (choose from 'bash', 'zsh', 'fish')");
    BOOST_TEST(refusal({"completion", "fis"}).hint == "did you mean fish?");
}

BOOST_AUTO_TEST_CASE(a_positional_may_be_left_out_or_repeated_where_the_table_says_so)
{
    BOOST_TEST(parse_command_line({"schema"}).arguments.positional() == "");
    BOOST_TEST(parse_command_line({"schema", "skw.plan/1"}).arguments.positional() == "skw.plan/1");
    BOOST_TEST(refusal({"schema", "a", "b"}).reason == "unrecognized arguments: b");
    const CommandLine line = parse_command_line({"complete", "--shell", "zsh", "--", "publish", "--x", ""});
    BOOST_TEST(line.arguments.positionals() == (std::vector<std::string>{"publish", "--x", ""}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_forgotten_value_never_swallows_the_option_behind_it)
{
    const WrongUsage wrong = refusal({"publish", "--model", "a/b", "--scratch", "--dry-run"});
    BOOST_TEST(wrong.reason == "argument --scratch: expected one value");
    BOOST_TEST(wrong.hint == "a value that begins with - is written --scratch=VALUE");
    BOOST_TEST(refusal({"publish", "--dry-run", "--model"}).reason == "argument --model: expected one value");
    BOOST_TEST(refusal({"publish", "--model", "--"}).reason == "argument --model: expected one value");
    BOOST_TEST(refusal({"--config", "--manifest", "x", "catalog", "list"}).reason ==
               "argument --config: expected one value");
    const CommandLine line = parse_command_line({"publish", "--model=-a", "--scratch", "-", "--dry-run"});
    BOOST_TEST(line.arguments.get("model") == "-a");
    BOOST_TEST(line.arguments.get("scratch") == "-");
    BOOST_TEST(line.arguments.has("dry-run"));
}

BOOST_AUTO_TEST_CASE(a_flag_with_a_value_is_refused)
{
    BOOST_TEST(refusal({"catalog", "show", "--json=KEY"}).reason == "argument --json: takes no value");
    BOOST_TEST(refusal({"publish", "--model=x", "--dry-run="}).reason ==
               "argument --dry-run: takes no value");
}

BOOST_AUTO_TEST_CASE(help_is_help_wherever_it_is_asked_for)
{
    BOOST_TEST(parse_command_line({"--help"}).help);
    BOOST_TEST(parse_command_line({"-h"}).help);
    BOOST_TEST(parse_command_line({"publish", "--help"}).arguments.has("help"));
    BOOST_TEST(parse_command_line({"catalog", "show", "-h"}).arguments.has("help"));
    BOOST_TEST(refusal({"catalog", "--help"}).command == "catalog");
    BOOST_TEST(refusal({"catalog", "--help"}).reason == "");
    BOOST_TEST(parse_command_line({"--version"}).version);
}

BOOST_AUTO_TEST_SUITE_END()

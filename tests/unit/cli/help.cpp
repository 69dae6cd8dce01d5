// SPDX-License-Identifier: Apache-2.0
// Help shows every command, every option, and examples.
#include "cli/help.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(cli_help)

BOOST_AUTO_TEST_CASE(every_command_has_a_summary_examples_and_all_its_options_in_its_help)
{
    const std::string all = skw::cli::program_help();
    for (const skw::cli::Command* command : skw::cli::all_commands()) {
        BOOST_TEST((all.find("\n  " + std::string(command->path) + " ") != std::string::npos) != command->hidden,
                   command->path);
        const std::string help = skw::cli::command_help(*command);
        BOOST_TEST(help.starts_with("usage: skulk-weights " + std::string(command->path)), help);
        BOOST_TEST(!command->summary.empty());
        BOOST_TEST(!command->examples.empty(), command->path);
        for (const skw::cli::Option& option : command->options) {
            BOOST_TEST(help.find("--" + std::string(option.name)) != std::string::npos, option.name);
        }
        BOOST_TEST(help.find("--json") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_group_lists_its_own_commands_only)
{
    const std::string help = skw::cli::group_help("plugins");
    BOOST_TEST(help.find("plugins list") != std::string::npos);
    BOOST_TEST(help.find("catalog list") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

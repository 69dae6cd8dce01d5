// SPDX-License-Identifier: Apache-2.0
// What a shell offers for the last word comes from the tables that parse the line.
#include "cli/complete.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using skw::cli::Candidate;
using skw::cli::Completion;

namespace {

skw::cli::Names make_names()
{
    skw::cli::Names names;
    names.keys = [](const std::string& config, const std::string& manifest) {
        return config.empty() && manifest.empty()
                   ? std::vector<Candidate>{{"acme/a", "o/m"}, {"acme/b", "o/m"}}
                   : std::vector<Candidate>{{config + manifest + "/key", ""}};
    };
    names.artifacts = [] { return std::vector<Candidate>{{"vindex", ""}, {"mtp", ""}, {"vision", ""}}; };
    names.plugins = [] { return std::vector<Candidate>{{"skw.mtp", ""}, {"mtp", ""}}; };
    names.fields = [] { return std::vector<Candidate>{{"mtp_names", ""}}; };
    names.schemas = [] { return std::vector<Candidate>{{"skw.plan/1", ""}}; };
    return names;
}

Completion offered(const std::vector<std::string>& words)
{
    return skw::cli::complete(words, make_names());
}

std::vector<std::string> matching(const std::vector<std::string>& words)
{
    std::vector<Candidate> found = offered(words).candidates;
    skw::cli::keep_matching(found, words.back(), false);
    std::vector<std::string> out;
    for (Candidate& candidate : found) {
        out.push_back(std::move(candidate.word));
    }
    return out;
}

using Words = std::vector<std::string>;

bool holds(const Words& words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(cli_complete)

BOOST_AUTO_TEST_CASE(commands_and_their_second_words_are_offered_without_the_hidden_ones)
{
    BOOST_TEST(matching({"publ"}) == Words{"publish"}, boost::test_tools::per_element());
    BOOST_TEST(matching({"catalog", "sh"}) == Words{"show"}, boost::test_tools::per_element());
    BOOST_TEST(matching({"catalogue", "sho"}) == Words{"show"}, boost::test_tools::per_element());
    const Words first = matching({""});
    BOOST_TEST(std::ranges::count(first, "catalog") == 1);
    BOOST_TEST(!holds(first, "complete"));
    BOOST_TEST(!holds(first, "manual"));
    BOOST_TEST(!holds(first, "list"));
    BOOST_TEST(matching({"nonsense", ""}).empty());
}

BOOST_AUTO_TEST_CASE(every_option_of_every_command_is_offered_and_a_flag_only_once)
{
    for (const skw::cli::Command* command : skw::cli::all_commands()) {
        if (command->hidden) {
            continue;
        }
        const std::string path(command->path);
        Words words{path.substr(0, path.find(' '))};
        if (path.find(' ') != std::string::npos) {
            words.push_back(path.substr(path.find(' ') + 1));
        }
        words.emplace_back("--");
        const Words found = matching(words);
        for (const skw::cli::Option& option : command->options) {
            BOOST_TEST(holds(found, "--" + std::string(option.name)), path << " --" << option.name);
        }
        BOOST_TEST(holds(found, "--json"), path);
    }
    BOOST_TEST(!holds(matching({"publish", "--dry-run", "--d"}), "--dry-run"));
    BOOST_TEST(holds(matching({"publish", "--model", "a", "--mo"}), "--model"));
}

BOOST_AUTO_TEST_CASE(options_of_the_program_are_offered_in_front_of_the_command_only)
{
    BOOST_TEST(matching({"--ma"}) == Words{"--manifest"}, boost::test_tools::per_element());
    BOOST_TEST(holds(matching({"--"}), "--version"));
    BOOST_TEST(!holds(matching({"publish", "--"}), "--config"));
    BOOST_TEST(!holds(matching({"--config", "a", "--"}), "--manifest"));
}

BOOST_AUTO_TEST_CASE(keys_come_from_the_catalog_that_the_line_names)
{
    BOOST_TEST(matching({"publish", "--model", "acme/"}) == (Words{"acme/a", "acme/b"}),
               boost::test_tools::per_element());
    BOOST_TEST(matching({"--config", "x", "publish", "--model", ""}) == Words{"x/key"},
               boost::test_tools::per_element());
    BOOST_TEST(matching({"--manifest=y", "catalog", "show", ""}) == Words{"y/key"},
               boost::test_tools::per_element());
    BOOST_TEST(matching({"publish", "--model=acme/b"}) == Words{"--model=acme/b"},
               boost::test_tools::per_element());
    BOOST_TEST(matching({"catalog", "show", "acme/a", "acme/"}).empty());
    BOOST_TEST(matching({"catalog", "show", "--", "acme/a"}) == Words{"acme/a"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(kinds_go_on_behind_a_comma_and_none_is_offered_twice)
{
    BOOST_TEST(matching({"publish", "--artifact", "v"}) == (Words{"vindex", "vision"}),
               boost::test_tools::per_element());
    BOOST_TEST(holds(matching({"publish", "--artifact", ""}), "all"));
    BOOST_TEST(matching({"publish", "--artifact", "vindex,"}) == (Words{"vindex,mtp", "vindex,vision"}),
               boost::test_tools::per_element());
    BOOST_TEST(matching({"publish", "--artifact=vindex,mt"}) == Words{"--artifact=vindex,mtp"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(choices_fields_plugins_and_schemas_are_offered)
{
    BOOST_TEST(matching({"catalog", "list", "--tier", "s"}) == Words{"smoke"},
               boost::test_tools::per_element());
    BOOST_TEST(matching({"completion", "z"}) == Words{"zsh"}, boost::test_tools::per_element());
    BOOST_TEST(matching({"publish", "--set", "mtp"}) == Words{"mtp_names="},
               boost::test_tools::per_element());
    BOOST_TEST(matching({"plugins", "show", ""}) == (Words{"skw.mtp", "mtp"}),
               boost::test_tools::per_element());
    BOOST_TEST(matching({"schema", "skw"}) == Words{"skw.plan/1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(paths_are_left_to_the_shell)
{
    BOOST_TEST((offered({"--config", "a"}).paths == Completion::Paths::files));
    BOOST_TEST((offered({"--config=a"}).paths == Completion::Paths::files));
    BOOST_TEST((offered({"publish", "--scratch", ""}).paths == Completion::Paths::folders));
    BOOST_TEST((offered({"publish", "--model", ""}).paths == Completion::Paths::none));
}

BOOST_AUTO_TEST_CASE(a_line_that_makes_no_sense_offers_nothing_and_does_no_harm)
{
    BOOST_TEST(offered({}).candidates.empty());
    BOOST_TEST(matching({"publish", "--nonsense=a"}).empty());
    BOOST_TEST(matching({"publish", "--dry-run=a"}).empty());
    BOOST_TEST(matching({"--", "--", "="}).empty());
    BOOST_TEST(matching({"inspect", ""}).empty());
}

BOOST_AUTO_TEST_CASE(a_part_of_the_word_matches_for_shells_that_ask_for_it)
{
    std::vector<Candidate> all{{"foxlight/Qwen-a", ""}, {"foxlight/gemma", ""}};
    skw::cli::keep_matching(all, "qwen", true);
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all.front().word == "foxlight/Qwen-a");
}

BOOST_AUTO_TEST_SUITE_END()

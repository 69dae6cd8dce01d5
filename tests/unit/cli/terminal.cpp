// SPDX-License-Identifier: Apache-2.0
// Text that fits into one line of a terminal.
#include "cli/terminal.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using skw::cli::fit_line;
using skw::cli::plain_ascii;
using skw::cli::shorten_name;

BOOST_AUTO_TEST_SUITE(cli_terminal)

BOOST_AUTO_TEST_CASE(a_line_is_narrower_than_its_terminal)
{
    const std::string line = "mtp: reading 3.1 MB of 60.3 MB  5%  641 kB/s";
    BOOST_TEST(fit_line(line, line.size() + 1) == line);
    BOOST_TEST(fit_line(line, line.size()) == "mtp: reading 3.1 MB of 60.3 MB  5%");
    BOOST_TEST(fit_line(line, 32) == "mtp: reading 3.1 MB of 60.3 MB");
    BOOST_TEST(fit_line(line, 8) == "mtp: re");
    BOOST_TEST(fit_line(line, 1) == "");
    BOOST_TEST(fit_line(line, 0) == "");
}

BOOST_AUTO_TEST_CASE(an_indent_is_no_part_that_could_be_left_out)
{
    BOOST_TEST(fit_line("  model.safetensors  5%", 22) == "  model.safetensors");
    BOOST_TEST(fit_line("  model.safetensors  5%", 10) == "  model.s");
    BOOST_TEST(fit_line("   ", 3) == "  ");
}

BOOST_AUTO_TEST_CASE(a_name_loses_its_extension_and_then_its_middle)
{
    BOOST_TEST(shorten_name("model.safetensors", 17) == "model.safetensors");
    BOOST_TEST(shorten_name("model-00001-of-00163.safetensors", 31) == "model-00001-of-00163");
    BOOST_TEST(shorten_name("model-00001-of-00163.safetensors", 12) == "mod..f-00163");
    BOOST_TEST(shorten_name("model.safetensors", 3) == "del");
    BOOST_TEST(shorten_name(".gitattributes", 9) == ".g..butes");
    BOOST_TEST(shorten_name("model.safetensors", 0) == "");
    for (std::size_t width = 0; width < 20; ++width) {
        BOOST_TEST(shorten_name("model_safetensors", width).size() == std::min<std::size_t>(width, 17));
    }
}

BOOST_AUTO_TEST_CASE(every_other_character_is_one_question_mark)
{
    BOOST_TEST(plain_ascii("a\xc3\xa4\xe6\xa8\xa1\xf0\x9f\xa6\x8a z") == "a??? z");
    BOOST_TEST(plain_ascii("a\033[2J\n") == "a?[2J?");
    BOOST_TEST(plain_ascii("\x80\xbf") == "");
}

BOOST_AUTO_TEST_SUITE_END()

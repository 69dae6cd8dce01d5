// SPDX-License-Identifier: Apache-2.0
// Text for people and scripts is quoted as the contract fixes it.
#include "support/text.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(support_text)

BOOST_AUTO_TEST_CASE(repr_is_pythons)
{
    // Each right side was printed by Python 3.11's repr().
    BOOST_TEST(skw::python_repr("abc") == "'abc'");
    BOOST_TEST(skw::python_repr("it's") == "\"it's\"");
    BOOST_TEST(skw::python_repr("it's \"x\"") == "'it\\'s \"x\"'");
    BOOST_TEST(skw::python_repr("a\n\t\r\x01\\") == "'a\\n\\t\\r\\x01\\\\'");
    BOOST_TEST(skw::python_repr("\xc3\xa9\xc2\xa0\xe2\x80\x8b") == "'\xc3\xa9\\xa0\\u200b'");
    BOOST_TEST(skw::python_repr("\xf0\x9f\x98\x80") == "'\xf0\x9f\x98\x80'");
    BOOST_TEST(skw::python_repr(std::vector<std::string>{"a", "b"}) == "['a', 'b']");
    BOOST_TEST(skw::python_repr(std::vector<std::string>{}) == "[]");
}

BOOST_AUTO_TEST_CASE(words_are_quoted_for_a_shell_as_shlex_does)
{
    BOOST_TEST(skw::shell_quote("a/b-c_1.@%+=:,") == "a/b-c_1.@%+=:,");
    BOOST_TEST(skw::shell_quote("") == "''");
    BOOST_TEST(skw::shell_quote("a b") == "'a b'");
    BOOST_TEST(skw::shell_quote("it's") == "'it'\"'\"'s'");
    BOOST_TEST(skw::shell_quote("~") == "'~'");
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_near_or_none)
{
    const std::vector<std::string> known = {"mtp_sidecar_repo", "vision_sidecar_repo", "quant"};
    BOOST_TEST(skw::nearest_name("mtp_sidecar_repos", known) == "mtp_sidecar_repo");
    BOOST_TEST(skw::nearest_name("qunat", known) == "quant");
    BOOST_TEST(skw::nearest_name("license", known) == "");
    BOOST_TEST(skw::nearest_name("vis", known) == "vision_sidecar_repo");
    BOOST_TEST(skw::nearest_name("QUANT", known) == "quant");
    BOOST_TEST(skw::nearest_name("", known) == "");
}

BOOST_AUTO_TEST_CASE(sizes_and_times_read_naturally)
{
    BOOST_TEST(skw::human_bytes(0) == "0 B");
    BOOST_TEST(skw::human_bytes(999) == "999 B");
    BOOST_TEST(skw::human_bytes(1500) == "1.5 kB");
    BOOST_TEST(skw::human_bytes(241'199'104) == "241 MB");
    BOOST_TEST(skw::human_bytes(999'950'000) == "1.0 GB");
    BOOST_TEST(skw::human_seconds(59) == "59 s");
    BOOST_TEST(skw::human_seconds(125) == "2 min 05 s");
    BOOST_TEST(skw::human_seconds(4320) == "1 h 12 min");
}

BOOST_AUTO_TEST_CASE(no_control_character_reaches_a_terminal)
{
    BOOST_TEST(skw::printable("a\x1b[2Jb\nc\xff") == "a\\x1b[2Jb\\x0ac\\xff");
    BOOST_TEST(skw::printable("\xe2\x80\xae") == "\\u202e"); // right-to-left override
    BOOST_TEST(skw::printable(std::string(100, 'x'), 10) == "xxxxxxxxxx...");
}

BOOST_AUTO_TEST_SUITE_END()

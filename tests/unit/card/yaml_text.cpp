// SPDX-License-Identifier: Apache-2.0
// Every string comes back from YAML as that string.
#include "card/yaml_text.hpp"

#include "catalog/yaml.hpp"

#include <boost/test/unit_test.hpp>

using skw::card::yaml_scalar;

BOOST_AUTO_TEST_SUITE(card_yaml_text)

BOOST_AUTO_TEST_CASE(plain_words_stay_plain_and_all_else_is_quoted)
{
    BOOST_TEST(yaml_scalar("Qwen/Qwen3.5-4B") == "Qwen/Qwen3.5-4B");
    BOOST_TEST(yaml_scalar("skulk-weights 0.1.0") == "skulk-weights 0.1.0");
    BOOST_TEST(yaml_scalar("no") == "'no'");
    BOOST_TEST(yaml_scalar("NULL") == "'NULL'");
    BOOST_TEST(yaml_scalar("12e4") == "'12e4'");
    BOOST_TEST(yaml_scalar("") == "''");
    BOOST_TEST(yaml_scalar("it's: a") == "'it''s: a'");
    BOOST_TEST(yaml_scalar("abc", skw::card::Quote::always) == "'abc'");
}

BOOST_AUTO_TEST_CASE(every_string_is_read_back_as_itself)
{
    for (const std::string text :
         {"a",     "yes",        "~",     "1",           "1.5",          "0x1f",
          "12:30", "2024-01-01", "a: b",  "a #b",        "- a",          "[a]",
          "{a}",   "*a",         "&a",    "!a",          "%a",           "@a",
          "`a`",   "'",          "\"",    "a\nb",        "a\tb",         " a",
          "a ",    "---",        "a---b", "\xc3\xa9",    "\xe2\x80\xa8", "\xf0\x9f\x98\x80",
          "\x01",  "\x7f",       "\\",    "key: |\n  x", "<<",           "=",
          ".inf",  "a,b",        "?"}) {
        const std::string line = "value: " + yaml_scalar(text) + "\n";
        BOOST_TEST(line.find("---") == std::string::npos, line);
        const auto document = skw::catalog::parse_yaml(line, "card");
        BOOST_TEST(document.value.at("value").is_string(), line);
        BOOST_TEST(std::string(document.value.at("value").as_string()) == text, line);
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// A list that grows by one entry while every other byte stays.
#include "catalog/insert.hpp"

#include "../error_of.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;

namespace {

catalog::NewEntry sample_entry()
{
    catalog::NewEntry entry;
    entry.key = entry.effective_key = "new";
    entry.fields = {{"key", "new"}, {"slices", "full"}, {"tier", "smoke"}};
    return entry;
}

const std::string block = "\n  - key: new\n    slices:\n      - full\n    tier: smoke\n";

std::string grown(std::string_view text)
{
    return catalog::insert_entry(text, sample_entry(), "c.yaml").text;
}

std::string refused(std::string_view text)
{
    return testing::error_of([&] { grown(text); }).what();
}

const std::string cannot = "c.yaml: the list models is written in a way that cannot be added to line by line";

} // namespace

BOOST_AUTO_TEST_SUITE(catalog_insert)

BOOST_AUTO_TEST_CASE(the_block_goes_to_the_end_of_a_file_that_ends_with_the_list)
{
    for (const std::string before :
         {"models:\n  - key: a\n",
          "# head\nmodels:\n\n  # one\n  - key: a\n    x: |\n      text\n\n      more\n",
          "x: 1\nmodels:\n  - key: a\n    # of a\n",
          "models:\n  - key: a\n\n  # - key: later\n  #   tier: moe\n", "models:\n  - key: a\n# tail\n",
          "models: # list\n  - {key: a, b: [1, 2]}\n", "\xef\xbb\xbfmodels:\n  - key: a\n",
          "---\nmodels:\n  - key: a\n", "'models':\n  - key: a\n"}) {
        BOOST_TEST(grown(before) == before + block);
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_can_be_read_can_grow)
{
    std::string before;
    for (std::size_t size = 0; size < (17u << 20); size += 1u << 20) {
        before += "#" + std::string((1u << 20) - 2, '-') + "\n";
    }
    before += "models:\n  - key: a\n";
    BOOST_TEST((grown(before) == before + block));
}

BOOST_AUTO_TEST_CASE(a_missing_line_end_is_added_first)
{
    BOOST_TEST(grown("models:\n  - key: a") == "models:\n  - key: a\n" + block);
    BOOST_TEST(grown("models:\n  - key: a\n  # tail") == "models:\n  - key: a\n  # tail\n" + block);
}

BOOST_AUTO_TEST_CASE(what_follows_the_list_stays_behind_it)
{
    BOOST_TEST(grown("models:\n  - key: a\nx: 1\n") == "models:\n  - key: a\n" + block + "x: 1\n");
    BOOST_TEST(grown("models:\n  - key: a\n    # of a\n\n# about x\nx: 1\n") ==
               "models:\n  - key: a\n    # of a\n" + block + "\n# about x\nx: 1\n");
    BOOST_TEST(grown("models:\n  - key: a\n# about x\nx: 1\n") ==
               "models:\n  - key: a\n" + block + "# about x\nx: 1\n");
    BOOST_TEST(grown("models:\n  - key: a\n...\n") == "models:\n  - key: a\n" + block + "...\n");
}

BOOST_AUTO_TEST_CASE(the_indentation_of_the_list_is_kept)
{
    BOOST_TEST(grown("models:\n- key: a\nx: 1\n") ==
               "models:\n- key: a\n\n- key: new\n  slices:\n    - full\n  tier: smoke\nx: 1\n");
    BOOST_TEST(grown("models:\n    -   key: a\n        b: c\n") ==
               "models:\n    -   key: a\n        b: c\n"
               "\n    -   key: new\n        slices:\n          - full\n        tier: smoke\n");
    BOOST_TEST(grown("models:\n  -\n    key: a\n") == "models:\n  -\n    key: a\n" + block);
}

BOOST_AUTO_TEST_CASE(line_ends_of_the_file_are_kept)
{
    BOOST_TEST(
        grown("models:\r\n  - key: a\r\nx: 1\r\n") ==
        "models:\r\n  - key: a\r\n\r\n  - key: new\r\n    slices:\r\n      - full\r\n    tier: smoke\r\nx: "
        "1\r\n");
    BOOST_TEST(grown("models: []\r\nx: 1\r\n") ==
               "models:\r\n\r\n  - key: new\r\n    slices:\r\n      - full\r\n    tier: smoke\r\nx: 1\r\n");
}

BOOST_AUTO_TEST_CASE(an_empty_list_becomes_one)
{
    BOOST_TEST(grown("") == "models:\n" + block);
    BOOST_TEST(grown("# only words\n") == "# only words\nmodels:\n" + block);
    BOOST_TEST(grown("# only words") == "# only words\nmodels:\n" + block);
    BOOST_TEST(grown("x: 1\n") == "x: 1\nmodels:\n" + block);
    BOOST_TEST(grown("models:\n") == "models:\n" + block);
    BOOST_TEST(grown("models:  # none yet\nx: 1\n") == "models:  # none yet\n" + block + "x: 1\n");
    BOOST_TEST(grown("models: []\n") == "models:\n" + block);
    BOOST_TEST(grown("models: []") == "models:\n" + block);
    BOOST_TEST(grown("models: []  # none yet\nx: 1\n") == "models:  # none yet\n" + block + "x: 1\n");
}

BOOST_AUTO_TEST_CASE(what_has_no_place_for_lines_is_refused_with_the_block)
{
    for (const char* text :
         {"models: [{key: a}]\n", "models: [\n  {key: a}\n]\n", "{models: [{key: a}]}\n", "{models: []}\n",
          "{x: 1}\n", "models: null\n", "models: ~\n", "models: {a: b}\n", "models: text\n",
          "models: &m\n  []\n", "x: &l\n  - key: a\nmodels: *l\n"}) {
        BOOST_TEST(refused(text) == cannot, text);
    }
    const Error error = testing::error_of([&] { grown("models: [{key: a}]\n"); });
    BOOST_TEST(std::string(error.hint()).ends_with("add this by hand:" + block.substr(0, block.size() - 1)));
}

BOOST_AUTO_TEST_CASE(a_place_that_only_looks_right_is_refused)
{
    // The last line of the list belongs to a text in quotes that began before.
    BOOST_TEST(refused("models:\n  - key: \"a\nx: b\"\n") == cannot);
    // An alias carries the list elsewhere, where it would grow as well.
    BOOST_TEST(refused("models: &l\n  - key: a\nx: *l\n") == cannot);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_catalog_is_refused_as_ever)
{
    BOOST_TEST(refused("- a\n") == "c.yaml must contain a top-level mapping");
    BOOST_TEST(refused("models: [\n").starts_with("c.yaml:"));
}

BOOST_AUTO_TEST_CASE(whatever_a_file_looks_like_nothing_of_it_is_lost)
{
    const std::string sample =
        "# head\nmodels:\n\n  - key: a\n    x: [1, \"two\"]\n    # of a\n  - {key: b}\n\nx: |\n  "
        "text\n\n# tail\ny: &a [1]\nz: *a\n";
    constexpr std::string_view letters = "\n\r :-#[]{}\"'|&*ab\t.";
    std::uint32_t dice = 1;
    const auto roll = [&](std::size_t sides) {
        dice = dice * 1664525u + 1013904223u;
        return (dice >> 8) % sides;
    };
    int made = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text = sample;
        for (std::size_t changes = roll(4); changes > 0; --changes) {
            const std::size_t at = roll(text.size());
            switch (roll(3)) {
            case 0: text.erase(at, 1 + roll(3)); break;
            case 1: text.insert(at, 1, letters[roll(letters.size())]); break;
            default: text[at] = letters[roll(letters.size())];
            }
        }
        try {
            const catalog::Insertion insertion = catalog::insert_entry(text, sample_entry(), "c.yaml");
            std::string rest = insertion.text;
            const std::size_t at = rest.find(insertion.block);
            BOOST_TEST_REQUIRE(at != std::string::npos);
            rest.erase(at, insertion.block.size());
            std::string_view more = rest;
            more.remove_prefix(rest.starts_with(text) ? text.size() : 0);
            const bool same = more.find_first_not_of("\r\n") == more.npos || more.find("models:") < 3 ||
                              text.find("[]") != std::string::npos;
            BOOST_TEST(same, text + "\n--- became ---\n" + insertion.text);
            ++made;
        } catch (const Error&) {
            // Refused, and nothing is written.
        }
    }
    BOOST_TEST(made > 500);
}

BOOST_AUTO_TEST_SUITE_END()

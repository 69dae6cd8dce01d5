// SPDX-License-Identifier: Apache-2.0
// The list of models is read entry by entry, and nobody can tell: order of complaints, lists that come in
// another way, a second list, many entries, many warnings.
#include "catalog/manifest.hpp"

#include "folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using tests::entry;

namespace {

std::string plain_entry(std::size_t number, const std::string& more = {})
{
    const std::string name = "m" + std::to_string(number);
    return "- key: " + name + "\n  source_model: o/" + name +
           "\n  quant: q4k\n  tier: moe\n  slices: [full]\n" + "  output_name: " + name +
           ".vindex\n  hf_repo: acme/" + name + "\n" + more;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_models, tests::Folder)

BOOST_AUTO_TEST_CASE(text_that_is_no_yaml_is_told_before_an_entry_further_up)
{
    BOOST_TEST(manifest_error("models:\n- {key: 1}\n" + plain_entry(1)) ==
               "models[0]: key must be a non-empty string");
    BOOST_TEST(manifest_error("models:\n- {key: 1}\nend: @\n").starts_with("m.yaml:3:6: "));
    BOOST_TEST(manifest_error("models:\n- key: 1\n- *x\n").starts_with("m.yaml:3:3: "));
}

BOOST_AUTO_TEST_CASE(of_two_complaints_the_first_entry_has_the_word)
{
    BOOST_TEST(manifest_error("models:\n" + plain_entry(1) + "- a\n- {key: A}\n") ==
               "models[1] must be a mapping");
}

BOOST_AUTO_TEST_CASE(a_list_that_an_anchor_an_alias_or_a_merge_key_brings_is_read_as_well)
{
    const std::string list = plain_entry(1) + plain_entry(2);
    for (const std::string& text :
         {"models: &x\n" + list, "other: &x\n" + list + "models: *x\n",
          "<<: {models: &x [" + entry().substr(4) + "]}\n", "&a\nmodels:\n" + list}) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(manifest_error(text) == "");
        }
    }
    BOOST_TEST(manifest_error("models: &x\n" + list + "- a\n") == "models[2] must be a mapping");
    BOOST_TEST(manifest_error("<<: {models: [a]}\nmodels:\n" + list) == "");
}

BOOST_AUTO_TEST_CASE(of_two_lists_the_last_one_counts)
{
    request.manifest = write("m.yaml", "models:\n" + plain_entry(1, "  odd: 1\n") + "- a\nmodels:\n" +
                                           plain_entry(1) + plain_entry(2));
    const catalog::Catalog catalog = read();
    BOOST_TEST(catalog.entries.size() == 2u);
    BOOST_REQUIRE(catalog.warnings.size() == 1u);
    BOOST_TEST(catalog.warnings[0] ==
               request.manifest + ":11:1: duplicate key 'models', the last one counts");
    BOOST_TEST(manifest_error("models:\n" + plain_entry(1) + "models: 3\n") ==
               "m.yaml: models must be a non-empty list");
    BOOST_TEST(manifest_error("models:\n- a\nmodels: []\n") == "m.yaml: models must be a non-empty list");
}

BOOST_AUTO_TEST_CASE(a_second_list_in_the_overlay_still_sees_the_packaged_entries)
{
    request.manifest.clear();
    request.overlay_file = write("overlay.yaml", "models:\n- a\nmodels:\n- {key: gemma-3-4b-full-q4-k}\n");
    BOOST_TEST(error() == "foxlight/gemma-3-4b-full-q4-k: duplicate key");
}

BOOST_AUTO_TEST_CASE(positions_are_right_far_down_a_list)
{
    std::string text = "models:\n";
    for (std::size_t i = 0; i < 5000; ++i) {
        text += plain_entry(i);
    }
    request.manifest = write("m.yaml", text + plain_entry(5000, "  colour: red\n") + plain_entry(1));
    std::vector<std::string> told;
    try {
        catalog::read_catalog(request, rules, [&](const std::string& line) { told.push_back(line); });
        BOOST_FAIL("the key stands twice");
    } catch (const Error& error) {
        BOOST_TEST(error.what() == "m1: duplicate key");
        BOOST_TEST(error.hint() == "see " + request.manifest + ":" + std::to_string(2 + 5001 * 7 + 1) + ":3");
    }
    BOOST_REQUIRE(told.size() == 1u);
    BOOST_TEST(told[0] ==
               request.manifest + ":" + std::to_string(2 + 5001 * 7) + ":3: m5000: unknown field 'colour'");
}

BOOST_AUTO_TEST_CASE(more_values_than_fit_into_memory_at_once_are_fine_in_a_long_list)
{
    std::string text = "models:\n";
    for (std::size_t i = 0; i < 70'000; ++i) {
        text += plain_entry(i);
    }
    request.manifest = write("m.yaml", text);
    BOOST_TEST(read().entries.size() ==
               70'000u); // 1,190,000 values, and 200,000 positions would not do either
    request.manifest =
        write("m.yaml", "x: &x 1\n" + text + "y: *x\nz: !!str q\n"); // the library reads this one
    BOOST_TEST(read().entries.size() == 70'000u);
}

BOOST_AUTO_TEST_CASE(aliases_in_a_list_cannot_use_more_memory_than_the_text_is_worth)
{
    std::string text = "base: &b [" + std::string("1") + "]\nwide: &w {artifacts: {x: [";
    for (std::size_t i = 0; i < 2000; ++i) {
        text += "1, ";
    }
    text += "1]}}\nmodels:\n";
    for (std::size_t i = 0; i < 1000; ++i) {
        text += plain_entry(i, "  <<: *w\n");
    }
    BOOST_TEST(manifest_error(text).ends_with("in 'models', aliases counted by what they stand for"));
}

BOOST_AUTO_TEST_CASE(after_twenty_warnings_of_a_kind_the_others_are_counted)
{
    std::string text = "models:\n";
    for (std::size_t i = 0; i < 100; ++i) {
        text += plain_entry(i, "  colour: red\n  tier: smoke\n");
    }
    request.manifest = write("m.yaml", text);
    const catalog::Catalog catalog = read();
    BOOST_REQUIRE(catalog.warnings.size() == 42u);
    BOOST_TEST(catalog.warnings[20] == request.manifest + ": and 80 more duplicate keys");
    BOOST_TEST(catalog.warnings[41] == request.manifest + ": and 80 more unknown fields");
}

BOOST_AUTO_TEST_SUITE_END()

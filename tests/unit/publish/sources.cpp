// SPDX-License-Identifier: Apache-2.0
// The plan's patterns choose the files of an input.
#include "publish/sources.hpp"

#include <boost/test/unit_test.hpp>

using skw::publish::matches_pattern;

BOOST_AUTO_TEST_SUITE(publish_sources)

BOOST_AUTO_TEST_CASE(a_star_stands_for_any_text_also_across_folders)
{
    BOOST_TEST(matches_pattern("a.safetensors", "*.safetensors"));
    BOOST_TEST(matches_pattern("sub/deep/a.safetensors", "*.safetensors"));
    BOOST_TEST(matches_pattern("config.json", "config.json"));
    BOOST_TEST(matches_pattern("", "*"));
    BOOST_TEST(matches_pattern("abc", "a*b*c*"));
    BOOST_TEST(matches_pattern("aXbXbc", "a*bc"));
    BOOST_TEST(!matches_pattern("a.safetensors.bak", "*.safetensors"));
    BOOST_TEST(!matches_pattern("xconfig.json", "config.json"));
    BOOST_TEST(!matches_pattern("", "?"));
}

BOOST_AUTO_TEST_CASE(a_pattern_of_many_stars_costs_no_more_than_its_length_times_the_path)
{
    std::string pattern;
    for (int i = 0; i < 200; ++i) {
        pattern += "*a";
    }
    BOOST_TEST(!matches_pattern(std::string(5000, 'a') + "b", pattern + "c"));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// A card on the Hub is read like existing readers do, and a damaged one is like none.
#include "publish/front_matter.hpp"

#include <boost/test/unit_test.hpp>

using skw::publish::read_front_matter;

BOOST_AUTO_TEST_SUITE(publish_front_matter)

BOOST_AUTO_TEST_CASE(the_mapping_between_the_fences_is_read)
{
    const auto card = read_front_matter("---\nfoxlight:\n  source_revision: '12e4'\n---\n# x\n");
    BOOST_REQUIRE(card.has_value());
    BOOST_TEST(std::string(card->at("foxlight").at("source_revision").as_string()) == "12e4");
    BOOST_TEST(read_front_matter("---\r\na: b\r\n---\r\n").has_value());
}

BOOST_AUTO_TEST_CASE(dashes_inside_of_a_line_are_no_fence)
{
    const auto card = read_front_matter("---\ntitle: a---b\nfoxlight:\n  artifact_type: mtp-sidecar\n---\n");
    BOOST_REQUIRE(card.has_value());
    BOOST_TEST(card->contains("foxlight"));
    BOOST_TEST(read_front_matter("---\n---\n# x\n").has_value() == false); // an empty block holds no mapping
}

BOOST_AUTO_TEST_CASE(anything_else_is_like_no_card)
{
    for (const char* text : {"", "# x", "---", "---\na: b\n", "---\n- a\n---\n", "---\na: [\n---\n",
                             " ---\na: b\n---\n", "---\na: &x [*x]\nb: \x01\n---\n"}) {
        BOOST_TEST(!read_front_matter(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()

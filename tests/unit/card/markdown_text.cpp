// SPDX-License-Identifier: Apache-2.0
// Strings of others cannot become markup.
#include "card/markdown_text.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(card_markdown_text)

BOOST_AUTO_TEST_CASE(a_code_span_is_fenced_by_more_backticks_than_it_holds)
{
    BOOST_TEST(skw::card::code_span("a") == "`a`");
    BOOST_TEST(skw::card::code_span("a`b``c") == "```a`b``c```");
    BOOST_TEST(skw::card::code_span("`a") == "`` `a ``");
    BOOST_TEST(skw::card::code_span("a\nb") == "`a\\x0ab`");
    BOOST_TEST(skw::card::code_span("a|b", true) == "`a\\|b`");
}

BOOST_AUTO_TEST_CASE(prose_has_no_links_html_or_emphasis)
{
    BOOST_TEST(skw::card::plain_prose("<b>[x](y)*_`") == "\\<b\\>\\[x\\]\\(y\\)\\*\\_\\`");
}

BOOST_AUTO_TEST_SUITE_END()

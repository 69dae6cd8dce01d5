// SPDX-License-Identifier: Apache-2.0
// Entries are taken in the order named, then in the catalog's, and none of them twice.
#include "publish/selection.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using skw::catalog::Catalog;
using skw::publish::Selection;

Catalog catalog()
{
    Catalog all;
    for (const auto& [key, tier] : std::vector<std::pair<const char*, const char*>>{
             {"acme/a", "smoke"}, {"acme/b", "moe"}, {"acme/c", "smoke"}}) {
        skw::catalog::Entry entry;
        entry.key = key;
        entry.tier = tier;
        all.entries.push_back(std::move(entry));
    }
    return all;
}

std::string keys(const Selection& selection)
{
    std::string text;
    for (const skw::catalog::Entry& entry : select_entries(catalog(), selection)) {
        text += (text.empty() ? "" : " ") + entry.key;
    }
    return text;
}

bool hints(const Selection& selection, std::string_view hint)
{
    try {
        select_entries(catalog(), selection);
    } catch (const skw::Error& error) {
        return error.code() == skw::ErrorCode::not_found && error.hint() == hint;
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_selection)

BOOST_AUTO_TEST_CASE(named_keys_come_in_their_order_and_once)
{
    BOOST_TEST(keys({{"acme/c", "acme/a", "acme/c"}, "", false}) == "acme/c acme/a");
}

BOOST_AUTO_TEST_CASE(a_tier_and_the_whole_catalog_come_in_the_catalogs_order)
{
    BOOST_TEST(keys({{}, "smoke", false}) == "acme/a acme/c");
    BOOST_TEST(keys({{}, "", true}) == "acme/a acme/b acme/c");
    BOOST_TEST(keys({{}, "moe", true}) == "acme/b");
    BOOST_TEST(keys({{"acme/c"}, "smoke", false}) == "acme/c acme/a");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_or_tier_is_refused_with_what_helps)
{
    BOOST_TEST(hints({{"acme/d"}, "", false}, "did you mean acme/a?"));
    BOOST_TEST(hints({{"b"}, "", false}, "did you mean acme/b?"));
    BOOST_TEST(
        hints({{"something/else/entirely"}, "", false}, "`skulk-weights catalog list` shows the keys"));
    BOOST_TEST(hints({{}, "dense", false}, "`skulk-weights catalog list` shows the keys"));
}

BOOST_AUTO_TEST_SUITE_END()

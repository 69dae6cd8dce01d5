// SPDX-License-Identifier: Apache-2.0
// Whether and where a run files.
#include "collection/collection.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

using skw::collection::decide_policy;

BOOST_AUTO_TEST_SUITE(collection_policy)

BOOST_AUTO_TEST_CASE(an_unset_or_blank_variable_leaves_it_to_the_entry)
{
    for (const auto& value : {std::optional<std::string>(), std::optional<std::string>(""),
                              std::optional<std::string>(" \t\n")}) {
        BOOST_TEST(decide_policy("a/b", value).slug.value() == "a/b");
        BOOST_TEST(!decide_policy({}, value).on());
    }
}

BOOST_AUTO_TEST_CASE(six_words_in_any_case_switch_filing_off)
{
    for (const char* word : {"none", "0", "false", "no", "off", "disabled", "NONE", " Off "}) {
        BOOST_TEST(!decide_policy("a/b", word).on(), word);
    }
}

BOOST_AUTO_TEST_CASE(a_slug_wins_over_the_entry_and_switches_filing_on)
{
    BOOST_TEST(decide_policy("a/b", " x/y-1 ").slug.value() == "x/y-1");
    BOOST_TEST(decide_policy({}, "x/y").on());
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_with_the_contracts_text)
{
    for (const char* word : {"1", "true", "null", "a/b/c", "a", "a/"}) {
        BOOST_CHECK_EXCEPTION(decide_policy("a/b", word), skw::Error, [](const skw::Error& error) {
            return std::string_view(error.what()) ==
                   "SKULK_WEIGHTS_COLLECTION must look like owner/slug or be 'none'";
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()

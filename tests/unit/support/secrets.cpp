// SPDX-License-Identifier: Apache-2.0
// No secret gets past the filter.
#include "support/secrets.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(support_secrets)

BOOST_AUTO_TEST_CASE(a_known_token_is_cut_wherever_it_stands)
{
    const skw::Secret token("my odd token/1");
    BOOST_TEST(skw::redact("a my odd token/1 b my odd token/1") == "a *** b ***");
    BOOST_TEST(token.reveal() == "my odd token/1");
}

BOOST_AUTO_TEST_CASE(unknown_tokens_are_cut_by_their_look)
{
    BOOST_TEST(skw::redact("token hf_abcdefgh1234ABCDEFGH5678.") == "token hf_***.");
    BOOST_TEST(skw::redact("Authorization: Bearer abc.def-1 x") == "Authorization: Bearer *** x");
    BOOST_TEST(skw::redact("hf_xet hf_collection=a/b") == "hf_xet hf_collection=a/b");
}

BOOST_AUTO_TEST_CASE(queries_of_urls_are_cut_because_they_hold_signatures)
{
    BOOST_TEST(skw::redact("get https://cdn.x/a?Signature=1&Expires=2 now") == "get https://cdn.x/a?*** now");
    BOOST_TEST(skw::redact("is it? https://x/a") == "is it? https://x/a");
}

BOOST_AUTO_TEST_CASE(what_is_published_is_searched_and_not_changed)
{
    const skw::Secret secret("odd-secret-word");
    BOOST_TEST(skw::holds_secret("a card with odd-secret-word in it"));
    BOOST_TEST(skw::holds_secret("x hf_abcdefghijklmnopqrstuvwxyz0123456789 y"));
    BOOST_TEST(!skw::holds_secret("hf_collection, and https://example.org/license?version=2"));
}

BOOST_AUTO_TEST_SUITE_END()

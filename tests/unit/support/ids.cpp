// SPDX-License-Identifier: Apache-2.0
// Names exist only when they are valid.
#include "support/ids.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(support_ids)

BOOST_AUTO_TEST_CASE(a_commit_id_is_forty_lower_case_hex_digits)
{
    BOOST_TEST(skw::CommitId::parse("0123456789abcdef0123456789abcdef01234567").has_value());
    for (const char* bad :
         {"", "0123456789abcdef0123456789abcdef0123456", "0123456789ABCDEF0123456789abcdef01234567",
          "0123456789abcdef0123456789abcdef012345678", "g123456789abcdef0123456789abcdef01234567"}) {
        BOOST_TEST(!skw::CommitId::parse(bad).has_value(), bad);
    }
}

BOOST_AUTO_TEST_CASE(a_repo_id_has_two_parts_that_no_path_or_option_can_be)
{
    const auto id = skw::RepoId::parse("Acme_1/qwen-3.5");
    BOOST_REQUIRE(id.has_value());
    BOOST_TEST(id->owner() == "Acme_1");
    BOOST_TEST(id->name() == "qwen-3.5");
    for (const char* bad : {"", "acme", "acme/", "/x", "a/b/c", "../x", "a/..", "a/.", "-a/b", "a/-b",
                            "a b/c", "a/b\n", "a/\xc3\xa9"}) {
        BOOST_TEST(!skw::RepoId::parse(bad).has_value(), bad);
    }
    BOOST_TEST(!skw::RepoId::parse("a/" + std::string(97, 'x')).has_value());
}

BOOST_AUTO_TEST_CASE(a_repo_path_stays_inside_its_repo)
{
    for (const char* good :
         {"a", "sub/deep/a.json", "with blank & #?%+.txt", "\xe6\xa8\xa1.txt", "..a", ".gitattributes"}) {
        BOOST_TEST(skw::RepoPath::parse(good).has_value(), good);
    }
    for (const char* bad : {"", "/a", "a/", "a//b", "../a", "a/../b", "a/.", ".git/config", "x/.cache/y",
                            "a\\b", "a\nb", "\xff", "\xed\xa0\x80"}) {
        BOOST_TEST(!skw::RepoPath::parse(bad).has_value(), bad);
    }
    BOOST_TEST(!skw::RepoPath::parse(std::string(1025, 'a')).has_value());
}

BOOST_AUTO_TEST_CASE(utf8_means_shortest_forms_without_surrogates)
{
    for (const char* good : {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
        BOOST_TEST(skw::is_utf8(good), good);
    }
    for (const char* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\xff"}) {
        BOOST_TEST(!skw::is_utf8(bad), bad);
    }
}

BOOST_AUTO_TEST_SUITE_END()

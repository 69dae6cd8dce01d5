// SPDX-License-Identifier: Apache-2.0
// Listings over many small pages.
#include "hub/client.hpp"

#include "fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;

namespace {
struct SmallPages : test::LocalHub {
    SmallPages() : LocalHub(3) {}
};
} // namespace

BOOST_FIXTURE_TEST_SUITE(hub_tree, SmallPages)

BOOST_AUTO_TEST_CASE(all_pages_are_read_and_files_are_sorted)
{
    std::vector<Addition> files;
    for (int i = 20; i > 0; --i) {
        files.push_back(test::text_addition(
            "dir " + std::to_string(i % 3) + "/f\xc3\xa4&" + std::to_string(i) + ".json", std::to_string(i)));
    }
    const Tree tree = publish(files);
    BOOST_TEST(tree.files.size() == 21u); // and .gitattributes
    BOOST_TEST(count("GET", "/tree/") >= 7);
    for (std::size_t i = 1; i < tree.files.size(); ++i) {
        BOOST_TEST((tree.files[i - 1].path.text() < tree.files[i].path.text()));
    }
    const RemoteFile* const file = tree.find("dir 1/f\xc3\xa4&7.json");
    BOOST_REQUIRE(file != nullptr);
    BOOST_TEST(file->blob_id == git_blob_id("7"));
    BOOST_TEST(tree.find("dir 1") == nullptr);
    BOOST_TEST(client->read_file(repo, tree.commit, *file, 10) == "7");
}

BOOST_AUTO_TEST_CASE(a_page_that_fails_for_a_moment_is_asked_for_again)
{
    std::vector<Addition> files;
    for (int i = 0; i < 9; ++i) {
        files.push_back(test::text_addition(std::to_string(i) + ".json", "x"));
    }
    const Tree tree = publish(files);
    once("GET", "/tree/", "status-503", 0, 2, 1);
    once("GET", "/tree/", "drop", 0, 1, 5);
    BOOST_TEST(client->read_tree(repo, tree.commit).files.size() == tree.files.size());
}

BOOST_AUTO_TEST_CASE(an_unknown_commit_is_not_found)
{
    client->create_repo(repo);
    BOOST_TEST(test::fails_with(ErrorCode::not_found, "revision",
                                [&] { client->read_tree(repo, *CommitId::parse(std::string(40, 'e'))); }));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Local files: whole or not at all, bounded, with the path in every error.
#include "support/files.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <cstdlib>

BOOST_AUTO_TEST_SUITE(support_files)

BOOST_AUTO_TEST_CASE(an_atomic_write_leaves_nothing_beside_the_file)
{
    const skw::TempFolder folder;
    skw::write_file_atomically(folder.path() / "a", "one");
    skw::write_file_atomically(folder.path() / "a", "two");
    BOOST_TEST(skw::read_file(folder.path() / "a", 100) == "two");
    const auto count = std::distance(std::filesystem::directory_iterator(folder.path()), {});
    BOOST_TEST(count == 1);
}

BOOST_AUTO_TEST_CASE(reading_stops_at_the_limit)
{
    const skw::TempFolder folder;
    skw::write_file_atomically(folder.path() / "a", std::string(101, 'x'));
    BOOST_TEST(skw::read_file(folder.path() / "a", 101).size() == 101u);
    BOOST_CHECK_EXCEPTION(skw::read_file(folder.path() / "a", 100), skw::Error, [](const skw::Error& error) {
        return error.code() == skw::ErrorCode::bad_input && error.place().ends_with("/a");
    });
}

BOOST_AUTO_TEST_CASE(what_is_not_a_regular_file_is_refused_without_hanging)
{
    const skw::TempFolder folder;
    const auto fifo = folder.path() / "fifo";
    BOOST_REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    BOOST_CHECK_THROW(skw::read_file(fifo, 10), skw::Error);
    BOOST_CHECK_THROW(skw::read_file(folder.path(), 10), skw::Error);
    BOOST_CHECK_THROW(skw::read_file("/dev/zero", 10), skw::Error);
}

BOOST_AUTO_TEST_CASE(a_temporary_folder_goes_with_its_content)
{
    std::filesystem::path path;
    {
        const skw::TempFolder folder;
        path = folder.path();
        std::filesystem::create_directories(path / "a" / "b");
        struct stat info {};
        BOOST_REQUIRE(stat(path.c_str(), &info) == 0);
        BOOST_TEST((info.st_mode & 0777) == 0700u);
    }
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(paths_are_cleaned_by_their_text_only)
{
    BOOST_TEST(skw::lexically_clean("./a//b/./c/") == "a/b/c");
    BOOST_TEST(skw::lexically_clean("/a/../b") == "/a/../b");
    BOOST_TEST(skw::lexically_clean("") == ".");
    BOOST_TEST(skw::lexically_clean("/") == "/");
    BOOST_TEST(skw::lexically_clean("//a") == "/a");
}

BOOST_AUTO_TEST_CASE(home_is_expanded_at_the_beginning_only)
{
    setenv("HOME", "/home/me", 1);
    BOOST_TEST(skw::expand_home("~") == "/home/me");
    BOOST_TEST(skw::expand_home("~/x") == "/home/me/x");
    BOOST_TEST(skw::expand_home("a~/x") == "a~/x");
    BOOST_TEST(skw::expand_home("~root/x").ends_with("/x"));
    BOOST_TEST(skw::expand_home("~nobody-has-this-name/x") == "~nobody-has-this-name/x");
}

BOOST_AUTO_TEST_SUITE_END()

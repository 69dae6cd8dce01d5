// SPDX-License-Identifier: Apache-2.0
// No listing and nothing planted in the scratch directory makes a fetch write, trust or remove anything else.
#include "plugin/fetch.hpp"

#include "unit/plugin/fetching.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::Fetching;
using testing::tree_of;
using Names = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_fetch_hostile, Fetching)

BOOST_AUTO_TEST_CASE(only_folders_below_the_scratch_directory_are_filled)
{
    FetchRequest wanted = request();
    for (const fs::path& place : {scratch, folder.path() / "elsewhere", scratch / "../elsewhere",
                                  fs::path("relative"), fs::path(scratch.native() + "-not/x"),
                                  scratch / "a/./b", scratch / ".keep", scratch / ".keep/x", fs::path()}) {
        wanted.into = place;
        BOOST_TEST((error_of([&] { fetch(wanted); }).code() == ErrorCode::contract), place);
    }
    BOOST_TEST(tree_of(folder.path()) == Names{"scratch"}, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_listing_with_paths_that_leave_the_folder_is_refused,
                     boost::unit_test::data::make({"../x", "/etc/x", "a/../../x", "a//x", ""}), path)
{
    FetchRequest wanted = request();
    wanted.files.push_back({.path = path, .size = 1, .sha256 = std::nullopt, .blob_id = {}});
    BOOST_TEST((error_of([&] { fetch(wanted); }).code() == ErrorCode::contract));
    BOOST_TEST(tree_of(scratch).empty());
}

BOOST_AUTO_TEST_CASE(names_that_would_meet_on_disk_are_refused)
{
    FetchRequest wanted = request();
    wanted.files.push_back(wanted.files[0]);
    BOOST_TEST((error_of([&] { fetch(wanted); }).code() == ErrorCode::contract));
    sources.files["config.json.part"] = "x";
    BOOST_TEST((error_of([&] { fetch(); }).code() == ErrorCode::unsupported));
}

BOOST_AUTO_TEST_CASE(links_on_the_way_are_not_followed)
{
    const fs::path victim = folder.path() / "victim";
    fs::create_directory(victim);
    fs::create_directories(into);
    fs::create_directory_symlink(victim, into / "deep");
    BOOST_TEST((error_of([&] { fetch(); }).code() == ErrorCode::io));
    BOOST_TEST(tree_of(victim).empty());
    fs::remove_all(scratch / "hub");
    fs::create_directory_symlink(victim, scratch / "hub");
    BOOST_TEST((error_of([&] { fetch(); }).code() == ErrorCode::io));
    BOOST_TEST(tree_of(victim).empty());
}

BOOST_AUTO_TEST_CASE(a_planted_file_is_neither_written_through_nor_trusted)
{
    one_file("0123456789");
    const fs::path victim = folder.path() / "victim";
    write_file_atomically(victim, "01234");
    fs::create_directories(into);
    fs::create_symlink(victim, into / "one.bin.part");
    fetch();
    BOOST_TEST(read_file(victim, 100) == "01234");
    fs::remove(into / "one.bin");
    fs::create_hard_link(victim, into / "one.bin.part");
    fetch();
    BOOST_TEST(read_file(victim, 100) == "01234");
    fs::remove(into / "one.bin");
    write_file_atomically(victim, "0123456789");
    fs::create_symlink(victim, into / "one.bin"); // the right bytes, but not ours
    fetch();
    BOOST_TEST(!fs::is_symlink(into / "one.bin"));
    fs::remove(into / "one.bin");
    BOOST_TEST_REQUIRE(::mkfifo((into / "one.bin").c_str(), 0600) == 0);
    BOOST_TEST_REQUIRE(::mkfifo((into / "one.bin.part").c_str(), 0600) == 0);
    fetch();
    BOOST_TEST(content("one.bin") == "0123456789");
}

BOOST_AUTO_TEST_CASE(a_folder_in_the_way_of_a_file_is_an_error_not_removed)
{
    one_file("0123456789");
    fs::create_directories(into / "one.bin/inner");
    BOOST_TEST((error_of([&] { fetch(); }).code() == ErrorCode::io));
    BOOST_TEST(fs::exists(into / "one.bin/inner"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

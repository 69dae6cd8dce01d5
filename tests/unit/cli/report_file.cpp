// SPDX-License-Identifier: Apache-2.0
// Files that an operator names are written, and nothing else is put in their place.
#include "cli/report_file.hpp"

#include "cli/output.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <iterator>

namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(cli_report_file)

BOOST_AUTO_TEST_CASE(a_link_stays_and_the_file_behind_it_is_written)
{
    const skw::TempFolder room;
    skw::write_file_atomically(room.path() / "old.json", "old");
    fs::create_symlink("old.json", room.path() / "link.json");
    skw::cli::write_named_file((room.path() / "link.json").string(), "new");
    BOOST_TEST(fs::is_symlink(room.path() / "link.json"));
    BOOST_TEST(skw::read_file(room.path() / "old.json", 10) == "new");
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_written_into_and_not_replaced)
{
    const skw::TempFolder room;
    const fs::path pipe = room.path() / "pipe";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    skw::File reader = skw::File::adopt(::open(pipe.c_str(), O_RDWR | O_CLOEXEC), pipe);
    skw::cli::write_named_file(pipe.string(), "text");
    BOOST_TEST(fs::is_fifo(pipe));
    std::array<std::byte, 4> bytes{};
    BOOST_TEST(reader.read(bytes) == 4u);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_beside_the_file)
{
    const skw::TempFolder room;
    skw::cli::write_named_file((room.path() / "a.json").string(), "one");
    skw::cli::write_named_file((room.path() / "a.json").string(), "two");
    BOOST_TEST(std::distance(fs::directory_iterator(room.path()), fs::directory_iterator()) == 1);
    BOOST_TEST(skw::read_file(room.path() / "a.json", 10) == "two");
}

BOOST_AUTO_TEST_CASE(a_report_that_cannot_be_written_is_told_and_no_exception)
{
    const skw::TempFolder room;
    skw::cli::Output output({});
    const std::string name = (room.path() / std::string(250, 'a')).string();
    BOOST_TEST(!skw::cli::write_report_file(name, skw::json::object{}, output));
    BOOST_TEST(skw::cli::write_report_file("", skw::json::object{}, output));
}

BOOST_AUTO_TEST_CASE(a_folder_is_refused_before_any_work)
{
    const skw::TempFolder room;
    BOOST_CHECK_THROW(skw::cli::check_writable_file(room.path().string(), "report", "--report"), skw::Error);
    BOOST_CHECK_THROW(
        skw::cli::check_writable_file((room.path() / "gone" / "a").string(), "report", "--report"), skw::Error);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Whole files arrive checked; an interrupted fetch goes on where it ended.
#include "plugin/fetch.hpp"

#include "support/digest.hpp"
#include "unit/plugin/fetching.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <numeric>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::Fetching;
using testing::tree_of;
using Names = std::vector<std::string>;

std::string long_bytes(std::size_t size)
{
    std::string bytes(size, '\0');
    std::iota(bytes.begin(), bytes.end(), '\1');
    return bytes;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_fetch, Fetching)

BOOST_AUTO_TEST_CASE(files_arrive_at_their_paths_private_and_whole)
{
    fetch();
    BOOST_TEST(content("config.json") == "{}");
    BOOST_TEST(content("deep/er/model.bin") == "0123456789");
    BOOST_TEST(tree_of(into) == (Names{"config.json", "deep", "deep/er", "deep/er/model.bin", "empty"}),
               boost::test_tools::per_element());
    struct stat info {};
    BOOST_TEST_REQUIRE(::stat((into / "config.json").c_str(), &info) == 0);
    BOOST_TEST((info.st_mode & 0777u) == 0600u);
    BOOST_TEST_REQUIRE(!told.empty());
    BOOST_TEST(told.back().first == 12u);
    BOOST_TEST(told.back().second == 12u);
}

BOOST_AUTO_TEST_CASE(each_file_is_told_from_its_beginning_to_its_end_and_back_when_it_is_read_anew)
{
    one_file(long_bytes(3u << 20));
    fs::create_directories(into);
    write_file_atomically(into / "one.bin", std::string(3u << 20, 'x')); // right in size alone
    std::vector<std::uint64_t> done;
    fetch_files(sources, scratch, request(), stop.get_token(), {},
                [&](std::string_view path, std::uint64_t bytes, std::uint64_t size) {
                    BOOST_TEST(path == "one.bin");
                    BOOST_TEST(size == 3u << 20);
                    done.push_back(bytes);
                });
    constexpr std::uint64_t mebi = 1u << 20;
    BOOST_TEST(done == (std::vector<std::uint64_t>{0, mebi, 2 * mebi, 3 * mebi, 0, mebi, 2 * mebi, 3 * mebi}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_there_and_right_is_not_read_again)
{
    fetch();
    sources.opened.clear();
    fetch();
    BOOST_TEST(sources.opened.empty());
    BOOST_TEST(told.back().first == 12u);
}

BOOST_AUTO_TEST_CASE(an_interrupted_file_goes_on_at_its_last_byte)
{
    one_file(long_bytes(3u << 20));
    sources.cut_after = 2'000'000;
    BOOST_TEST((error_of([&] { fetch(); }).code() == ErrorCode::network));
    BOOST_TEST(fs::file_size(into / "one.bin.part") == 2'000'000u);
    BOOST_TEST(!fs::exists(into / "one.bin"));
    sources.cut_after = UINT64_MAX;
    sources.opened.clear();
    fetch();
    BOOST_TEST_REQUIRE(sources.opened.size() == 1u);
    BOOST_TEST(sources.opened[0].second == 2'000'000u);
    BOOST_TEST((content("one.bin") == long_bytes(3u << 20)));
    BOOST_TEST(tree_of(into) == Names{"one.bin"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_length_of_an_unfinished_file_is_gone_on_with)
{
    one_file("0123456789");
    fs::create_directories(into);
    for (std::size_t have = 0; have <= 10; ++have) {
        fs::remove(into / "one.bin");
        write_file_atomically(into / "one.bin.part", std::string("0123456789").substr(0, have));
        sources.opened.clear();
        fetch();
        BOOST_TEST(content("one.bin") == "0123456789");
        BOOST_TEST(sources.opened.size() == (have == 10 ? 0u : 1u));
        BOOST_TEST((have == 10 || sources.opened[0].second == have));
    }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_there_count_as_done)
{
    one_file(long_bytes(4u << 20));
    fs::create_directories(into);
    write_file_atomically(into / "one.bin.part", long_bytes(3u << 20));
    sources.cut_after = 1;
    BOOST_CHECK_THROW(fetch(), Error);
    BOOST_TEST_REQUIRE(!told.empty());
    BOOST_TEST(told.back().first == 3u << 20);
}

BOOST_AUTO_TEST_CASE(an_unfinished_file_that_is_too_long_or_wrong_is_fetched_anew_once)
{
    one_file("0123456789");
    fs::create_directories(into);
    write_file_atomically(into / "one.bin.part", "0123456789and more");
    fetch();
    BOOST_TEST(content("one.bin") == "0123456789");
    fs::remove(into / "one.bin");
    write_file_atomically(into / "one.bin.part", "wrong");
    sources.opened.clear();
    fetch();
    BOOST_TEST(content("one.bin") == "0123456789");
    BOOST_TEST_REQUIRE(sources.opened.size() == 2u);
    BOOST_TEST(sources.opened[0].second == 5u);
    BOOST_TEST(sources.opened[1].second == 0u);
    BOOST_TEST(told.back().first == 10u);
}

BOOST_DATA_TEST_CASE(a_finished_file_is_checked_before_it_is_trusted,
                     boost::unit_test::data::make({"012345678X", "short", "much longer than it is", ""}),
                     there)
{
    one_file("0123456789");
    fs::create_directories(into);
    write_file_atomically(into / "one.bin", there);
    fetch();
    BOOST_TEST(content("one.bin") == "0123456789");
    BOOST_TEST(sources.opened.size() == 1u);
}

BOOST_DATA_TEST_CASE(bytes_that_do_not_fit_the_listing_never_get_the_name,
                     boost::unit_test::data::make({0, 1}), by_blob_id)
{
    one_file("0123456789");
    FetchRequest wanted = request();
    if (by_blob_id != 0) {
        wanted.files[0].sha256.reset();
        wanted.files[0].blob_id = git_blob_id("other text");
    } else {
        wanted.files[0].sha256 = sha256_of("other text");
    }
    const Error error = error_of([&] { fetch(wanted); });
    BOOST_TEST((error.code() == ErrorCode::bad_input), error.what());
    BOOST_TEST(error.place() == "source/one.bin");
    BOOST_TEST(sources.opened.size() == 2u); // once more, then no more
    BOOST_TEST(tree_of(into).empty());
}

BOOST_AUTO_TEST_CASE(a_file_without_any_hash_has_to_have_its_size)
{
    one_file("0123456789");
    FetchRequest wanted = request();
    wanted.files[0].sha256.reset();
    wanted.files[0].blob_id.clear();
    fetch(wanted);
    BOOST_TEST(content("one.bin") == "0123456789");
    wanted.files[0].size = 11;
    BOOST_TEST((error_of([&] { fetch(wanted); }).code() == ErrorCode::network));
}

BOOST_AUTO_TEST_CASE(too_little_room_is_told_with_both_numbers_before_a_byte_is_read)
{
    FetchRequest wanted = request();
    wanted.files[0].size = std::uint64_t{1} << 52;
    wanted.allowed = UINT64_MAX;
    const Error error = error_of([&] { fetch(wanted); });
    BOOST_TEST((error.code() == ErrorCode::no_space), error.what());
    // The file itself, and the 10 bytes of the others.
    BOOST_TEST(error.reason().find("needs 4503599627370506 bytes") != std::string_view::npos, error.reason());
    BOOST_TEST(error.reason().find("the file system has ") != std::string_view::npos, error.reason());
    BOOST_TEST(sources.opened.empty());
    wanted.files[0].size = std::uint64_t{1} << 62;
    BOOST_TEST((error_of([&] { fetch(wanted); }).code() == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_CASE(the_plans_scratch_bytes_bound_what_is_still_missing)
{
    FetchRequest wanted = request();
    wanted.allowed = 11;
    BOOST_TEST((error_of([&] { fetch(wanted); }).code() == ErrorCode::contract));
    fs::create_directories(into);
    write_file_atomically(into / "config.json", "{}"); // 10 are missing then
    fetch(wanted);
    BOOST_TEST(content("deep/er/model.bin") == "0123456789");
}

BOOST_AUTO_TEST_CASE(a_stop_ends_all_files_and_keeps_the_unfinished)
{
    sources.files = {{"a.bin", long_bytes(1u << 20)}, {"b.bin", long_bytes(1u << 20)}};
    sources.piece = 1000;
    sources.on_read = [this](const std::string&) {
        if (sources.bytes_read > 100'000) {
            stop.request_stop();
        }
    };
    BOOST_TEST((error_of([&] { fetch(); }).code() == ErrorCode::cancelled));
    BOOST_TEST(sources.bytes_read < 200'000u);
    for (const std::string& name : tree_of(into)) {
        BOOST_TEST(name.ends_with(".part"), name);
    }
    BOOST_TEST(!tree_of(into).empty());
}

BOOST_AUTO_TEST_CASE(a_failing_file_ends_the_others)
{
    sources.files = {{"bad.bin", long_bytes(1u << 20)}, {"slow.bin", long_bytes(1u << 20)}};
    sources.piece = 1;
    sources.on_read = [](const std::string& path) {
        if (path == "bad.bin") {
            throw Error(ErrorCode::network, path, "the connection was cut");
        }
        std::this_thread::yield();
    };
    BOOST_TEST(error_of([&] { fetch(); }).place() == "bad.bin");
    BOOST_TEST(!fs::exists(into / "slow.bin"));
}

BOOST_AUTO_TEST_CASE(four_files_come_at_once_and_never_more)
{
    sources.files.clear();
    for (const char* name : {"1", "2", "3", "4", "5", "6", "7"}) {
        sources.files[name] = "content";
    }
    sources.meet = 4; // each of the first four waits until all four are open
    fetch();
    BOOST_TEST(sources.met);
    BOOST_TEST(sources.most_open == 4u);
    BOOST_TEST(tree_of(into).size() == 7u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

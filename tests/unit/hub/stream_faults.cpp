// SPDX-License-Identifier: Apache-2.0
// Streams that are disturbed: nothing is lost, nothing wrong is published, and everything ends.
#include "hub/stream.hpp"

#include "mirror.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace skw;
using namespace skw::hub;
using test::basic_bytes;
using test::fails_with;
using test::large_bytes;

BOOST_FIXTURE_TEST_SUITE(hub_stream_faults, test::Mirror)

BOOST_AUTO_TEST_CASE(passing_faults_of_the_store_are_survived_at_every_part)
{
    unsigned n = 0;
    for (const char* fault :
         {"status-503", "status-500", "drop", "expired-url", "status-400", "apply-then-drop"}) {
        for (const std::size_t size : {basic_bytes, large_bytes}) {
            for (const int after : {0, 3, 7}) {
                ++n;
                const std::string content = test::noise(size + n, n);
                const auto files = source({content});
                once("PUT", "", fault, 0, 2, after);
                BOOST_TEST((commit(files).ways == std::vector{Way::streamed}), fault);
                BOOST_TEST(arrived("model-0.safetensors", content), fault);
                restart(); // a fault that was not used up goes with it
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_part_whose_reply_is_lost_is_fetched_again_by_its_own_range)
{
    const auto files = source({test::noise(large_bytes)});
    once("PUT", "/parts/", "apply-then-drop", 0, 1, 3);
    commit(files);
    std::vector<std::string> ranges;
    for (const auto& one : server->requests()) {
        if (one.method == "GET" && one.target.starts_with("/objects/")) {
            ranges.push_back(one.range);
        }
    }
    BOOST_REQUIRE(ranges.size() == 2u);
    const std::string last = std::to_string(large_bytes - 1);
    BOOST_TEST(std::ranges::count(ranges, "bytes=0-" + last) == 1);
    // That of the whole part, whichever came fourth: begin and end are those of a part.
    const std::string again = ranges[0] == "bytes=0-" + last ? ranges[1] : ranges[0];
    const std::uint64_t first = std::stoull(again.substr(6));
    BOOST_TEST(first % (1u << 20) == 0u);
    BOOST_TEST(given() <= large_bytes + (1u << 20));
}

BOOST_AUTO_TEST_CASE(addresses_that_run_out_lose_no_part_that_was_sent)
{
    const std::string content = test::noise(large_bytes);
    const auto files = source({content});
    once("PUT", "/parts/", "expired-url", 0, 3, 2);
    once("PUT", "/parts/", "expired-url", 0, 3, 5);
    BOOST_TEST((commit(files).ways == std::vector{Way::streamed}));
    BOOST_TEST(count("POST", "/objects/batch") >= 2);
    BOOST_TEST(arrived("model-0.safetensors", content));
}

BOOST_AUTO_TEST_CASE(a_source_that_is_cut_goes_on_at_the_missing_byte)
{
    for (const std::size_t size : {basic_bytes, large_bytes}) {
        const std::string content = test::noise(size, 3);
        const auto files = source({content});
        once("GET", "/objects/", "cut", 1'000'000);
        BOOST_TEST((commit(files).ways == std::vector{Way::streamed}));
        BOOST_TEST(count("GET", "/objects/") == 2);
        BOOST_TEST(moved.received_bytes >= size);
        BOOST_TEST(moved.received_bytes - size < 30'000u); // still once
        BOOST_TEST(taken() == size);
        BOOST_TEST(arrived("model-0.safetensors", content));
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_byte_makes_no_commit_and_no_object)
{
    for (const std::size_t size : {basic_bytes, large_bytes}) {
        for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{size - 1}, std::uint64_t{size / 2}}) {
            const auto files = source({test::noise(size, 5)});
            const CommitId before = head();
            once("GET", "/objects/", "corrupt", at);
            BOOST_TEST(fails_with(ErrorCode::bad_input, "SHA-256", [&] { commit(files); }));
            BOOST_TEST(head().text() == before.text());
            BOOST_TEST(count("POST", "/commit/") + count("POST", "complete") == 0);
            BOOST_TEST(taken() < size); // the last bytes never went out
        }
    }
}

BOOST_AUTO_TEST_CASE(a_part_that_comes_with_other_bytes_the_second_time_makes_no_commit)
{
    const auto files = source({test::noise(large_bytes)});
    const CommitId before = head();
    once("PUT", "/parts/", "apply-then-drop", 0, 1, 2);
    once("GET", "/objects/", "corrupt", 0, 1, 1);
    BOOST_TEST(fails_with(ErrorCode::bad_input, "other bytes", [&] { commit(files); }));
    BOOST_TEST(head().text() == before.text());
    BOOST_TEST(count("POST", "/commit/") + count("POST", "complete") == 0);
}

BOOST_AUTO_TEST_CASE(a_source_that_stays_away_is_a_passing_failure_and_changes_nothing)
{
    const auto files = source({test::noise(large_bytes)});
    const CommitId before = head();
    once("GET", "/resolve/", "status-503", 0, 0);
    BOOST_TEST(fails_with(ErrorCode::network, "503", [&] { commit(files); }));
    BOOST_TEST(head().text() == before.text());
}

BOOST_AUTO_TEST_CASE(a_store_that_stays_down_is_a_passing_failure_and_changes_nothing)
{
    for (const std::size_t size : {basic_bytes, large_bytes}) {
        const auto files = source({test::noise(size)});
        const CommitId before = head();
        once("PUT", "", "status-503", 0, 0);
        BOOST_TEST(fails_with(ErrorCode::network, "503", [&] { commit(files); }));
        BOOST_TEST(head().text() == before.text());
        restart();
    }
}

BOOST_AUTO_TEST_CASE(the_first_failure_ends_the_other_files_at_once)
{
    const auto files =
        source({test::noise(basic_bytes, 1), test::noise(large_bytes, 2), test::noise(basic_bytes + 1, 3)});
    once("GET",
         "/resolve/" + std::string(std::get<RemoteContent>(files[0].content).commit.text()) + "/model-0",
         "status-404", 0, 0);
    once("PUT", "", "hang", 0, 0); // for an hour
    BOOST_TEST(fails_with(ErrorCode::not_found, "model-0", [&] { commit(files); }));
}

BOOST_AUTO_TEST_CASE(a_stop_in_the_middle_ends_it_within_a_second)
{
    for (const char* where : {"PUT", "GET"}) {
        for (const std::size_t size : {basic_bytes, large_bytes}) {
            const auto files = source({test::noise(size, 1), test::noise(size + 1, 2)});
            const CommitRequest wanted = request(files);
            once(where, where == std::string("PUT") ? "" : "/objects/", "hang", 0, 0, 1);
            Settings settings = test::quick_settings(server->endpoint());
            settings.idle_timeout = settings.call_timeout = std::chrono::hours(1);
            std::stop_source mine;
            Client mover(settings, mine.get_token());
            std::optional<Error> error;
            std::thread caller([&] { error = test::error_of([&] { mover.commit(wanted); }); });
            while (mover.traffic().sent_bytes < 1'000'000) {
                std::this_thread::yield();
            }
            const auto asked = std::chrono::steady_clock::now();
            mine.request_stop();
            caller.join();
            const auto took = std::chrono::steady_clock::now() - asked;
            BOOST_REQUIRE(error);
            BOOST_TEST((error->code() == ErrorCode::cancelled));
            BOOST_TEST((took < std::chrono::seconds(1)));
            BOOST_TEST(head().text() == wanted.parent.text());
            restart(); // its faults go with it
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

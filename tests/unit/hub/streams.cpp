// SPDX-License-Identifier: Apache-2.0
// Files of another repo: which way each goes, and how many bytes move.
#include "hub/stream.hpp"

#include "mirror.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace skw;
using namespace skw::hub;
using test::basic_bytes;
using test::fails_with;
using test::large_bytes;
using test::text_addition;

BOOST_FIXTURE_TEST_SUITE(hub_streams, test::Mirror)

BOOST_AUTO_TEST_CASE(a_file_passes_through_once_by_one_put_or_in_parts)
{
    for (const std::size_t size : {basic_bytes, large_bytes}) {
        const std::string content = test::noise(size);
        const auto done = commit(source({content}));
        BOOST_TEST((done.ways == std::vector{Way::streamed}));
        BOOST_TEST(given() == size);
        BOOST_TEST(taken() == size);
        BOOST_TEST(moved.received_bytes - size < 30'000u);
        BOOST_TEST(moved.sent_bytes - size < 30'000u);
        BOOST_TEST(count("GET", "/objects/") == 1); // one request for all of it
        BOOST_TEST(count("PUT", "/") == (size == basic_bytes ? 1 : 8));
        BOOST_TEST(count("POST", "/preupload/") == 0);
        BOOST_TEST(notes.size() == 1u);
        BOOST_TEST(arrived("model-0.safetensors", content));
        notes.clear();
    }
}

BOOST_AUTO_TEST_CASE(what_the_repo_has_moves_no_byte)
{
    const auto files = source({test::noise(large_bytes)});
    commit(files);
    auto again = files;
    again[0].path = *RepoPath::parse("other.safetensors");
    BOOST_TEST((commit(again).ways == std::vector{Way::known}));
    BOOST_TEST(given() + taken() == 0u);
}

BOOST_AUTO_TEST_CASE(what_the_hub_copies_moves_no_byte)
{
    auto files = source({test::noise(large_bytes), test::noise(basic_bytes, 2)});
    BOOST_TEST(!std::get<RemoteContent>(with_hashes(files)[0].content).file.storage_hash.has_value());
    set_source(R"({"storage":"xet"})");
    const auto done = commit(with_hashes(files));
    BOOST_TEST((done.ways == std::vector{Way::copied, Way::copied}));
    BOOST_TEST(given() + taken() == 0u);
    BOOST_TEST(moved.received_bytes + moved.sent_bytes < 20'000u);
    BOOST_TEST(count("POST", "/objects/batch") == 0);
    BOOST_TEST(notes.empty());
    BOOST_TEST(arrived("model-0.safetensors", test::noise(large_bytes)));
}

BOOST_AUTO_TEST_CASE(an_owner_who_switched_copies_off_is_obeyed_and_a_far_region_is_streamed)
{
    const auto plain = source({test::noise(large_bytes)});
    set_source(R"({"storage":"xet","duplication":"disabled"})");
    const auto files = with_hashes(plain);
    BOOST_TEST(fails_with(ErrorCode::not_authorised, "maker/model", [&] { commit(files); }));
    BOOST_TEST(given() + taken() == 0u);
    BOOST_TEST(count("POST", "/commit/") == 0);
    set_source(R"({"duplication":"enabled","region":"eu"})");
    BOOST_TEST((commit(files).ways == std::vector{Way::streamed}));
    BOOST_TEST(given() == large_bytes);
    BOOST_REQUIRE(notes.size() == 1);
    BOOST_TEST(notes[0].find("region") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_ways_stand_in_one_commit_in_the_order_asked)
{
    commit({text_addition("same.json", "{}")});
    const auto remote = source({test::noise(basic_bytes)});
    const auto local = folder.path() / "local";
    write_file_atomically(local, test::noise(400'000, 7));
    const Addition file{*RepoPath::parse("own.safetensors"), local, 400'000,
                        sha256_of(test::noise(400'000, 7))};
    const std::vector<Addition> all{text_addition("same.json", "{}"), remote[0],
                                    text_addition("new.json", "[]"), file};
    const std::vector<Way> ways{Way::unchanged, Way::streamed, Way::inlined, Way::uploaded};
    once("POST", "/commit/main", "apply-then-drop");
    BOOST_TEST((commit(all).ways == ways)); // also where the reply was lost
}

BOOST_AUTO_TEST_CASE(several_files_pass_at_a_time_and_progress_is_exact)
{
    std::vector<std::string> contents;
    std::uint64_t all = 0, last = 0;
    for (unsigned i = 0; i < 7; ++i) {
        contents.push_back(test::noise(i % 2 == 0 ? basic_bytes + i : 3'000'000 + i, i + 1));
        all += contents.back().size();
    }
    int full = 0;
    const auto files = source(contents);
    const auto done = commit(files, [&](std::uint64_t sent, std::uint64_t total) {
        BOOST_TEST(sent > last);
        BOOST_TEST(total == all);
        last = sent;
        full += sent == total ? 1 : 0;
    });
    BOOST_TEST(last == all);
    BOOST_TEST(full == 1);
    BOOST_TEST(std::ranges::count(done.ways, Way::streamed) == 7);
    BOOST_TEST(given() == all);
    BOOST_TEST(taken() == all);
    for (std::size_t i = 0; i < contents.size(); ++i) {
        BOOST_TEST(arrived(files[i].path.text(), contents[i]));
    }
    BOOST_REQUIRE(notes.size() == 1);
    BOOST_TEST(notes[0].find("7 files") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_file_that_is_sent_is_told_from_nothing_to_all_of_it)
{
    const std::vector<std::string> contents{test::noise(basic_bytes, 1), test::noise(3'000'000, 2)};
    const auto files = source(contents);
    commit(files);
    for (std::size_t i = 0; i < contents.size(); ++i) {
        std::vector<std::uint64_t> sent;
        for (const auto& [path, bytes, size] : told) {
            if (path == files[i].path.text()) {
                sent.push_back(bytes);
                BOOST_TEST(size == contents[i].size());
            }
        }
        BOOST_TEST_REQUIRE(sent.size() > 1u);
        BOOST_TEST(std::ranges::is_sorted(sent));
        BOOST_TEST(sent.front() == 0u);
        BOOST_TEST(sent.back() == contents[i].size());
    }
    told.clear();
    commit(files);
    for (const auto& [path, bytes, size] : told) {
        BOOST_TEST(bytes == size); // the repo has it: nothing of it moves again
    }
}

BOOST_AUTO_TEST_SUITE_END()

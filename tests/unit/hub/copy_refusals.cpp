// SPDX-License-Identifier: Apache-2.0
// Copies that the Hub refuses: what the words mean, and what is never done then.
#include "hub/copies.hpp"

#include "scripted_hub.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::Answer;
using test::Asked;
using test::remote_addition;
using test::status;

BOOST_FIXTURE_TEST_SUITE(hub_copy_refusals, test::OneFile)

BOOST_AUTO_TEST_CASE(a_passing_fault_is_tried_again)
{
    int calls = 0;
    duplicate = [&](const Asked&) {
        Answer answer = test::ok_json("{}");
        if (++calls == 1) {
            answer.bytes = status(503);
        }
        return answer;
    };
    BOOST_TEST((commit({file()}) == std::vector{Way::copied}));
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(refusals_of_other_reasons_go_down_the_ladder_with_one_line)
{
    const std::vector<std::pair<std::string, std::string>> refusals{
        {status(404), "no route"},
        {status(405), "no route"},
        {status(501), "no route"},
        {status(503), "503"},
        {status(504), "504"},
        {status(400, {}, R"({"error":"storage regions differ"})"), "regions differ"},
        {status(422, {}, R"({"error":"Copying across regions is not allowed"})"), "across regions"},
        {status(409, {}, R"({"error":"busy"})"), "busy"},
        {status(413), "413"},
        {status(200, {}, "<html>"), "cannot be used"},
        {status(200, {}, R"({"failed":[{"sha256":"0","error":"odd"}]})"), "cannot be used"},
        {status(200, {}, R"({"failed":7})"), "cannot be used"},
        {status(200, {}, R"({"success":false})"), "cannot be used"}};
    for (const bool there : {true, false}) {
        known = there;
        for (const auto& [bytes, reason] : refusals) {
            notes.clear();
            says(bytes);
            const auto ways = commit({file()});
            BOOST_TEST((ways == std::vector{there ? Way::known : Way::streamed}), bytes);
            BOOST_REQUIRE_MESSAGE(notes.size() == 1, bytes);
            BOOST_TEST(notes[0].find("1 file of maker/model") != std::string::npos, notes[0]);
            BOOST_TEST(notes[0].find(reason) != std::string::npos, notes[0]);
        }
    }
    BOOST_TEST(count("PUT", "/store/") == static_cast<int>(refusals.size()));
}

BOOST_AUTO_TEST_CASE(answers_of_policy_stop_everything_and_nothing_is_streamed)
{
    for (const std::string& bytes :
         {status(401), status(403), status(451), status(403, "X-Error-Code: GatedRepo\r\n"),
          status(404, "X-Error-Code: GatedRepo\r\n"),
          status(403, {}, R"({"error":"The author has disabled duplication of this repository."})"),
          status(400, {}, R"({"error":"Duplication is switched off"})"),
          status(422, {}, R"({"error":"Gated repositories cannot be copied across regions"})"),
          status(400, {}, R"({"error":"This is NOT ALLOWED"})")}) {
        says(bytes);
        BOOST_TEST(stops(), bytes);
    }
    for (const char* words : {"duplication is disabled", "Access Denied", "gated", "it is not permitted"}) {
        fails(words);
        BOOST_TEST(stops(), words);
    }
    BOOST_TEST(notes.empty());
}

BOOST_AUTO_TEST_CASE(a_source_that_is_not_there_is_not_a_missing_route)
{
    says(status(404, "X-Error-Code: RepoNotFound\r\n"));
    BOOST_TEST(test::fails_with(ErrorCode::not_found, "no such repo", [&] { commit({file()}); }));
    BOOST_TEST(!moved_content());
}

BOOST_AUTO_TEST_CASE(a_failure_of_one_file_sends_only_that_one_down)
{
    contents["b.safetensors"] = "others";
    fails("target is in another region");
    const auto ways = commit({file(), remote_addition("b.safetensors", "others")});
    BOOST_TEST((ways == std::vector{Way::streamed, Way::copied}));
    BOOST_TEST(count("PUT", "/store/") == 1);
    BOOST_TEST(count("GET", "/resolve/") == 1);
    BOOST_TEST(notes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(files_without_a_storage_hash_are_not_asked_for)
{
    contents["b.safetensors"] = "others";
    Addition bare = file(), bare_too = remote_addition("b.safetensors", "others");
    std::get<RemoteContent>(bare.content).file.storage_hash.reset();
    std::get<RemoteContent>(bare_too.content).file.storage_hash.reset();
    BOOST_TEST((commit({bare, bare_too}) == std::vector{Way::streamed, Way::streamed}));
    BOOST_TEST(count("POST", "/duplicate") == 0);
    BOOST_REQUIRE(notes.size() == 1);
    BOOST_TEST(notes[0].find("2 files of maker/model") != std::string::npos);
    BOOST_TEST(notes[0].find("no storage hash") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_may_only_be_copied_is_copied_or_known_or_refused)
{
    BOOST_TEST((commit({file(true)}) == std::vector{Way::copied}));
    known = true;
    says(status(501));
    BOOST_TEST((commit({file(true)}) == std::vector{Way::known}));
    BOOST_TEST(notes.empty());
}

BOOST_AUTO_TEST_CASE(what_may_only_be_copied_is_never_streamed_whatever_the_reason)
{
    for (const std::string& bytes : {status(404), status(503), status(422, {}, R"({"error":"other region"})"),
                                     status(200, {}, "[]"), status(403)}) {
        says(bytes);
        BOOST_TEST(stops(true), bytes);
    }
    Addition bare = file(true);
    std::get<RemoteContent>(bare.content).file.storage_hash.reset();
    BOOST_TEST(test::fails_with(ErrorCode::not_authorised, "gated", [&] { commit({bare}); }));
    BOOST_TEST(!moved_content());
}

BOOST_AUTO_TEST_CASE(the_same_content_from_an_open_repo_may_be_streamed)
{
    says(status(501));
    contents["b.safetensors"] = "the weights";
    const Addition open = remote_addition("b.safetensors", "the weights", false, "else/where");
    BOOST_TEST((commit({file(true), open}) == std::vector{Way::streamed, Way::streamed}));
    BOOST_TEST(count("GET", "/else/where/resolve/") == 1);
    BOOST_TEST(count("GET", "/maker/model/resolve/") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Files of another repo that the Hub copies by itself.
#include "hub/copies.hpp"

#include "scripted_hub.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace skw;
using namespace skw::hub;
using test::Asked;
using test::remote_addition;

BOOST_FIXTURE_TEST_SUITE(hub_copies, test::OneFile)

BOOST_AUTO_TEST_CASE(a_copied_file_needs_one_call_and_its_line_in_the_commit)
{
    BOOST_TEST((commit({file()}) == std::vector{Way::copied}));
    BOOST_TEST(notes.empty());
    BOOST_TEST(!moved_content());
    const auto asked = server.asked();
    BOOST_TEST(asked.size() == 3u); // copy, commit, listing
    BOOST_TEST(asked[0].target == "/api/models/maker/model/lfs-files/duplicate");
    BOOST_TEST(asked[0].body == R"({"files":[{"filename":"a.safetensors","sha256":")" +
                                    sha256_of("the weights").hex() + R"(","xetHash":")" +
                                    std::string(64, 'd') +
                                    R"("}],"target":{"name":"acme/copy","type":"model"}})");
    BOOST_TEST(asked[1].body.find(R"({"key":"lfsFile","value":{"algo":"sha256","oid":")" +
                                  sha256_of("the weights").hex() +
                                  R"(","path":"a.safetensors","size":11}})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_files_go_by_500_and_equal_contents_once)
{
    std::vector<Addition> files;
    for (int i = 0; i < 1203; ++i) { // three stand twice
        const std::string name = std::to_string(i) + ".bin";
        contents[name] = "content " + std::to_string(i % 1200);
        files.push_back(remote_addition(name, contents[name]));
    }
    contents.erase("a.safetensors");
    std::mutex mutex;
    std::vector<std::ptrdiff_t> sizes;
    duplicate = [&](const Asked& asked) {
        std::ptrdiff_t size = 0;
        for (auto at = asked.body.find("xetHash"); at != std::string::npos; ++size) {
            at = asked.body.find("xetHash", at + 1);
        }
        const std::scoped_lock lock(mutex);
        sizes.push_back(size);
        return test::ok_json(R"({"success":true,"failed":[]})");
    };
    const std::vector<Way> ways = commit(files);
    BOOST_TEST((sizes == std::vector<std::ptrdiff_t>{500, 500, 200}));
    BOOST_TEST(ways.size() == 1203u);
    BOOST_TEST(std::ranges::count(ways, Way::copied) == 1203);
}

BOOST_AUTO_TEST_CASE(each_source_repo_is_asked_for_its_own_files)
{
    contents["b.safetensors"] = "others";
    const Addition other = remote_addition("b.safetensors", "others", false, "else/where");
    BOOST_TEST((commit({file(), other}) == std::vector{Way::copied, Way::copied}));
    BOOST_TEST(count("POST", "/maker/model/lfs-files/duplicate") == 1);
    BOOST_TEST(count("POST", "/else/where/lfs-files/duplicate") == 1);
}

BOOST_AUTO_TEST_CASE(content_of_another_repo_needs_the_facts_of_its_listing)
{
    const auto refused = [&](const std::function<void(Addition&)>& change) {
        Addition odd = file();
        change(odd);
        return test::fails_with(ErrorCode::bad_argument, "SHA-256", [&] { commit({odd}); });
    };
    BOOST_TEST(refused([](Addition& a) { std::get<RemoteContent>(a.content).file.sha256.reset(); }));
    BOOST_TEST(refused([](Addition& a) { a.size += 1; }));
    BOOST_TEST(refused([](Addition& a) { a.size = std::get<RemoteContent>(a.content).file.size = 0; }));
    BOOST_TEST(refused([](Addition& a) { a.sha256 = sha256_of("other"); }));
    BOOST_TEST(server.asked().empty());
}

BOOST_AUTO_TEST_CASE(ways_have_names)
{
    std::string names;
    for (const Way way :
         {Way::unchanged, Way::inlined, Way::known, Way::copied, Way::streamed, Way::uploaded}) {
        names += std::string(name_of(way)) + " ";
    }
    BOOST_TEST(names == "unchanged inlined known copied streamed uploaded ");
}

BOOST_AUTO_TEST_SUITE_END()

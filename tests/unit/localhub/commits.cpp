// SPDX-License-Identifier: Apache-2.0
// Commits over the API: what they change, and what is refused with which status.
#include "localhub/commit_lines.hpp"

#include "localhub/patterns.hpp"
#include "localhub/refusal.hpp"
#include "localhub/target.hpp"
#include "wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::localhub;
using namespace skw::localhub::test;

BOOST_AUTO_TEST_SUITE(localhub_commits)

BOOST_FIXTURE_TEST_CASE(a_commit_changes_the_head_and_the_files, RunningHub)
{
    const std::string before = head();
    const Answer answer = commit(file_line("a.txt", "hello") + file_line("sub/b.txt", "b"), before);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.member("commitOid") == head());
    BOOST_TEST(answer.member("commitUrl") == server.endpoint() + "/acme/model/commit/" + head());
    BOOST_TEST(get("/acme/model/resolve/main/a.txt").body == "hello");
    BOOST_TEST(get("/acme/model/resolve/" + before + "/a.txt").status == 404);
    BOOST_TEST(get("/acme/model/resolve/" + head().substr(0, 7) + "/sub%2Fb.txt").body == "b");
}

BOOST_FIXTURE_TEST_CASE(a_parent_that_is_not_the_head_gets_412, RunningHub)
{
    const std::string before = head();
    BOOST_TEST(commit(file_line("a.txt", "1"), before).status == 200);
    const std::string after = head();
    BOOST_TEST(commit(file_line("a.txt", "2"), before).status == 412);
    BOOST_TEST(head() == after);
}

BOOST_FIXTURE_TEST_CASE(what_the_hub_refuses_changes_nothing, RunningHub)
{
    const std::string before = head();
    const std::string absent(64, 'a');
    const std::vector<std::pair<std::string, int>> cases{
        {"", 400},
        {"nonsense\n", 400},
        {"{\"key\":\"other\",\"value\":{}}\n", 400},
        {lfs_line("x.bin", absent, 5), 400},
        {R"({"key":"lfsFile","value":{"path":"x","algo":"sha1","oid":"00"}})", 400},
        {R"({"key":"deletedFile","value":{"path":"absent"}})", 404},
        {R"({"key":"deletedFolder","value":{"path":"absent/"}})", 404},
        {file_line("../x", "x"), 422},
        {file_line("a/.git/x", "x"), 422},
        {file_line("", "x"), 422},
        {R"({"key":"file","value":{"path":"x","content":"!!!","encoding":"base64"}})", 400},
        {file_line("both", "x") + file_line("both/below", "x"), 400},
        {file_line("README.md", "---\nlicense: [\n---\n"), 400},
        {file_line("good.txt", "x") + R"({"key":"deletedFile","value":{"path":"absent"}})", 404},
        {R"({"key":"file","value":{"path":"big","encoding":"base64","content":")" +
             std::string(14'100'000, 'A') + "\"}}",
         400},
    };
    for (const auto& [lines, status] : cases) {
        const Answer answer = commit(lines);
        BOOST_TEST(answer.status == status, lines.substr(0, 80)
                                                << ": " << answer.status << " " << answer.body);
        BOOST_TEST(answer.header("x-error-message") != "");
    }
    BOOST_TEST(head() == before);
}

BOOST_FIXTURE_TEST_CASE(a_folder_takes_the_place_of_a_file_in_one_commit, RunningHub)
{
    BOOST_TEST(commit(file_line("x", "1")).status == 200);
    BOOST_TEST(commit(file_line("x/y", "2")).status == 400);
    BOOST_TEST(commit(file_line("x/y", "2") + R"({"key":"deletedFile","value":{"path":"x"}})").status == 200);
    BOOST_TEST(get("/acme/model/resolve/main/x/y").body == "2");
}

BOOST_FIXTURE_TEST_CASE(a_commit_without_a_token_or_to_no_branch_is_refused, RunningHub)
{
    const std::string lines = "{\"key\":\"header\",\"value\":{\"summary\":\"x\"}}\n" + file_line("a", "a");
    BOOST_TEST(post("/api/models/acme/model/commit/main", lines, "").status == 401);
    BOOST_TEST(post("/api/models/acme/model/commit/main", lines, "Authorization: Bearer wrong\r\n").status ==
               401);
    BOOST_TEST(post("/api/models/acme/model/commit/absent", lines).header("x-error-code") ==
               "RevisionNotFound");
    BOOST_TEST(post("/api/models/acme/absent/commit/main", lines).header("x-error-code") == "RepoNotFound");
}

BOOST_FIXTURE_TEST_CASE(an_lfs_path_without_a_pattern_gets_a_line_in_gitattributes, RunningHub)
{
    const std::string content = "weights";
    const std::string oid = skw::sha256_of(content).hex();
    skw::json::object object = batch(oid, content.size());
    const std::string href(object["actions"].at("upload").at("href").as_string());
    BOOST_TEST(ask(href, "PUT", "", content).status == 200);
    BOOST_TEST(!batch(oid, content.size()).contains("actions")); // it is here now
    BOOST_TEST(
        commit(lfs_line("a b*.dat", oid, content.size()) + lfs_line("c.bin", oid, content.size())).status ==
        200);
    const std::string attributes = get("/acme/model/resolve/main/.gitattributes").body;
    BOOST_TEST(attributes.ends_with("a[[:space:]]b\\*.dat filter=lfs diff=lfs merge=lfs -text\n"));
    BOOST_TEST(attributes.find("c.bin") == std::string::npos);
    BOOST_TEST(LfsRules(attributes).covers("a b*.dat"));
    BOOST_TEST(commit(lfs_line("wrong.bin", oid, 6)).status == 400);
}

BOOST_AUTO_TEST_CASE(patterns_match_as_gits_do)
{
    BOOST_TEST(matches_pattern("*.bin", "deep/er/x.bin"));
    BOOST_TEST(!matches_pattern("*.bin", "x.binary"));
    BOOST_TEST(matches_pattern("saved_model/**/*", "saved_model/a/b/c"));
    BOOST_TEST(matches_pattern("saved_model/**/*", "saved_model/a"));
    BOOST_TEST(!matches_pattern("a/*.txt", "a/b/c.txt"));
    BOOST_TEST(matches_pattern("a?[b-d][!x].t", "a-cy.t"));
    BOOST_TEST(!matches_pattern("a?[b-d][!x].t", "a-cx.t"));
    BOOST_TEST(matches_pattern("*tfevents*", "runs/events.out.tfevents.123"));
    BOOST_TEST(!LfsRules("*.bin filter=lfs\nx.bin -filter\n").covers("x.bin"));
    for (const char* path : {"plain", "with blank", "#hash", "!not", "\"quoted\"", "[x]*?\\", "sub/fo o"}) {
        BOOST_TEST(LfsRules(LfsRules::line_for(path)).covers(path), path);
        BOOST_TEST(!LfsRules(LfsRules::line_for(path)).covers("other"), path);
    }
    BOOST_TEST(is_ignored("*.log\nbuild/\n!keep.log\n", "build/x/y"));
    BOOST_TEST(is_ignored("*.log\nbuild/\n!keep.log\n", "a/b.log"));
    BOOST_TEST(!is_ignored("*.log\nbuild/\n!keep.log\n", "keep.log"));
}

BOOST_AUTO_TEST_CASE(a_pattern_made_to_be_slow_is_not)
{
    const std::string many = std::string(40, '*') + "a" + std::string(40, '*') + "b";
    BOOST_TEST(!matches_pattern("**/" + many, std::string(1000, 'a') + "/" + std::string(1000, 'a')));
}

BOOST_AUTO_TEST_CASE(targets_are_decoded_segment_by_segment)
{
    const auto target = Target::parse("/api/models/a/b/tree/refs%2Fpr%2F1/x%20y/z+%2B?paths=a+b%2Bc&q");
    BOOST_REQUIRE(target);
    BOOST_TEST(target->segments.size() == 8u);
    BOOST_TEST(target->segments[5] == "refs/pr/1");
    BOOST_TEST(target->rest(6) == "x y/z++");
    BOOST_TEST(target->parameter("paths") == "a b+c");
    for (const char* bad : {"/%", "/%4", "/%zz", "/%ff", "/%00", "no-slash", "/?a=%f"}) {
        BOOST_TEST(!Target::parse(bad), bad);
    }
    BOOST_TEST(*percent_decoded(skw::encode_segment("a/b c&d#\xc3\xbc")) == "a/b c&d#\xc3\xbc");
}

BOOST_AUTO_TEST_SUITE_END()

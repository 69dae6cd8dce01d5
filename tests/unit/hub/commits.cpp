// SPDX-License-Identifier: Apache-2.0
// The commit: atomic, onto its parent, never twice.
#include "hub/client.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::fails_with;
using test::text_addition;

namespace {

const std::string card = "---\nlicense: mit\nbase_model: a/b\n---\n# x\n";

struct OneRepo : test::LocalHub {
    OneRepo() { client->create_repo(repo); }

    CommitRequest full()
    {
        return request({text_addition("README.md", card), text_addition("empty.txt", ""),
                        text_addition("mtp.safetensors", test::noise(300'000)),
                        text_addition("config.json", "{\"a\":1}")});
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(hub_commits, OneRepo)

BOOST_AUTO_TEST_CASE(small_large_and_empty_files_arrive_in_one_commit)
{
    const CommitId parent = head();
    const auto outcome = client->commit(full());
    BOOST_REQUIRE(std::holds_alternative<Committed>(outcome));
    const CommitId commit = std::get<Committed>(outcome).commit;
    BOOST_TEST((commit != parent));
    BOOST_TEST(head().text() == commit.text());
    BOOST_TEST(count("POST", "/commit/main") == 1);
    const Tree tree = client->read_tree(repo, commit);
    BOOST_TEST(client->read_file(repo, commit, *tree.find("README.md"), 1000) == card);
    BOOST_TEST(client->read_file(repo, commit, *tree.find("empty.txt"), 1000) == "");
    BOOST_TEST(tree.find("mtp.safetensors")->sha256.has_value());
    BOOST_TEST(!tree.find("empty.txt")->sha256.has_value());
    BOOST_TEST(client->read_repo(repo).card_data.at("license").as_string() == "mit");
}

BOOST_AUTO_TEST_CASE(deletions_are_part_of_the_same_commit)
{
    client->commit(full());
    CommitRequest next = request({text_addition("new.json", "1")});
    next.deletions = {*RepoPath::parse("config.json"), *RepoPath::parse("empty.txt")};
    const auto outcome = client->commit(next);
    BOOST_REQUIRE(std::holds_alternative<Committed>(outcome));
    const Tree tree = client->read_tree(repo, std::get<Committed>(outcome).commit);
    BOOST_TEST(tree.find("config.json") == nullptr);
    BOOST_TEST(tree.find("new.json") != nullptr);
    BOOST_TEST(tree.find("README.md") != nullptr);
}

BOOST_AUTO_TEST_CASE(a_commit_that_changes_nothing_is_not_made)
{
    const auto first = client->commit(full());
    server->forget_requests();
    const auto again = client->commit(full());
    BOOST_REQUIRE(std::holds_alternative<Committed>(again));
    BOOST_TEST(std::get<Committed>(again).commit.text() == std::get<Committed>(first).commit.text());
    BOOST_TEST(count("POST", "/commit/main") == 0);
    BOOST_TEST(count("PUT", "/") == 0);
}

BOOST_AUTO_TEST_CASE(a_head_that_moved_is_a_value_and_nothing_is_committed)
{
    CommitRequest late = full();
    client->commit(request({text_addition("other.json", "1")}));
    const CommitId moved = head();
    const auto outcome = client->commit(late);
    BOOST_REQUIRE(std::holds_alternative<HeadMoved>(outcome));
    BOOST_TEST(std::get<HeadMoved>(outcome).head.text() == moved.text());
    BOOST_TEST(head().text() == moved.text());
}

BOOST_AUTO_TEST_CASE(a_lost_commit_reply_is_looked_up_before_sending_again)
{
    const CommitRequest mine = full();
    once("POST", "/commit/main", "apply-then-drop");
    const auto outcome = client->commit(mine);
    BOOST_REQUIRE(std::holds_alternative<Committed>(outcome));
    BOOST_TEST(head().text() == std::get<Committed>(outcome).commit.text());
    BOOST_TEST(count("POST", "/commit/main") == 1);
}

BOOST_AUTO_TEST_CASE(an_applied_504_is_looked_up_as_well)
{
    const CommitRequest mine = full();
    once("POST", "/commit/main", "apply-then-504");
    const auto outcome = client->commit(mine);
    BOOST_REQUIRE(std::holds_alternative<Committed>(outcome));
    BOOST_TEST(head().text() == std::get<Committed>(outcome).commit.text());
    BOOST_TEST(count("POST", "/commit/main") == 1);
}

BOOST_AUTO_TEST_CASE(a_commit_that_was_not_applied_is_sent_again)
{
    for (const char* fault : {"drop", "status-504", "status-500", "status-503", "status-429"}) {
        server->forget_requests();
        const CommitRequest mine = request({text_addition("f.json", fault)});
        once("POST", "/commit/main", fault);
        BOOST_TEST(std::holds_alternative<Committed>(client->commit(mine)), fault);
        BOOST_TEST(count("POST", "/commit/main") == 2, fault);
        BOOST_TEST(client->read_repo(repo).head.text() != mine.parent.text());
    }
}

BOOST_AUTO_TEST_CASE(another_operation_in_progress_is_waited_for_and_given_up_as_temporary)
{
    once("POST", "/commit/main", "conflict-409", 0, 2);
    BOOST_TEST(std::holds_alternative<Committed>(client->commit(full())));
    once("POST", "/commit/main", "conflict-409", 0, 6);
    BOOST_TEST(fails_with(ErrorCode::conflict, "Another commit operation",
                          [&] { client->commit(request({text_addition("g.json", "1")})); }));
}

BOOST_AUTO_TEST_CASE(a_412_that_the_head_does_not_explain_is_temporary)
{
    once("POST", "/commit/main", "moved-412", 0, 10);
    BOOST_TEST(fails_with(ErrorCode::conflict, "412", [&] { client->commit(full()); }));
    BOOST_TEST(count("POST", "/commit/main") == 1);
}

BOOST_AUTO_TEST_CASE(a_card_the_hub_refuses_stops_everything_before_uploads)
{
    const CommitRequest bad = request({text_addition("README.md", "---\nlicense: [unclosed\n---\n"),
                                       text_addition("mtp.safetensors", test::noise(300'000))});
    BOOST_TEST(fails_with(ErrorCode::bad_input, "the card", [&] { client->commit(bad); }));
    BOOST_TEST(count("PUT", "/") == 0);
    BOOST_TEST(count("POST", "/commit/main") == 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_the_repo_ignores_is_an_error)
{
    client->commit(request({text_addition(".gitignore", "*.tmp\n")}));
    BOOST_TEST(fails_with(ErrorCode::bad_input, ".gitignore",
                          [&] { client->commit(request({text_addition("a.tmp", "x")})); }));
}

BOOST_AUTO_TEST_CASE(paths_that_stand_twice_are_refused)
{
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "added twice", [&] {
        client->commit(request({text_addition("a", "1"), text_addition("a", "2")}));
    }));
    CommitRequest both = request({text_addition("a", "1")});
    both.deletions = {*RepoPath::parse("a")};
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "deleted as well", [&] { client->commit(both); }));
}

BOOST_AUTO_TEST_CASE(many_small_files_go_out_by_a_body_on_disk)
{
    std::vector<Addition> files;
    for (int i = 0; i < 300; ++i) { // two questions of 256, and more than 4 MiB of lines
        files.push_back(
            text_addition("d/" + std::to_string(i) + ".json", "\"" + std::string(20'000, 'x') + "\""));
    }
    const auto outcome = client->commit(request(files));
    BOOST_REQUIRE(std::holds_alternative<Committed>(outcome));
    BOOST_TEST(count("POST", "/preupload/") == 2);
    BOOST_TEST(client->read_tree(repo, head()).files.size() == 301u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hub_commits_on_a_script)

// The first try is applied only after we have looked, so that the second one meets its own commit.
BOOST_AUTO_TEST_CASE(a_refused_repetition_recognises_its_own_commit)
{
    const std::string parent(40, 'a'), ours(40, 'b');
    for (const std::string content : {"mine", "else"}) {
        int posts = 0;
        test::ScriptServer hub([&](const test::Asked& asked) {
            test::Answer answer;
            if (asked.target.ends_with("/preupload/main")) {
                return test::ok_json(
                    R"({"files":[{"path":"f","uploadMode":"regular","shouldIgnore":false}]})");
            }
            if (asked.target.ends_with("/commit/main")) {
                answer.bytes = ++posts == 1 ? "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"
                                            : "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n";
                return answer;
            }
            if (asked.target.ends_with("/revision/main")) {
                return test::ok_json(R"({"id":"acme/x","sha":")" + (posts < 2 ? parent : ours) + "\"}");
            }
            return test::ok_json(R"([{"type":"file","path":"f","size":4,"oid":")" + git_blob_id(content) +
                                 "\"}]");
        });
        Client client(test::quick_settings(hub.endpoint()), {});
        const CommitRequest request{
            *RepoId::parse("acme/x"), *CommitId::parse(parent), "s", "", {text_addition("f", "mine")}, {}};
        const auto outcome = client.commit(request);
        BOOST_TEST(posts == 2);
        BOOST_TEST(std::holds_alternative<Committed>(outcome) == (content == "mine"));
    }
}

BOOST_AUTO_TEST_CASE(a_commit_that_does_not_hold_what_was_sent_is_an_error)
{
    test::ScriptServer hub([&](const test::Asked& asked) {
        if (asked.target.ends_with("/preupload/main")) {
            return test::ok_json(R"({"files":[{"path":"f","uploadMode":"regular","shouldIgnore":false}]})");
        }
        if (asked.target.ends_with("/commit/main")) {
            return test::ok_json(R"({"commitOid":")" + std::string(40, 'b') + "\"}");
        }
        return test::ok_json(R"([{"type":"file","path":"f","size":4,"oid":")" + git_blob_id("evil") + "\"}]");
    });
    Client client(test::quick_settings(hub.endpoint()), {});
    const CommitRequest request{*RepoId::parse("acme/x"),
                                *CommitId::parse(std::string(40, 'a')),
                                "s",
                                "",
                                {text_addition("f", "mine")},
                                {}};
    BOOST_TEST(fails_with(ErrorCode::failed, "f has other content", [&] { client.commit(request); }));
}

BOOST_AUTO_TEST_CASE(hostile_replies_to_the_steps_of_an_upload_are_refused)
{
    const std::string sha = sha256_of("mine").hex();
    const auto batch = [&](const std::string& object) {
        test::ScriptServer hub([&](const test::Asked& asked) {
            if (asked.target.ends_with("/preupload/main")) {
                return test::ok_json(R"({"files":[{"path":"f","uploadMode":"lfs","shouldIgnore":false}]})");
            }
            return test::ok_json(R"({"transfer":"basic","objects":[)" + object + "]}");
        });
        Settings settings = test::quick_settings(hub.endpoint());
        settings.attempts = 2;
        Client client(settings, {});
        const CommitRequest request{*RepoId::parse("acme/x"),
                                    *CommitId::parse(std::string(40, 'a')),
                                    "s",
                                    "",
                                    {text_addition("f", "mine")},
                                    {}};
        const auto error = test::error_of([&] { client.commit(request); });
        return error ? std::string(error->what()) : "committed";
    };
    const auto upload = [&](const std::string& action) {
        return batch(R"({"oid":")" + sha + R"(","actions":{"upload":)" + action + "}}");
    };
    const auto has = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    BOOST_TEST(has(batch(""), "says nothing about f"));
    BOOST_TEST(has(batch(R"({"oid":")" + sha + R"(","error":{"code":422,"message":"too \u001b big"}})"),
                   "too \\x1b big"));
    BOOST_TEST(has(batch(R"({"oid":")" + sha + R"(","error":{"code":4.5}})"), "refused"));
    BOOST_TEST(has(upload(R"({"href":"file:///etc/passwd"})"), "cannot be used"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":{"X-A":"b\r\nX-C: d"}})"), "cannot be sent"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":[]})"), "not an object"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":{"chunk_size":"0"}})"), "chunk_size"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":{"chunk_size":"-1"}})"), "chunk_size"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":{"chunk_size":"3"}})"), "0 for 2"));
    BOOST_TEST(
        has(upload(R"({"href":"/x","header":{"chunk_size":"3","00001":"/1","00003":"/3"}})"), "missing"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":{"chunk_size":"3","00001":"/1","1":"/3"}})"), "missing"));
    BOOST_TEST(has(upload(R"({"href":"/x","header":{"00001":"/1"}})"), "without a chunk_size"));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// LFS uploads against the local Hub: one PUT, parts, faults at each step.
#include "hub/client.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <mutex>
#include <vector>

using namespace skw;
using namespace skw::hub;
using test::fails_with;
using test::text_addition;

namespace {

// Above 2 MiB an object goes in parts of 1 MiB.
struct Parts : test::LocalHub {
    Parts() : LocalHub(1000, 2u << 20, 1u << 20) { client->create_repo(repo); }

    Addition file(const std::string& path, const std::string& content)
    {
        const auto local = folder.path() / std::to_string(content.size());
        write_file_atomically(local, content);
        Addition addition{*RepoPath::parse(path), local, content.size(), sha256_of(content)};
        return addition;
    }
    bool commits(const Addition& addition, const UploadProgress& progress = {})
    {
        const auto outcome = client->commit(request({addition}), CommitEvents{progress, {}});
        return std::holds_alternative<Committed>(outcome);
    }
    std::string put_route() const
    {
        for (const auto& one : server->requests()) {
            if (one.method == "PUT") {
                return one.target;
            }
        }
        return {};
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(hub_uploads, Parts)

BOOST_AUTO_TEST_CASE(a_medium_file_goes_by_one_put_without_the_token)
{
    std::uint64_t last = 0, total = 0;
    BOOST_TEST(
        commits(file("a.safetensors", test::noise(1'500'000)), [&](std::uint64_t sent, std::uint64_t all) {
            BOOST_TEST(sent >= last);
            last = sent;
            total = all;
        }));
    BOOST_TEST(last == 1'500'000u);
    BOOST_TEST(total == 1'500'000u);
    BOOST_TEST(count("PUT", "/") == 1);
    for (const auto& one : server->requests()) {
        BOOST_TEST((one.method != "PUT" || !one.authorized));
    }
}

BOOST_AUTO_TEST_CASE(a_large_file_goes_in_parts_and_is_completed_without_the_token)
{
    const std::string content = test::noise(12'345'678);
    BOOST_TEST(commits(file("a.safetensors", content)));
    BOOST_TEST(count("PUT", "/") == 12);
    for (const auto& one : server->requests()) {
        const bool signed_one = one.method == "PUT" || one.target.find("complete") != std::string::npos;
        BOOST_TEST((!signed_one || !one.authorized), one.target);
    }
    const Tree tree = client->read_tree(repo, head());
    BOOST_TEST((read(tree, "a.safetensors", 0, content.size()) == content));
}

BOOST_AUTO_TEST_CASE(what_the_repo_has_is_not_sent_again)
{
    const Addition first = file("a.safetensors", test::noise(3'000'000));
    BOOST_TEST(commits(first));
    server->forget_requests();
    Addition second = first;
    second.path = *RepoPath::parse("copy/b.safetensors");
    std::uint64_t last = 0;
    BOOST_TEST(commits(second, [&](std::uint64_t sent, std::uint64_t) { last = sent; }));
    BOOST_TEST(count("PUT", "/") == 0);
    BOOST_TEST(last == 3'000'000u); // counted as done
}

BOOST_AUTO_TEST_CASE(two_paths_with_one_content_are_sent_once)
{
    const Addition first = file("a.safetensors", test::noise(1'000'000));
    Addition second = first;
    second.path = *RepoPath::parse("b.safetensors");
    const auto outcome = client->commit(request({first, second}));
    BOOST_TEST(std::holds_alternative<Committed>(outcome));
    BOOST_TEST(count("PUT", "/") == 1);
}

BOOST_AUTO_TEST_CASE(passing_faults_of_each_step_are_survived)
{
    int n = 0;
    for (const char* fault :
         {"status-503", "status-500", "drop", "expired-url", "status-400", "apply-then-drop"}) {
        for (const std::size_t size : {std::size_t{1'000'000}, std::size_t{5'000'000}}) {
            once("PUT", "", fault, 0, 2, 1);
            once("PUT", "", fault);
            ++n;
            const std::string content =
                test::noise(size + static_cast<std::size_t>(n), static_cast<unsigned>(n));
            BOOST_TEST(commits(file("f" + std::to_string(n) + ".safetensors", content)), fault);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_sent_again_is_not_counted_again)
{
    for (const std::size_t size : {std::size_t{1'500'000}, std::size_t{5'000'000}}) {
        once("PUT", "", "apply-then-drop");
        std::vector<std::uint64_t> steps;
        const auto seen = [&](std::uint64_t sent, std::uint64_t) { steps.push_back(sent); };
        BOOST_TEST(commits(file("a.safetensors", test::noise(size)), seen));
        BOOST_TEST(std::ranges::is_sorted(steps));
        BOOST_TEST(steps.back() == size);
        // All was sent once before the reply was lost, and only the first time counts.
        BOOST_TEST(std::ranges::count(steps, size) == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_completion_whose_reply_is_lost_is_not_sent_twice)
{
    once("POST", "complete", "apply-then-drop");
    BOOST_TEST(commits(file("a.safetensors", test::noise(4'000'000))));
    BOOST_TEST(count("POST", "complete") == 1);
    BOOST_TEST(count("PUT", "/") == 4);
}

BOOST_AUTO_TEST_CASE(a_refused_completion_begins_again_and_ends)
{
    once("POST", "complete", "status-400");
    BOOST_TEST(commits(file("a.safetensors", test::noise(4'000'000))));
    once("POST", "complete", "status-400", 0, 6);
    BOOST_TEST(fails_with(ErrorCode::bad_input, "400",
                          [&] { commits(file("b.safetensors", test::noise(4'000'001, 2))); }));
}

BOOST_AUTO_TEST_CASE(a_store_that_stays_down_fails_the_upload_and_changes_nothing)
{
    const CommitId before = head();
    once("PUT", "", "status-503", 0, 12);
    BOOST_TEST(fails_with(ErrorCode::network, "503",
                          [&] { commits(file("a.safetensors", test::noise(1'000'000))); }));
    BOOST_TEST(head().text() == before.text());
    BOOST_TEST(count("POST", "/commit/") == 0);
}

BOOST_AUTO_TEST_CASE(a_verification_that_fails_for_a_moment_is_asked_again)
{
    once("POST", "/verify", "status-503", 0, 2);
    BOOST_TEST(commits(file("a.safetensors", test::noise(1'000'000))));
}

BOOST_AUTO_TEST_CASE(a_file_of_another_size_or_content_is_refused_before_anything_is_sent)
{
    Addition wrong = file("a.safetensors", test::noise(1'000'000));
    wrong.size -= 1;
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "no longer has its size", [&] { commits(wrong); }));
    Addition text = text_addition("a.json", "{}");
    text.sha256 = sha256_of("[]");
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "SHA-256", [&] { commits(text); }));
    BOOST_TEST(count("POST", "/preupload/") == 0);
}

BOOST_AUTO_TEST_CASE(a_small_file_that_changed_on_disk_is_never_committed)
{
    const CommitId before = head();
    Addition small = file("a.json", "{\"a\":1}");
    write_file_atomically(std::get<std::filesystem::path>(small.content), "{\"a\":2}");
    BOOST_TEST(fails_with(ErrorCode::bad_argument, "no longer has the content", [&] { commits(small); }));
    BOOST_TEST(head().text() == before.text());
}

// The store takes one part of ten for each set of addresses; all that a client may count on is progress.
BOOST_AUTO_TEST_CASE(addresses_that_run_out_again_and_again_do_not_end_an_upload_that_gains)
{
    std::mutex mutex;
    int left = 0, taken = 0, completed = 0;
    const Addition addition = text_addition("f", "abcdefghij");
    std::string parts;
    for (int i = 1; i <= 10; ++i) {
        const std::string number = std::to_string(100000 + i).substr(1);
        parts += R"(,")" + number + R"(":"/part/)" + number + '"';
    }
    test::ScriptServer hub([&](const test::Asked& asked) {
        const std::scoped_lock lock(mutex);
        if (asked.target.ends_with("/preupload/main")) {
            return test::ok_json(R"({"files":[{"path":"f","uploadMode":"lfs","shouldIgnore":false}]})");
        }
        if (asked.target.ends_with("/objects/batch")) {
            left = 1;
            return test::ok_json(R"({"transfer":"multipart","objects":[{"oid":")" + addition.sha256.hex() +
                                 R"(","actions":{"upload":{"href":"/complete?uploadId=u1","header":{)" +
                                 R"("chunk_size":"1")" + parts + "}}}}]}");
        }
        if (asked.method == "PUT" && left > 0) {
            --left;
            ++taken;
            return test::ok_json("{}", "ETag: \"e\"\r\n");
        }
        if (asked.target.starts_with("/complete")) {
            ++completed;
            return test::ok_json("{}");
        }
        test::Answer run_out;
        run_out.bytes = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        return run_out;
    });
    Settings settings = test::quick_settings(hub.endpoint());
    settings.attempts = 3;
    Client other(settings, {});
    const CommitRequest wanted{repo, *CommitId::parse(std::string(40, 'a')), "s", "", {addition}, {}};
    test::error_of([&] { other.commit(wanted); }); // the commit itself is not in the script
    BOOST_TEST(taken == 10);
    BOOST_TEST(completed == 1);
}

BOOST_AUTO_TEST_SUITE_END()

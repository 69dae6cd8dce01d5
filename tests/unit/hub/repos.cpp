// SPDX-License-Identifier: Apache-2.0
// Repo info and creation against the local Hub.
#include "hub/client.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace skw;
using namespace skw::hub;
using test::fails_with;

BOOST_FIXTURE_TEST_SUITE(hub_repos, test::LocalHub)

BOOST_AUTO_TEST_CASE(a_repo_is_made_once_and_then_found)
{
    BOOST_TEST(!client->find_repo(repo));
    BOOST_TEST(fails_with(ErrorCode::not_found, "no such repo", [&] { client->read_repo(repo); }));
    BOOST_TEST(client->create_repo(repo));
    BOOST_TEST(!client->create_repo(repo));
    const auto info = client->find_repo(repo);
    BOOST_REQUIRE(info);
    BOOST_TEST(info->id.text() == repo.text());
    BOOST_TEST(!info->is_private);
    BOOST_TEST(!info->gated);
    BOOST_TEST(client->read_repo(repo, info->head.text()).head.text() == info->head.text());
    BOOST_TEST(
        fails_with(ErrorCode::not_found, "revision", [&] { client->find_repo(repo, "no/such?branch"); }));
}

BOOST_AUTO_TEST_CASE(the_canonical_spelling_comes_back)
{
    client->create_repo(repo);
    BOOST_TEST(client->read_repo(*RepoId::parse("ACME/Qwen-MTP")).id.text() == "acme/qwen-mtp");
}

BOOST_AUTO_TEST_CASE(passing_failures_of_a_creation_are_survived)
{
    once("POST", "/api/repos/create", "status-503", 0, 2);
    BOOST_TEST(client->create_repo(repo));
    once("POST", "/api/repos/create", "apply-then-drop");
    const RepoId second = *RepoId::parse("acme/second");
    client->create_repo(second); // its reply is lost; the second one says that it is there
    BOOST_TEST(client->find_repo(second).has_value());
}

BOOST_AUTO_TEST_CASE(a_token_that_may_not_create_is_enough_for_a_repo_that_is_there)
{
    client->create_repo(repo);
    once("POST", "/api/repos/create", "status-403");
    BOOST_TEST(!client->create_repo(repo));
    once("POST", "/api/repos/create", "status-403");
    BOOST_TEST(fails_with(ErrorCode::not_authorised, "write access",
                          [&] { client->create_repo(*RepoId::parse("acme/absent")); }));
}

BOOST_AUTO_TEST_CASE(a_missing_right_to_write_is_told_before_any_work)
{
    client->create_repo(repo);
    client->check_write(repo);
    once("GET", "/auth-check/write", "status-403");
    BOOST_TEST(fails_with(ErrorCode::not_authorised, "write access", [&] { client->check_write(repo); }));
}

BOOST_AUTO_TEST_CASE(a_server_that_stays_down_is_given_up_as_temporary)
{
    client->create_repo(repo);
    server->forget_requests();
    once("GET", "/api/models/", "status-503", 0, 100);
    BOOST_TEST(fails_with(ErrorCode::network, "503", [&] { client->read_repo(repo); }));
    BOOST_TEST(count("GET", "/api/models/") == 6);
}

BOOST_AUTO_TEST_CASE(a_rate_limit_is_obeyed_or_said_to_be_too_long)
{
    client->create_repo(repo);
    Settings settings = test::quick_settings(server->endpoint());
    settings.call_timeout = std::chrono::milliseconds(900);
    Client hasty(settings, {});
    once("GET", "/api/models/", "status-429", 30);
    BOOST_TEST(fails_with(ErrorCode::network, "too many requests", [&] { hasty.read_repo(repo); }));
    // The same limit holds for the next call of this kind, which does not even ask.
    const int before = count("GET", "/api/models/");
    BOOST_TEST(fails_with(ErrorCode::network, "too many requests", [&] { hasty.read_repo(repo); }));
    BOOST_TEST(count("GET", "/api/models/") == before);
}

BOOST_AUTO_TEST_CASE(the_trace_has_a_redacted_line_for_each_request)
{
    std::mutex mutex;
    std::vector<std::string> lines;
    Settings settings = test::quick_settings(server->endpoint());
    settings.trace = [&](std::string_view line) {
        const std::scoped_lock lock(mutex);
        lines.emplace_back(line);
    };
    Client traced(settings, {});
    traced.create_repo(repo);
    traced.read_tree(repo, traced.read_repo(repo).head);
    BOOST_REQUIRE(lines.size() == 3u);
    BOOST_TEST(lines[0].find("POST " + server->endpoint() + "/api/repos/create 200 ") == 0u);
    BOOST_TEST(lines[2].find("recursive") == std::string::npos); // no query
    for (const std::string& line : lines) {
        BOOST_TEST(line.find("hf_test") == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hub_repos_without_a_token)

BOOST_AUTO_TEST_CASE(a_bare_401_is_an_absent_repo_for_the_anonymous_and_a_bad_token_otherwise)
{
    test::ScriptServer hub([](const test::Asked&) {
        test::Answer answer;
        answer.bytes = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
        return answer;
    });
    Settings settings = test::quick_settings(hub.endpoint());
    const RepoId repo = *RepoId::parse("acme/x");
    Client with_token(settings, {});
    BOOST_TEST(fails_with(ErrorCode::not_authorised, "check HF_TOKEN", [&] { with_token.find_repo(repo); }));
    settings.token = Secret();
    Client anonymous(settings, {});
    BOOST_TEST(!anonymous.find_repo(repo));
    BOOST_TEST(hub.asked().at(0).head.find("Authorization: Bearer hf_") != std::string::npos);
    BOOST_TEST(hub.asked().at(1).head.find("Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// A stop request ends every blocking call, wherever it stands, and a client can always be destroyed.
#include "hub/client.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace skw;
using namespace skw::hub;
using test::Answer;
using test::Asked;
using test::ScriptServer;

namespace {

const RepoId repo = *RepoId::parse("acme/x");
const CommitId commit = *CommitId::parse(std::string(40, 'a'));

// Runs the call, stops once the server has been asked, and gives the code it ended with.
std::optional<ErrorCode> stopped(const ScriptServer& server, const std::function<void(Client&)>& call,
                                 std::chrono::milliseconds first_pause = std::chrono::milliseconds(1))
{
    std::stop_source stop;
    Settings settings = test::quick_settings(server.endpoint());
    settings.idle_timeout = std::chrono::hours(1);
    settings.call_timeout = std::chrono::hours(1);
    settings.first_pause = first_pause;
    Client client(settings, stop.get_token());
    std::optional<Error> error;
    std::thread caller([&] { error = test::error_of([&] { call(client); }); });
    while (server.asked().empty()) {
        std::this_thread::yield();
    }
    stop.request_stop();
    caller.join();
    return error ? std::optional(error->code()) : std::nullopt;
}

Answer hang(const std::string& bytes = {})
{
    Answer answer;
    answer.bytes = bytes;
    answer.hang = true;
    return answer;
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_cancel)

BOOST_AUTO_TEST_CASE(waiting_for_a_reply_ends_at_once)
{
    ScriptServer server([](const Asked&) { return hang(); });
    BOOST_TEST((stopped(server, [](Client& client) { client.read_repo(repo); }) == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(waiting_for_the_rest_of_a_body_ends_at_once)
{
    ScriptServer server([](const Asked&) {
        return hang(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-8/9\r\nContent-Length: 9\r\n\r\nabc");
    });
    BOOST_TEST((stopped(server, [](Client& client) {
                    const RemoteFile file{*RepoPath::parse("f"), 9, std::string(40, '1'), std::nullopt};
                    std::string out(9, ' ');
                    client.read_range(repo, commit, file, 0, std::as_writable_bytes(std::span(out)));
                }) == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(the_pause_before_another_try_ends_at_once)
{
    ScriptServer server([](const Asked&) {
        Answer answer;
        answer.bytes = "HTTP/1.1 503 Unavailable\r\nRetry-After: 1000\r\nContent-Length: 0\r\n\r\n";
        return answer;
    });
    BOOST_TEST((stopped(server, [](Client& client) { client.read_repo(repo); }) == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(a_tls_handshake_that_nobody_answers_ends_at_once)
{
    ScriptServer server([](const Asked&) { return hang(); });
    std::stop_source stop;
    Settings settings = test::quick_settings("https://127.0.0.1:" + std::to_string(server.port()));
    settings.connect_timeout = std::chrono::hours(1);
    Client client(settings, stop.get_token());
    std::optional<Error> error;
    std::thread caller([&] { error = test::error_of([&] { client.read_repo(repo); }); });
    while (server.connections() == 0) {
        std::this_thread::yield();
    }
    stop.request_stop();
    caller.join();
    BOOST_REQUIRE(error);
    BOOST_TEST((error->code() == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(a_client_made_after_the_stop_refuses_every_call)
{
    ScriptServer server([](const Asked&) { return test::ok_json("[]"); });
    std::stop_source stop;
    stop.request_stop();
    Client client(test::quick_settings(server.endpoint()), stop.get_token());
    const auto error = test::error_of([&] { client.find_collection("acme", "x"); });
    BOOST_REQUIRE(error);
    BOOST_TEST((error->code() == ErrorCode::cancelled));
    BOOST_TEST(server.asked().empty());
}

BOOST_AUTO_TEST_CASE(a_stopped_commit_leaves_the_repo_as_it_was)
{
    test::LocalHub hub;
    hub.client->create_repo(hub.repo);
    const CommitId before = hub.head();
    hub.once("POST", "/commit/main", "hang");
    std::stop_source stop;
    Client client(test::quick_settings(hub.server->endpoint()), stop.get_token());
    std::optional<Error> error;
    const CommitRequest request = hub.request({test::text_addition("a.safetensors", test::noise(100'000))});
    std::thread caller([&] { error = test::error_of([&] { client.commit(request); }); });
    while (client.traffic().sent_bytes < 100'000) {
        std::this_thread::yield();
    }
    stop.request_stop();
    caller.join();
    BOOST_REQUIRE(error);
    BOOST_TEST((error->code() == ErrorCode::cancelled));
    BOOST_TEST(hub.head().text() == before.text());
}

BOOST_AUTO_TEST_CASE(a_client_with_an_open_stream_and_idle_connections_is_destroyed_at_once)
{
    ScriptServer server([](const Asked& asked) {
        return asked.number == 0 ? test::ok_json("[]") : hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    });
    auto client = std::make_unique<Client>(test::quick_settings(server.endpoint()), std::stop_token());
    client->find_collection("acme", "x");
    const RemoteFile file{*RepoPath::parse("f"), 9, std::string(40, '1'), std::nullopt};
    auto stream = client->open_range(repo, commit, file, 0, 9);
    while (server.asked().size() < 2) {
        std::this_thread::yield();
    }
    stream.reset();
    client.reset();
    BOOST_TEST(server.asked().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

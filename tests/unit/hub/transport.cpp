// SPDX-License-Identifier: Apache-2.0
// Moving bytes: replies cut at every byte, kept connections, deadlines, counts, back-pressure.
#include "hub/transport.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace skw;
using namespace skw::hub;
using test::Answer;
using test::Asked;
using test::ScriptServer;

namespace {

Request get(const ScriptServer& server, const std::string& target = "/x")
{
    Request request;
    request.url = *Url::parse(server.endpoint() + target);
    return request;
}

Settings quick()
{
    return test::quick_settings("http://127.0.0.1:1");
}

Answer raw(std::string bytes, bool close = false)
{
    Answer answer;
    answer.bytes = std::move(bytes);
    answer.close = close;
    return answer;
}

std::string body_of(const std::variant<Reply, Failure>& outcome)
{
    const Reply* const reply = std::get_if<Reply>(&outcome);
    return reply != nullptr ? reply->body : "failed: " + std::get<Failure>(outcome).text;
}

FailureKind kind_of(const std::variant<Reply, Failure>& outcome)
{
    BOOST_REQUIRE(std::holds_alternative<Failure>(outcome));
    return std::get<Failure>(outcome).kind;
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_transport)

BOOST_AUTO_TEST_CASE(a_reply_may_arrive_byte_by_byte)
{
    ScriptServer server([](const Asked& asked) {
        Answer answer;
        answer.by_bytes = true;
        answer.bytes = asked.target == "/chunked"
                           ? "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                             "X-A: b\r\n\r\n3;ext=1\r\nabc\r\n04\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n"
                           : "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-A:  b \r\n\r\nabcdefg";
        return answer;
    });
    Transport transport(quick(), {});
    for (const char* target : {"/plain", "/chunked", "/plain"}) {
        const auto outcome = transport.run(get(server, target));
        BOOST_TEST(body_of(outcome) == "abcdefg");
        BOOST_TEST(std::get<Reply>(outcome).header("x-a") == "b");
    }
    BOOST_TEST(server.connections() == 1);
    BOOST_TEST(transport.traffic().requests == 3u);
    BOOST_TEST(transport.traffic().received_bytes == 21u);
}

BOOST_AUTO_TEST_CASE(a_reply_cut_at_any_byte_is_lost_and_never_short)
{
    const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nabcdefg";
    ScriptServer server([&](const Asked& asked) {
        return raw(whole.substr(0, static_cast<std::size_t>(asked.number)), true);
    });
    Transport transport(quick(), {});
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto outcome = transport.run(get(server));
        BOOST_TEST((kind_of(outcome) == FailureKind::lost), i);
        BOOST_TEST(std::get<Failure>(outcome).maybe_done);
    }
    BOOST_TEST(body_of(transport.run(get(server))) == "abcdefg");
}

BOOST_AUTO_TEST_CASE(a_reply_without_length_ends_with_its_connection)
{
    ScriptServer server([](const Asked&) { return raw("HTTP/1.1 200 OK\r\n\r\nabc", true); });
    Transport transport(quick(), {});
    BOOST_TEST(body_of(transport.run(get(server))) == "abc");
}

BOOST_AUTO_TEST_CASE(the_headers_are_the_ones_a_hub_expects)
{
    ScriptServer server([](const Asked&) { return test::ok_json("{}"); });
    Transport transport(quick(), {});
    Request request = get(server);
    request.method = "POST";
    request.body = std::string("12345");
    request.headers.push_back(Header{"X-Own", "1"});
    BOOST_TEST(body_of(transport.run(request)) == "{}");
    const std::string head = server.asked().at(0).head;
    for (const std::string line :
         {"POST /x HTTP/1.1\r\n", "User-Agent: skulk-weights/", "Accept-Encoding: identity\r\n",
          "Content-Length: 5\r\n", "X-Own: 1\r\n"}) {
        BOOST_TEST(head.find(line) != std::string::npos, line);
    }
    BOOST_TEST(head.find("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n") != std::string::npos);
    BOOST_TEST(server.asked().at(0).body == "12345");
    BOOST_TEST(transport.traffic().sent_bytes == 5u);
}

BOOST_AUTO_TEST_CASE(a_header_with_a_line_break_is_not_sent)
{
    ScriptServer server([](const Asked&) { return test::ok_json("{}"); });
    Transport transport(quick(), {});
    Request request = get(server);
    request.headers.push_back(Header{"X-Own", "1\r\nX-Evil: 2"});
    BOOST_TEST((kind_of(transport.run(request)) == FailureKind::internal));
    BOOST_TEST(server.asked().empty());
}

// The server closes each connection after its first reply without saying so.
BOOST_AUTO_TEST_CASE(a_kept_connection_that_ended_is_replaced_silently)
{
    ScriptServer server([](const Asked& asked) {
        if (asked.target == "/silent" && asked.connection == 0) {
            return raw("", true); // the request is read, and the connection ends without a byte
        }
        return test::ok_json("{}");
    });
    Transport transport(quick(), {});
    BOOST_TEST(body_of(transport.run(get(server))) == "{}");
    BOOST_TEST(body_of(transport.run(get(server, "/silent"))) == "{}");
    BOOST_TEST(server.connections() == 2);
    BOOST_TEST(server.asked().size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_may_not_be_repeated_is_not_replaced_silently)
{
    ScriptServer server(
        [](const Asked& asked) { return asked.target == "/commit" ? raw("", true) : test::ok_json("{}"); });
    Transport transport(quick(), {});
    BOOST_TEST(body_of(transport.run(get(server))) == "{}");
    Request commit = get(server, "/commit");
    commit.method = "POST";
    commit.repeatable = false;
    const auto outcome = transport.run(commit);
    BOOST_TEST((kind_of(outcome) == FailureKind::lost));
    BOOST_TEST(std::get<Failure>(outcome).maybe_done);
    BOOST_TEST(server.asked().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_server_that_says_nothing_is_left_after_the_idle_limit)
{
    ScriptServer server([](const Asked& asked) {
        Answer answer;
        answer.bytes = asked.target == "/half" ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" : "";
        answer.hang = true;
        return answer;
    });
    Settings settings = quick();
    settings.idle_timeout = std::chrono::milliseconds(50);
    Transport transport(settings, {});
    BOOST_TEST((kind_of(transport.run(get(server, "/none"))) == FailureKind::timed_out));
    BOOST_TEST((kind_of(transport.run(get(server, "/half"))) == FailureKind::timed_out));
    Request request = get(server, "/none");
    request.patience = 1'000;
    request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    const auto outcome = transport.run(request);
    BOOST_TEST((kind_of(outcome) == FailureKind::timed_out));
    BOOST_TEST(std::get<Failure>(outcome).text == "the time for the whole call is up");
}

BOOST_AUTO_TEST_CASE(a_port_where_nobody_listens_is_no_connection)
{
    std::uint16_t port = 0;
    {
        ScriptServer gone([](const Asked&) { return Answer(); });
        port = gone.port();
    }
    Transport transport(quick(), {});
    Request request;
    request.url = *Url::parse("http://127.0.0.1:" + std::to_string(port));
    const auto outcome = transport.run(request);
    BOOST_TEST((kind_of(outcome) == FailureKind::no_connection));
    BOOST_TEST(!std::get<Failure>(outcome).maybe_done);
    Settings behind = quick();
    behind.proxy = "http://127.0.0.1:" + std::to_string(port);
    Transport through(behind, {});
    request.url = *Url::parse("https://hub.example.org");
    const auto failure = std::get<Failure>(through.run(request));
    BOOST_TEST(failure.text.starts_with("through the proxy: no connection to 127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(a_refusal_in_the_middle_of_an_upload_is_read)
{
    const std::string big = test::noise(8u << 20);
    ScriptServer server(
        [](const Asked&) { return raw("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig", true); });
    Transport transport(quick(), {});
    Request request = get(server);
    request.method = "PUT";
    request.body = big;
    std::uint64_t sent = 0;
    request.sent = [&](std::uint64_t bytes) { sent += bytes; };
    BOOST_TEST(body_of(transport.run(request)) == "big");
    BOOST_TEST(sent == big.size());
}

BOOST_AUTO_TEST_CASE(a_part_of_a_file_is_sent_and_a_shortened_file_is_noticed)
{
    ScriptServer server([](const Asked&) { return test::ok_json("{}"); });
    const TempFolder folder;
    const std::string content = test::noise(1'000'000);
    write_file_atomically(folder.path() / "f", content);
    Transport transport(quick(), {});
    Request request = get(server);
    request.method = "PUT";
    request.body = FilePart{folder.path() / "f", 1000, 700'000};
    BOOST_TEST(body_of(transport.run(request)) == "{}");
    BOOST_TEST((server.asked().at(0).body == content.substr(1000, 700'000)));
    request.body = FilePart{folder.path() / "f", 600'000, 700'000};
    BOOST_TEST((kind_of(transport.run(request)) == FailureKind::local_file));
    request.body = FilePart{folder.path() / "gone", 0, 1};
    BOOST_TEST((kind_of(transport.run(request)) == FailureKind::local_file));
}

BOOST_AUTO_TEST_CASE(a_stream_nobody_reads_stops_its_sender)
{
    const std::string body = test::noise(64u << 20);
    ScriptServer server([&](const Asked&) {
        return raw("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
    Transport transport(quick(), {});
    const auto stream = transport.open(get(server));
    BOOST_TEST(std::get<ReplyHead>(stream->wait_head()).status == 200);
    // Another exchange on the same thread goes on meanwhile: the first one does not hold it up.
    ScriptServer other([](const Asked&) { return test::ok_json("{}"); });
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(body_of(transport.run(get(other))) == "{}");
    }
    BOOST_TEST(transport.traffic().received_bytes <= 20 * 2u + 3 * (256u << 10));
    std::string all;
    std::vector<std::byte> block(1u << 20);
    for (;;) {
        const auto outcome = stream->read(block);
        BOOST_REQUIRE(std::holds_alternative<std::size_t>(outcome));
        const std::size_t size = std::get<std::size_t>(outcome);
        if (size == 0) {
            break;
        }
        all.append(reinterpret_cast<const char*>(block.data()), size);
    }
    BOOST_TEST((all == body));
}

BOOST_AUTO_TEST_CASE(streams_can_be_left_and_outlive_their_transport)
{
    const std::string body = test::noise(8u << 20);
    ScriptServer server([&](const Asked&) {
        return raw("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
    auto transport = std::make_unique<Transport>(quick(), std::stop_token());
    transport->open(get(server)).reset();
    const auto left = transport->open(get(server));
    BOOST_TEST(std::get<ReplyHead>(left->wait_head()).status == 200);
    transport.reset();
    std::vector<std::byte> block(1u << 20);
    for (;;) { // what had come is still there; then the failure, and no hang
        const auto outcome = left->read(block);
        if (const Failure* const failure = std::get_if<Failure>(&outcome)) {
            BOOST_TEST((failure->kind == FailureKind::cancelled));
            break;
        }
        BOOST_REQUIRE(std::get<std::size_t>(outcome) > 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()

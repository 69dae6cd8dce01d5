// SPDX-License-Identifier: Apache-2.0
// The HTTP layer over a raw socket: what a broken, slow or hostile client gets.
#include "localhub/http.hpp"

#include "wire.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>

using namespace skw::localhub;
using skw::localhub::test::parse_answer;
using skw::localhub::test::Wire;
using namespace std::chrono_literals;

namespace {

// Answers with method, target and the length of the body it read.
HttpReply echo(HttpRequest& request)
{
    std::array<std::byte, 4096> block{};
    std::size_t size = 0;
    while (const std::size_t got = request.body->read(block)) {
        size += got;
    }
    HttpReply reply;
    reply.text = request.method + " " + request.target + " " + std::to_string(size);
    return reply;
}

HttpReply refuse(HttpRequest&)
{
    HttpReply reply;
    reply.status = 403;
    reply.text = "no";
    return reply;
}

struct Listening {
    explicit Listening(HttpHandler handler = echo, HttpLimits limits = {})
        : listener("127.0.0.1", 0, std::move(handler), limits)
    {
    }
    std::string tell(std::string_view bytes) const
    {
        const Wire wire(listener.port());
        wire.send(bytes);
        return wire.read_all();
    }
    HttpListener listener;
};

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_http)

BOOST_AUTO_TEST_CASE(a_request_that_comes_byte_by_byte_is_read_whole)
{
    const Listening server;
    const Wire wire(server.listener.port());
    for (const char c :
         std::string_view("PUT /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n"
                          "\r\nhello")) {
        wire.send(std::string_view(&c, 1));
    }
    BOOST_TEST(parse_answer(wire.read_all()).body == "PUT /a?b=c 5");
}

BOOST_AUTO_TEST_CASE(one_connection_serves_several_requests)
{
    const Listening server;
    const std::string text = server.tell("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n"
                                         "Connection: close\r\n\r\n");
    BOOST_TEST(text.find("GET /1 0") != std::string::npos);
    BOOST_TEST(text.find("GET /2 0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_chunked_body_is_read)
{
    const Listening server;
    const auto answer =
        parse_answer(server.tell("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                                 "Connection: close\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"));
    BOOST_TEST(answer.body == "POST / 7");
}

BOOST_AUTO_TEST_CASE(what_is_not_http_gets_400)
{
    const Listening server;
    for (const char* text :
         {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
        BOOST_TEST(parse_answer(server.tell(text)).status == 400, text);
    }
}

BOOST_AUTO_TEST_CASE(a_header_without_end_gets_431)
{
    const Listening server;
    const auto answer = parse_answer(server.tell("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x')));
    BOOST_TEST(answer.status == 431);
}

BOOST_AUTO_TEST_CASE(a_header_that_stops_coming_gets_408)
{
    const Listening server(echo, {.header_time = 20ms});
    BOOST_TEST(parse_answer(server.tell("GET / HTTP/1.1\r\nHost:")).status == 408);
}

BOOST_AUTO_TEST_CASE(a_body_that_stops_coming_ends_the_connection_without_an_answer)
{
    const Listening server(echo, {.idle = 20ms});
    BOOST_TEST(server.tell("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel") == "");
}

BOOST_AUTO_TEST_CASE(a_connection_that_says_nothing_is_closed)
{
    const Listening server(echo, {.keep_alive = 20ms});
    BOOST_TEST(server.tell("") == "");
}

BOOST_AUTO_TEST_CASE(a_head_reply_has_the_length_and_no_body)
{
    const Listening server;
    const auto answer = parse_answer(server.tell("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    BOOST_TEST(answer.header("content-length") == "8");
    BOOST_TEST(answer.body == "");
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_100_continue_gets_it_before_it_sends)
{
    const Listening server;
    const Wire wire(server.listener.port());
    wire.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: "
              "close\r\n\r\n");
    BOOST_TEST(wire.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send("abc");
    BOOST_TEST(parse_answer(wire.read_all()).body == "PUT / 3");
}

BOOST_AUTO_TEST_CASE(a_refused_body_of_megabytes_still_lets_the_client_read_the_refusal)
{
    const Listening server(refuse);
    const std::string body(8u << 20, 'x');
    const auto answer = parse_answer(server.tell(
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
    BOOST_TEST(answer.status == 403);
    BOOST_TEST(answer.header("connection") == "close");
}

BOOST_AUTO_TEST_CASE(one_connection_too_many_gets_503)
{
    const Listening server(echo, {.connections = 1});
    const Wire first(server.listener.port());
    first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    first.read_until("GET / 0");
    BOOST_TEST(parse_answer(server.tell("")).status == 503);
}

BOOST_AUTO_TEST_CASE(a_line_break_in_a_value_makes_no_second_header)
{
    const Listening server([](HttpRequest&) {
        HttpReply reply;
        reply.add("X-Name", "a\r\nX-Evil: b");
        return reply;
    });
    const auto answer = parse_answer(server.tell("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    BOOST_TEST(answer.header("x-evil") == "");
    BOOST_TEST(answer.header("x-name") == "a__X-Evil: b");
}

BOOST_AUTO_TEST_CASE(a_server_ends_while_clients_are_connected_and_replies_hang)
{
    std::atomic<bool> asked{false};
    auto server = std::make_unique<Listening>([&](HttpRequest&) {
        HttpReply reply;
        reply.delivery.wait = 1h;
        asked = true;
        return reply;
    });
    const Wire idle(server->listener.port());
    const Wire hung(server->listener.port());
    hung.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!asked) {
        std::this_thread::yield();
    }
    server.reset(); // returns
    BOOST_TEST(idle.read_all() == "");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Each fault does to the reply what its name says, to as many requests as were asked for.
#include "localhub/faults.hpp"

#include "support/error.hpp"
#include "wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::localhub;
using namespace skw::localhub::test;

namespace {

struct FaultyHub : RunningHub {
    FaultyHub() { commit(file_line("a.txt", content)); }
    Answer with(const std::string& name, std::uint64_t number = 0, const std::string& headers = {})
    {
        server.ask_fault({.method = "GET", .path_part = "a.txt", .name = name, .number = number});
        return get("/acme/model/resolve/main/a.txt", headers);
    }
    const std::string content = std::string(3000, 'a') + std::string(3000, 'b');
};

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_faults)

BOOST_AUTO_TEST_CASE(a_fault_is_read_from_its_text)
{
    const Fault fault = parse_fault("GET:/resolve/:status-503=7@2x3");
    BOOST_TEST(fault.method == "GET");
    BOOST_TEST(fault.path_part == "/resolve/");
    BOOST_TEST(fault.name == "status-503");
    BOOST_TEST(fault.number == 7u);
    BOOST_TEST(fault.after == 2);
    BOOST_TEST(fault.times == 3);
    BOOST_TEST(parse_fault("::cut").name == "cut");
    BOOST_TEST(parse_fault("PUT:http://x:1/a:cutx0").times == 0);
    BOOST_CHECK_THROW(parse_fault("GET:cut"), skw::UsageError);
    Faults faults;
    for (const char* name : {"", "status-", "status-NNN", "status-099", "status-600", "statu-503", "cat"}) {
        BOOST_CHECK_THROW(faults.add({.method = {}, .path_part = {}, .name = name}), skw::UsageError);
    }
    BOOST_CHECK_THROW(faults.add({.method = {}, .path_part = {}, .name = "redirect-other-host"}),
                      skw::UsageError);
}

BOOST_AUTO_TEST_CASE(a_fault_strikes_the_matching_requests_it_was_asked_for)
{
    Faults faults;
    faults.add({.method = "GET", .path_part = "/a", .name = "cut", .times = 2, .number = 0, .after = 1});
    BOOST_TEST(!faults.strike("GET", "/b"));
    BOOST_TEST(!faults.strike("PUT", "/a"));
    BOOST_TEST(!faults.strike("GET", "/a"));
    BOOST_TEST(faults.strike("GET", "/a").has_value());
    BOOST_TEST(faults.strike("GET", "/a?x").has_value());
    BOOST_TEST(!faults.strike("GET", "/a"));
    faults.add({.method = "", .path_part = "", .name = "cut", .times = 0});
    for (int i = 0; i < 5; ++i) {
        BOOST_TEST(faults.strike("PUT", "/").has_value());
    }
}

BOOST_FIXTURE_TEST_CASE(statuses_come_with_the_header_that_tells_when_to_return, FaultyHub)
{
    BOOST_TEST(with("status-503").status == 503);
    const Answer retry = with("status-429", 7);
    BOOST_TEST(retry.status == 429);
    BOOST_TEST(retry.header("retry-after") == "7");
    const Answer limited = with("status-429-ratelimit", 9);
    BOOST_TEST(limited.status == 429);
    BOOST_TEST(limited.header("ratelimit") == "\"api\";r=0;t=9");
    BOOST_TEST(with("conflict-409").status == 409);
    BOOST_TEST(with("moved-412").status == 412);
    BOOST_TEST(with("expired-url").status == 403);
    BOOST_TEST(get("/acme/model/resolve/main/a.txt").body == content);
}

BOOST_FIXTURE_TEST_CASE(a_cut_reply_announces_all_and_brings_less, FaultyHub)
{
    const Answer answer = with("cut", 100);
    BOOST_TEST(answer.header("content-length") == "6000");
    BOOST_TEST(answer.body == content.substr(0, 100));
}

BOOST_FIXTURE_TEST_CASE(spoiled_bodies_differ_as_their_fault_says, FaultyHub)
{
    const std::string range = "Range: bytes=10-19\r\n";
    BOOST_TEST(with("ignore-range", 0, range).body == content);
    const Answer wrong = with("wrong-range", 0, range);
    BOOST_TEST(wrong.status == 206);
    BOOST_TEST(wrong.header("content-range") == "bytes 1-10/17");
    const Answer shorter = with("short-body", 4);
    BOOST_TEST(shorter.header("content-length") == "5996");
    BOOST_TEST(shorter.body == content.substr(0, 5996));
    std::string flipped = content;
    flipped[5] ^= 1;
    BOOST_TEST(with("corrupt", 5).body == flipped);
    BOOST_TEST(with("wrong-etag").header("x-linked-etag") == '"' + std::string(40, '0') + '"');
    BOOST_TEST(with("slow", 1).body == content);
}

BOOST_FIXTURE_TEST_CASE(a_dropped_reply_may_come_after_the_work, FaultyHub)
{
    const std::string before = head();
    server.ask_fault({.method = "POST", .path_part = "/commit/", .name = "apply-then-drop"});
    BOOST_TEST(commit(file_line("b", "b")).status == 0);
    const std::string after = head();
    BOOST_TEST(after != before);
    server.ask_fault({.method = "POST", .path_part = "/commit/", .name = "apply-then-504"});
    BOOST_TEST(commit(file_line("c", "c")).status == 504);
    BOOST_TEST(head() != after);
    const std::string last = head();
    server.ask_fault({.method = "POST", .path_part = "/commit/", .name = "drop"});
    BOOST_TEST(commit(file_line("d", "d")).status == 0);
    BOOST_TEST(head() == last);
}

BOOST_FIXTURE_TEST_CASE(hostile_replies_are_hostile, FaultyHub)
{
    BOOST_TEST(with("big-json", 100'000).body.size() == 100'000u + 14);
    BOOST_TEST(with("deep-json", 500).body == std::string(500, '[') + std::string(500, ']'));
    BOOST_TEST(with("many-headers", 300).headers.size() > 300u);
}

BOOST_FIXTURE_TEST_CASE(redirects_go_where_they_were_asked_to, FaultyHub)
{
    BOOST_TEST(with("redirect-other-host", 8099).header("location") ==
               "http://127.0.0.1:8099/acme/model/resolve/main/a.txt");
    const Answer relative = with("relative-redirect");
    BOOST_TEST(relative.status == 307);
    BOOST_TEST(relative.header("x-linked-size") == "6000");
    BOOST_TEST(relative.header("location")
                   .starts_with("/api/resolve-cache/models/acme/model/" + head() + "/a.txt?"));
    BOOST_TEST(get(relative.header("location")).body == content);
}

BOOST_FIXTURE_TEST_CASE(a_hanging_reply_ends_with_the_server, FaultyHub)
{
    server.ask_fault({.method = "", .path_part = "a.txt", .name = "hang"});
    const Wire wire(split(server.endpoint()).first);
    wire.send("GET /acme/model/resolve/main/a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
    while (server.requests().back().status != 504) { // it is recorded before it waits
    }
}

BOOST_AUTO_TEST_SUITE_END()

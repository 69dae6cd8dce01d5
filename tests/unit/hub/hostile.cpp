// SPDX-License-Identifier: Apache-2.0
// Replies meant to hurt: each ends in an Error with a place, in bounded time and memory.
#include "hub/client.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::Answer;
using test::Asked;
using test::fails_with;
using test::ok_json;
using test::ScriptServer;

namespace {

const RepoId repo = *RepoId::parse("acme/x");
const CommitId commit = *CommitId::parse(std::string(40, 'a'));

Answer raw(std::string bytes)
{
    Answer answer;
    answer.bytes = std::move(bytes);
    answer.close = true;
    return answer;
}

// What read_repo, or else read_tree, makes of this reply.
bool info_fails(const Answer& answer, ErrorCode code, const std::string& text)
{
    ScriptServer server([&](const Asked&) { return answer; });
    Settings settings = test::quick_settings(server.endpoint());
    settings.attempts = 2;
    Client client(settings, {});
    return fails_with(code, text, [&] { client.read_repo(repo); });
}

bool tree_fails(const std::string& page, const std::string& text)
{
    ScriptServer server([&](const Asked&) { return ok_json(page); });
    Client client(test::quick_settings(server.endpoint()), {});
    return fails_with(ErrorCode::bad_input, text, [&] { client.read_tree(repo, commit); });
}

std::string file_entry(const std::string& path, const std::string& more = {})
{
    return R"({"type":"file","oid":")" + std::string(40, '1') + R"(","size":1,"path":")" + path + "\"" +
           more + "}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_hostile)

BOOST_AUTO_TEST_CASE(what_is_not_http_is_refused)
{
    for (const std::string bytes : {"220 smtp.example ESMTP\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
                                    "\x16\x03\x01\x02", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                                    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                                    "HTTP/1.1 200 OK\r\nX-A\x01: b\r\n\r\n"}) {
        BOOST_TEST(info_fails(raw(bytes + std::string(100, '\n')), ErrorCode::bad_input, "not valid HTTP"),
                   bytes);
    }
}

BOOST_AUTO_TEST_CASE(headers_are_bounded_in_size_and_number)
{
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 300; ++i) {
        many += "X-" + std::to_string(i) + ": y\r\n";
    }
    BOOST_TEST(info_fails(raw(many + "\r\n"), ErrorCode::bad_input, "too many headers"));
    BOOST_TEST(info_fails(raw("HTTP/1.1 200 OK\r\nX-A: " + std::string(70'000, 'x') + "\r\n\r\n"),
                          ErrorCode::bad_input, "acme/x@main"));
    Answer endless;
    endless.bytes = "HTTP/1.1 200 OK\r\n";
    endless.endless = "X-A: b\r\n";
    BOOST_TEST(info_fails(endless, ErrorCode::bad_input, "acme/x@main"));
    Answer interim;
    interim.endless = "HTTP/1.1 102 Processing\r\n\r\n";
    BOOST_TEST(info_fails(interim, ErrorCode::bad_input, "too many interim replies"));
}

BOOST_AUTO_TEST_CASE(bodies_are_bounded)
{
    Answer endless;
    endless.bytes = "HTTP/1.1 200 OK\r\n\r\n";
    endless.endless = std::string(60'000, ' ');
    BOOST_TEST(info_fails(endless, ErrorCode::bad_input, "larger than"));
    endless.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    endless.endless = "ea60\r\n" + std::string(60'000, ' ') + "\r\n";
    BOOST_TEST(info_fails(endless, ErrorCode::bad_input, "larger than"));
    endless.endless = "1;" + std::string(60'000, 'x'); // a chunk header without an end
    BOOST_TEST(info_fails(endless, ErrorCode::bad_input, "acme/x@main"));
    BOOST_TEST(info_fails(raw("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n"),
                          ErrorCode::bad_input, "larger than"));
}

BOOST_AUTO_TEST_CASE(json_of_wrong_shape_is_refused_with_its_place)
{
    const std::string deep = std::string(100'000, '[');
    const std::string sha(40, 'a');
    BOOST_TEST(info_fails(ok_json(deep), ErrorCode::bad_input, "acme/x@main"));
    BOOST_TEST(info_fails(ok_json(""), ErrorCode::bad_input, "acme/x@main"));
    BOOST_TEST(info_fails(ok_json("[]"), ErrorCode::bad_input, "must be an object"));
    BOOST_TEST(info_fails(ok_json("{\"id\":\"acme/x\"}"), ErrorCode::bad_input, "/sha"));
    BOOST_TEST(info_fails(ok_json("{\"id\":7,\"sha\":\"" + sha + "\"}"), ErrorCode::bad_input, "/id"));
    BOOST_TEST(
        info_fails(ok_json("{\"id\":\"../..\",\"sha\":\"" + sha + "\"}"), ErrorCode::bad_input, "/id"));
    BOOST_TEST(
        info_fails(ok_json("{\"id\":\"acme/x\",\"sha\":\"main\"}"), ErrorCode::bad_input, "not a commit id"));
    BOOST_TEST(info_fails(ok_json("{\"id\":\"acme/x\",\"sha\":\"" + sha + "\",\"cardData\":[]}"),
                          ErrorCode::bad_input, "/cardData"));
    BOOST_TEST(info_fails(ok_json("{\"id\":\"acme/x\",\"id\":\"acme/y\",\"sha\":\"" + sha + "\"}"),
                          ErrorCode::bad_input, "twice"));
    BOOST_TEST(info_fails(ok_json("\xff\xfe"), ErrorCode::bad_input, "UTF-8"));
}

BOOST_AUTO_TEST_CASE(a_listing_with_odd_entries_is_refused)
{
    BOOST_TEST(tree_fails("{}", "not a list"));
    BOOST_TEST(tree_fails("[" + file_entry("../../etc/passwd") + "]", "../../etc/passwd"));
    BOOST_TEST(tree_fails("[" + file_entry("/abs") + "]", "/abs"));
    BOOST_TEST(tree_fails("[" + file_entry("a\\u001b[2J") + "]", "\\x1b"));
    BOOST_TEST(tree_fails("[" + file_entry("a") + "," + file_entry("a") + "]", "listed twice"));
    BOOST_TEST(tree_fails(R"([{"type":"link","path":"a"}])", "neither file nor directory"));
    BOOST_TEST(tree_fails(R"([{"type":"file","oid":"x","size":1,"path":"a"}])", "/0/oid"));
    BOOST_TEST(tree_fails(R"([{"type":"file","size":-1,"path":"a"}])", "/0/size"));
    BOOST_TEST(tree_fails(R"([{"type":"file","size":1e3,"path":"a"}])", "/0/size"));
    BOOST_TEST(tree_fails("[7]", "must be an object"));
    BOOST_TEST(tree_fails("[" + file_entry("a", R"(,"lfs":{"oid":"short","size":1})") + "]", "SHA-256"));
    BOOST_TEST(tree_fails(
        "[" + file_entry("a", ",\"lfs\":{\"oid\":\"" + std::string(64, 'b') + "\",\"size\":2}") + "]",
        "differs"));
}

BOOST_AUTO_TEST_CASE(pages_stay_on_the_endpoint_and_do_not_go_in_circles)
{
    ScriptServer evil([](const Asked&) { return ok_json("[]"); });
    const auto listing_with = [&](const std::string& link, const std::string& text) {
        ScriptServer server(
            [&](const Asked&) { return ok_json("[]", "Link: <" + link + ">; rel=\"next\"\r\n"); });
        Client client(test::quick_settings(server.endpoint()), {});
        return fails_with(ErrorCode::bad_input, text, [&] { client.read_tree(repo, commit); });
    };
    BOOST_TEST(listing_with(evil.endpoint() + "/api/models/acme/x/tree/y", "another host"));
    BOOST_TEST(listing_with("https://127.0.0.1/api", "another host"));
    BOOST_TEST(listing_with("ftp://127.0.0.1/api", "another host"));
    BOOST_TEST(listing_with("/api/next", "circle"));
    BOOST_TEST(evil.asked().empty());
    // Always another page, never a file.
    ScriptServer endless([](const Asked& asked) {
        return ok_json("[]", "Link: </p" + std::to_string(asked.number) + ">; rel=\"next\"\r\n");
    });
    Client client(test::quick_settings(endless.endpoint()), {});
    BOOST_TEST(
        fails_with(ErrorCode::bad_input, "more than 2000 pages", [&] { client.read_tree(repo, commit); }));
}

BOOST_AUTO_TEST_CASE(redirects_of_api_calls_stay_on_the_endpoint_and_end)
{
    ScriptServer evil([](const Asked&) { return ok_json("{}"); });
    const auto redirected_to = [&](const std::string& location) {
        return raw("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location +
                   "\r\nContent-Length: 0\r\n\r\n");
    };
    BOOST_TEST(info_fails(redirected_to(evil.endpoint() + "/x"), ErrorCode::bad_input, "redirect"));
    BOOST_TEST(info_fails(redirected_to("/api/models/again"), ErrorCode::bad_input, "redirect"));
    BOOST_TEST(evil.asked().empty());
}

BOOST_AUTO_TEST_SUITE_END()

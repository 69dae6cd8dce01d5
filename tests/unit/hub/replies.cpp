// SPDX-License-Identifier: Apache-2.0
// Errors made of replies: the order of what counts, the forms of bodies, and nothing raw inside.
#include "hub/replies.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;

namespace {

Reply reply(int status, std::string body, std::vector<Header> headers = {})
{
    Reply out;
    out.status = status;
    out.body = std::move(body);
    out.headers = std::move(headers);
    return out;
}

bool says(const Error& error, const std::string& text)
{
    return (std::string(error.what()) + " " + std::string(error.hint())).find(text) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_replies)

BOOST_AUTO_TEST_CASE(the_message_is_found_in_every_known_form)
{
    BOOST_TEST(message_of(reply(400, R"({"error":"one"})")) == "one");
    BOOST_TEST(message_of(reply(400, R"({"error":["one","two"]})")) == "one; two");
    BOOST_TEST(message_of(reply(400, R"({"errors":[{"message":"a"},{"message":"b"}]})")) == "a; b");
    BOOST_TEST(message_of(reply(400, R"({"message":"m"})")) == "m");
    BOOST_TEST(message_of(reply(400, R"({"error_description":"d"})")) == "d");
    BOOST_TEST(message_of(reply(400, "plain words")) == "plain words");
    BOOST_TEST(message_of(reply(400, "<html>page</html>")) == "");
    BOOST_TEST(message_of(reply(400, R"({"error":"body"})", {{"X-Error-Message", "header"}})) == "header");
    BOOST_TEST(message_of(reply(400, R"({"error":{"deep":[1]}})")) == "");
}

BOOST_AUTO_TEST_CASE(the_code_counts_before_the_message_and_that_before_the_status)
{
    const auto code = [](const Reply& r) { return reply_error(r, "p", true, "").code(); };
    BOOST_TEST((code(reply(401, "", {{"x-error-code", "RepoNotFound"}})) == ErrorCode::not_found));
    BOOST_TEST((code(reply(401, "", {{"X-Error-Code", "GatedRepo"}})) == ErrorCode::not_authorised));
    BOOST_TEST((code(reply(404, "", {{"X-Error-Code", "EntryNotFound"}})) == ErrorCode::not_found));
    BOOST_TEST(
        says(reply_error(reply(403, R"({"error":"Access to this resource is disabled."})"), "p", true, ""),
             "has disabled this repo"));
    BOOST_TEST((code(reply(409, "")) == ErrorCode::conflict));
    BOOST_TEST((code(reply(412, "")) == ErrorCode::conflict));
    BOOST_TEST((code(reply(429, "")) == ErrorCode::network));
    BOOST_TEST((code(reply(503, "")) == ErrorCode::network));
    BOOST_TEST((code(reply(422, "")) == ErrorCode::bad_input));
    BOOST_TEST((code(reply(302, "")) == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_CASE(an_error_says_what_to_do_next)
{
    BOOST_TEST(says(reply_error(reply(401, ""), "p", true, ""), "check HF_TOKEN"));
    BOOST_TEST(says(reply_error(reply(401, ""), "p", false, ""), "set HF_TOKEN"));
    BOOST_TEST(says(reply_error(reply(403, ""), "p", true, ""), "write access"));
    BOOST_TEST(
        says(reply_error(reply(403, "", {{"X-Error-Code", "GatedRepo"}}), "p", true, "https://hub/a/b"),
             "ask for access at https://hub/a/b"));
    BOOST_TEST(
        says(reply_error(reply(500, "", {{"X-Request-Id", "Root=1-2"}}), "p", true, ""), "request Root=1-2"));
}

BOOST_AUTO_TEST_CASE(what_a_server_wrote_comes_out_printable_and_redacted)
{
    const Error error = reply_error(reply(400,
                                          "{\"error\":\"\\u001b[31mred hf_abcdefghijklmnopqrstuvwxyzABCDEFGH "
                                          "https://x/y?Signature=top\\nsecond\"}",
                                          {{"X-Request-Id", "a\tb"}}),
                                    "p", true, "");
    const std::string text = error.what();
    for (const char* bad : {"\x1b", "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "Signature", "\n", "\t"}) {
        BOOST_TEST(text.find(bad) == std::string::npos, bad);
    }
    BOOST_TEST(message_of(reply(400, "", {{"X-Error-Message", std::string(60'000, 'x')}})).size() < 500u);
}

BOOST_AUTO_TEST_CASE(a_store_that_refuses_is_no_matter_of_the_token)
{
    const Error expired = store_error(reply(403, "<Error>AccessDenied</Error>"), "p");
    BOOST_TEST((expired.code() == ErrorCode::network));
    BOOST_TEST(!says(expired, "token"));
    BOOST_TEST((store_error(reply(400, ""), "p").code() == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_CASE(the_next_page_is_found_in_a_link_header)
{
    const auto next = [](std::string value) {
        return next_link(reply(200, "", {{"link", std::move(value)}}));
    };
    BOOST_TEST(next("<https://h/a?cursor=x,y>; rel=\"next\"") == "https://h/a?cursor=x,y");
    BOOST_TEST(next("<https://h/p>; rel=\"prev\", <https://h/n>; rel=\"next\"") == "https://h/n");
    BOOST_TEST(next("<https://h/n>; rel=\"next\", <https://h/p>; rel=\"prev\"") == "https://h/n");
    BOOST_TEST(next("<https://h/p>; rel=\"prev\"") == "");
    for (const char* odd : {"", "<", "<>", "https://h; rel=\"next\"", "<https://h"}) {
        BOOST_TEST(next(odd) == "", odd);
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Whether a Hub answers, what its clock says, and a collection by its slug.
#include "hub/standing.hpp"

#include "fixture.hpp"
#include "hub/judge.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::Asked;
using test::ScriptServer;

BOOST_AUTO_TEST_SUITE(hub_reach)

BOOST_FIXTURE_TEST_CASE(a_hub_answers_with_a_list_and_its_time, test::LocalHub)
{
    const Reachability answer = client->reach();
    BOOST_TEST(answer.is_hub);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST_REQUIRE(answer.date.has_value());
    BOOST_TEST((*answer.date <= answer.answered));
    BOOST_TEST(server->requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_question_carries_no_token_and_is_asked_once)
{
    ScriptServer hub([](const Asked&) {
        test::Answer busy;
        busy.bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
        return busy;
    });
    Client client(test::quick_settings(hub.endpoint()), {});
    const Reachability answer = client.reach();
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(!answer.is_hub);
    BOOST_TEST((answer.date == parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")));
    BOOST_TEST_REQUIRE(hub.asked().size() == 1u);
    BOOST_TEST(hub.asked().front().head.find("Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_page_and_an_object_are_no_hub_and_an_odd_date_is_none)
{
    for (const char* body : {"<html>sign in</html>", "{}", "[", ""}) {
        ScriptServer hub([&](const Asked&) { return test::ok_json(body, "Date: yesterday\r\n"); });
        Client client(test::quick_settings(hub.endpoint()), {});
        const Reachability answer = client.reach();
        BOOST_TEST(!answer.is_hub, body);
        BOOST_TEST(!answer.date.has_value());
    }
}

BOOST_AUTO_TEST_CASE(no_answer_is_an_error_and_is_not_tried_again)
{
    ScriptServer hub([](const Asked&) {
        test::Answer none;
        none.close = true;
        return none;
    });
    Client client(test::quick_settings(hub.endpoint()), {});
    const auto error = test::error_of([&] { client.reach(); });
    BOOST_TEST_REQUIRE(error.has_value());
    BOOST_TEST((error->code() == ErrorCode::network));
    BOOST_TEST(hub.asked().size() <= 2u); // the silent second one on a fresh connection at most
}

BOOST_FIXTURE_TEST_CASE(a_collection_is_found_by_its_slug_or_is_not_there, test::LocalHub)
{
    const Collection made = client->create_collection("acme", "Vindexes");
    BOOST_TEST(client->find_collection(made.slug)->title == "Vindexes");
    BOOST_TEST(!client->find_collection("acme/none-0123456789abcdef01234567"));
    BOOST_TEST(test::fails_with(ErrorCode::bad_argument, "is not a collection's slug",
                                [&] { client->find_collection("no slug"); }));
}

BOOST_AUTO_TEST_SUITE_END()

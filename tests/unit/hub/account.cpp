// SPDX-License-Identifier: Apache-2.0
// For whom the token's account may write, as far as the Hub tells.
#include "hub/account.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::fails_with;

namespace {

std::string whoami(const std::string& role,
                   const std::string& orgs = R"(,"orgs":[)"
                                             R"({"name":"acme","roleInOrg":"write"},)"
                                             R"({"name":"museum","roleInOrg":"read"},)"
                                             R"({"name":"club"}])",
                   const std::string& type = "user", const std::string& login = "access_token")
{
    return R"({"type":")" + type + R"(","name":"alice")" + orgs + R"(,"auth":{"type":")" + login +
           R"(","accessToken":{"role":")" + role + "\"}}}";
}

// What check_create says; "" = allowed.
std::string check(const std::string& reply, const std::string& owner)
{
    test::ScriptServer hub([&](const test::Asked&) { return test::ok_json(reply); });
    Client client(test::quick_settings(hub.endpoint()), {});
    const auto error = test::error_of([&] { client.check_create(owner); });
    BOOST_TEST((!error || error->code() == ErrorCode::not_authorised));
    return error ? std::string(error->what()) : "";
}

bool says(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_account)

BOOST_AUTO_TEST_CASE(a_token_makes_repos_for_its_account_and_its_organisations)
{
    for (const char* owner : {"alice", "Alice", "acme", "ACME", "club"}) {
        BOOST_TEST(check(whoami("write"), owner) == "", owner);
    }
    BOOST_TEST(says(check(whoami("write"), "mallory"), "neither this owner"));
    BOOST_TEST(says(check(whoami("write"), "museum"), "may only read there"));
    BOOST_TEST(says(check(whoami("read"), "alice"), "may only read"));
}

BOOST_AUTO_TEST_CASE(what_the_reply_does_not_tell_counts_as_allowed)
{
    for (const std::string& reply :
         {whoami("fineGrained"), whoami("write", ""), whoami("write", R"(,"orgs":null)"),
          whoami("write", R"(,"orgs":[])", "app"), whoami("", R"(,"orgs":[])", "user", "oauth")}) {
        BOOST_TEST(check(reply, "mallory") == "", reply);
    }
    BOOST_TEST(says(check(R"({"type":"user","name":"alice","orgs":[]})", "mallory"), "neither this owner"));
}

BOOST_AUTO_TEST_CASE(the_account_is_asked_for_once)
{
    test::ScriptServer hub([&](const test::Asked&) { return test::ok_json(whoami("write")); });
    Client client(test::quick_settings(hub.endpoint()), {});
    client.check_create("alice");
    BOOST_TEST(client.read_account() == "alice");
    client.check_create("acme");
    BOOST_TEST(hub.asked().size() == 1u);
    BOOST_TEST(hub.asked()[0].target == "/api/whoami-v2");
}

BOOST_AUTO_TEST_CASE(a_mirror_without_the_route_allows_and_a_wrong_token_does_not)
{
    std::string bytes;
    test::ScriptServer hub([&](const test::Asked&) {
        test::Answer answer;
        answer.bytes = bytes;
        return answer;
    });
    Client client(test::quick_settings(hub.endpoint()), {});
    bytes = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    BOOST_TEST(fails_with(ErrorCode::not_authorised, "HF_TOKEN", [&] { client.check_create("alice"); }));
    bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    client.check_create("mallory");
    BOOST_TEST(fails_with(ErrorCode::not_found, "does not tell", [&] { client.read_account(); }));
    BOOST_TEST(hub.asked().size() == 2u); // the refusal was not kept, the missing route was
}

BOOST_AUTO_TEST_CASE(odd_replies_are_faults)
{
    test::ScriptServer hub([&](const test::Asked&) { return test::ok_json(R"({"name":7,"orgs":"x"})"); });
    Client client(test::quick_settings(hub.endpoint()), {});
    BOOST_TEST(fails_with(ErrorCode::bad_input, "name", [&] { client.read_account(); }));
}

BOOST_AUTO_TEST_CASE(a_repo_is_made_public_after_it_was_private)
{
    test::LocalHub hub;
    hub.client->create_repo(hub.repo, true);
    BOOST_TEST(hub.client->read_repo(hub.repo).is_private);
    hub.client->set_private(hub.repo, false);
    BOOST_TEST(!hub.client->read_repo(hub.repo).is_private);
    hub.client->set_private(hub.repo, true);
    BOOST_TEST(hub.client->read_repo(hub.repo).is_private);
    BOOST_TEST(fails_with(ErrorCode::not_found, "no such repo",
                          [&] { hub.client->set_private(*RepoId::parse("acme/none"), true); }));
}

BOOST_AUTO_TEST_SUITE_END()

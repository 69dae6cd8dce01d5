// SPDX-License-Identifier: Apache-2.0
// Collections by title, once each.
#include "hub/client.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::fails_with;

BOOST_FIXTURE_TEST_SUITE(hub_collections, test::LocalHub)

BOOST_AUTO_TEST_CASE(a_collection_is_made_once_and_found_by_its_exact_title)
{
    BOOST_TEST(!client->find_collection("acme", "MTP Sidecars"));
    const Collection made = client->create_collection("acme", "MTP Sidecars");
    BOOST_TEST(made.title == "MTP Sidecars");
    BOOST_TEST(made.slug.starts_with("acme/mtp-sidecars-"));
    BOOST_TEST(client->create_collection("acme", "MTP Sidecars").slug == made.slug); // a 409 inside
    BOOST_TEST(client->find_collection("acme", "MTP Sidecars")->slug == made.slug);
    BOOST_TEST(!client->find_collection("acme", "MTP sidecars"));
    BOOST_TEST(!client->find_collection("other", "MTP Sidecars"));
}

BOOST_AUTO_TEST_CASE(a_repo_is_filed_once)
{
    client->create_repo(repo);
    const std::string slug = client->create_collection("acme", "A list").slug;
    BOOST_TEST(client->add_to_collection(slug, repo));
    BOOST_TEST(!client->add_to_collection(slug, repo));
    BOOST_TEST(fails_with(ErrorCode::not_found, "",
                          [&] { client->add_to_collection(slug, *RepoId::parse("acme/absent")); }));
    BOOST_TEST(
        fails_with(ErrorCode::bad_argument, "slug", [&] { client->add_to_collection("no-slash", repo); }));
}

BOOST_AUTO_TEST_CASE(lost_replies_do_not_make_things_twice)
{
    client->create_repo(repo);
    once("POST", "/api/collections", "apply-then-drop");
    const Collection made = client->create_collection("acme", "One only");
    once("POST", "/items", "apply-then-drop");
    client->add_to_collection(made.slug, repo);
    BOOST_TEST(!client->add_to_collection(made.slug, repo));
    BOOST_TEST(client->find_collection("acme", "One only")->slug == made.slug);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hub_collections_on_a_script)

BOOST_AUTO_TEST_CASE(the_title_is_looked_for_on_every_page_and_only_with_this_owner)
{
    const auto entry = [](const std::string& slug, const std::string& title) {
        return R"({"slug":")" + slug + R"(","title":")" + title + R"(","items":[]})";
    };
    test::ScriptServer hub([&](const test::Asked& asked) {
        if (asked.number == 0) {
            return test::ok_json(
                "[" + entry("evil/x-1", "Mine") + "," + entry("acme/y-2", "Other") + "]",
                "Link: <https://huggingface.co/api/collections?owner=acme&cursor=2>; rel=\"next\"\r\n");
        }
        return test::ok_json("[" + entry("acme/mine-3", "Mine") + "]");
    });
    Client client(test::quick_settings(hub.endpoint()), {});
    BOOST_TEST(client.find_collection("acme", "Mine")->slug == "acme/mine-3");
    BOOST_TEST(hub.asked().at(1).target == "/api/collections?owner=acme&cursor=2"); // moved to our endpoint
}

BOOST_AUTO_TEST_CASE(odd_slugs_are_refused)
{
    for (const char* slug :
         {"", "acme", "acme/", "/x", "acme/a/b", "acme/a b", "acme/..?x", "acme/\\u001b"}) {
        test::ScriptServer hub([&](const test::Asked&) {
            return test::ok_json(std::string(R"([{"slug":")") + slug + R"(","title":"t"}])");
        });
        Client client(test::quick_settings(hub.endpoint()), {});
        BOOST_TEST(fails_with(ErrorCode::bad_input, "slug", [&] { client.find_collection("acme", "t"); }),
                   slug);
    }
}

BOOST_AUTO_TEST_SUITE_END()

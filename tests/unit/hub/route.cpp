// SPDX-License-Identifier: Apache-2.0
// What a doctor shows of proxy and certificates.
#include "hub/route.hpp"

#include "fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;

BOOST_AUTO_TEST_SUITE(hub_route)

BOOST_AUTO_TEST_CASE(a_proxy_is_shown_without_its_user_and_password)
{
    Settings settings;
    BOOST_TEST(find_route(settings).proxy == "");
    settings.proxy = "http://alice:verysecretword@proxy.example:3128";
    Route route = find_route(settings);
    BOOST_TEST(route.proxy == "http://proxy.example:3128");
    BOOST_TEST(route.proxy_login);
    BOOST_TEST(!route.exempt);
    settings.no_proxy = "huggingface.co";
    BOOST_TEST(find_route(settings).exempt);
    settings.proxy = "http://[::1]:8080";
    route = find_route(settings);
    BOOST_TEST(route.proxy == "http://[::1]:8080");
    BOOST_TEST(!route.proxy_login);
}

BOOST_AUTO_TEST_CASE(certificates_that_cannot_be_used_are_told_before_a_connection_fails)
{
    const TempFolder folder;
    Settings settings;
    BOOST_TEST(find_route(settings).system_store);
    BOOST_TEST(find_route(settings).secure);
    settings.ca_file = (folder.path() / "none.pem").string();
    BOOST_TEST(!find_route(settings).store_problem.empty());
    write_file_atomically(settings.ca_file, "not a certificate\n");
    const Route route = find_route(settings);
    BOOST_TEST(!route.system_store);
    BOOST_TEST(route.store == settings.ca_file);
    BOOST_TEST(!route.store_problem.empty());
    settings.ca_file.clear();
    settings.ca_folder = (folder.path() / "none").string();
    BOOST_TEST(!find_route(settings).store_problem.empty());
    settings.ca_folder = folder.path().string();
    BOOST_TEST(find_route(settings).store_problem.empty());
    settings.endpoint = "http://127.0.0.1:1";
    BOOST_TEST(!find_route(settings).secure);
}

BOOST_AUTO_TEST_CASE(only_plain_http_to_another_machine_is_clear_text_on_a_network)
{
    for (const char* here : {"http://localhost", "http://LOCALHOST:8080/x", "http://127.0.0.1:1", "http://127.9.9.9",
                             "http://[::1]:8080", "https://hub.example.org"}) {
        BOOST_TEST(!sends_in_clear_text(here), here);
    }
    for (const char* away : {"http://localhost.evil.example", "http://127.0.0.1.evil.example:80",
                             "http://hub.example.org", "http://evil.example/?u=http://localhost", "http://[::2]",
                             "http://128.0.0.1"}) {
        BOOST_TEST(sends_in_clear_text(away), away);
    }
}

BOOST_AUTO_TEST_SUITE_END()

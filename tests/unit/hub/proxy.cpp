// SPDX-License-Identifier: Apache-2.0
// Proxies: their settings, exemptions, the tunnel and the plain way.
#include "hub/proxy.hpp"

#include "fixture.hpp"
#include "script_server.hpp"
#include "support/secrets.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using namespace skw::hub;
using test::Answer;
using test::Asked;
using test::ScriptServer;

BOOST_AUTO_TEST_SUITE(hub_proxy)

BOOST_AUTO_TEST_CASE(a_proxy_setting_is_parsed_and_its_password_is_hidden)
{
    const auto proxy = Proxy::parse("http://al%40ice:se%2Fcretword@p.example:3128");
    BOOST_TEST(proxy->host == "p.example");
    BOOST_TEST(proxy->port == 3128);
    BOOST_TEST(proxy->authorization == "Basic YWxAaWNlOnNlL2NyZXR3b3Jk");
    BOOST_TEST(redact("word se/cretword word").find("cretword") == std::string::npos);
    BOOST_TEST(Proxy::parse("p:8080")->port == 8080);
    BOOST_TEST(Proxy::parse("http://p")->port == 80);
    BOOST_TEST(!Proxy::parse(""));
    for (const char* odd : {"socks5://p", "https://p", "http://p/path", "http://"}) {
        BOOST_TEST(test::fails_with(ErrorCode::bad_argument, "proxy", [&] { Proxy::parse(odd); }), odd);
    }
}

BOOST_AUTO_TEST_CASE(exemptions_match_names_below_and_ports)
{
    const Url hub = *Url::parse("https://hub.example.org/");
    for (const char* list : {"*", "example.org", ".example.org", "*.example.org", "a, hub.example.org ",
                             "EXAMPLE.ORG", "hub.example.org:443"}) {
        BOOST_TEST(is_exempt(hub, list), list);
    }
    for (const char* list : {"", ",", "ample.org", "example.org.evil", "hub.example.org:80", "."}) {
        BOOST_TEST(!is_exempt(hub, list), list);
    }
    BOOST_TEST(is_exempt(*Url::parse("http://[::1]:9/"), "::1"));
    BOOST_TEST(is_exempt(*Url::parse("http://127.0.0.1:9/"), "127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(plain_http_goes_to_the_proxy_with_the_whole_address)
{
    ScriptServer proxy([](const Asked&) { return test::ok_json("[]"); });
    Settings settings = test::quick_settings("http://hub.invalid");
    settings.proxy = "http://user:password9@127.0.0.1:" + std::to_string(proxy.port());
    Client client(settings, {});
    BOOST_TEST(!client.find_collection("acme", "x"));
    BOOST_REQUIRE(proxy.asked().size() == 1u);
    BOOST_TEST(proxy.asked()[0].target == "http://hub.invalid/api/collections?owner=acme&limit=100");
    BOOST_TEST(proxy.asked()[0].head.find("Proxy-Authorization: Basic dXNlcjpwYXNzd29yZDk=") !=
               std::string::npos);
    BOOST_TEST(proxy.asked()[0].head.find("Host: hub.invalid\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_exempt_host_is_reached_directly)
{
    ScriptServer hub([](const Asked&) { return test::ok_json("[]"); });
    Settings settings = test::quick_settings(hub.endpoint());
    settings.proxy = "http://127.0.0.1:1";
    settings.no_proxy = "127.0.0.1";
    Client client(settings, {});
    BOOST_TEST(!client.find_collection("acme", "x"));
}

BOOST_AUTO_TEST_CASE(a_refusing_proxy_is_named_and_asked_once)
{
    ScriptServer proxy([](const Asked&) {
        Answer answer;
        answer.bytes = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
        return answer;
    });
    Settings settings = test::quick_settings("https://hub.invalid");
    settings.proxy = "127.0.0.1:" + std::to_string(proxy.port());
    Client client(settings, {});
    BOOST_TEST(test::fails_with(ErrorCode::not_authorised, "answered 407 for hub.invalid:443",
                                [&] { client.find_collection("acme", "x"); }));
    BOOST_REQUIRE(proxy.asked().size() == 1u);
    BOOST_TEST(proxy.asked()[0].method == "CONNECT");
    BOOST_TEST(proxy.asked()[0].head.find("hf_") == std::string::npos); // the token stays inside the tunnel
}

BOOST_AUTO_TEST_SUITE_END()

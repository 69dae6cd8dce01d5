// SPDX-License-Identifier: Apache-2.0
// URLs: what is taken, what is refused, what stays byte for byte.
#include "hub/url.hpp"

#include <boost/test/unit_test.hpp>

using skw::hub::Url;

BOOST_AUTO_TEST_SUITE(hub_url)

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart_and_its_target_stays_byte_for_byte)
{
    const auto url = Url::parse("HTTPS://Hub.Example.org:8443/a%2fb/../c?X=%7e&y=a+b#fragment");
    BOOST_REQUIRE(url);
    BOOST_TEST(url->secure);
    BOOST_TEST(url->host == "hub.example.org");
    BOOST_TEST(url->port == 8443);
    BOOST_TEST(url->target == "/a%2fb/../c?X=%7e&y=a+b");
    BOOST_TEST(url->text() == "https://hub.example.org:8443/a%2fb/../c?X=%7e&y=a+b");
    BOOST_TEST(url->shown() == "https://hub.example.org:8443/a%2fb/../c");
}

BOOST_AUTO_TEST_CASE(ports_and_addresses_are_understood)
{
    BOOST_TEST(Url::parse("http://a")->port == 80);
    BOOST_TEST(Url::parse("http://a")->target == "/");
    BOOST_TEST(Url::parse("https://a?q=1")->target == "/?q=1");
    BOOST_TEST(Url::parse("https://[::1]:99/x")->host == "::1");
    BOOST_TEST(Url::parse("https://[::1]:99/x")->authority() == "[::1]:99");
    BOOST_TEST(Url::parse("https://a:443/")->authority() == "a");
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_http_url_is_refused)
{
    for (const char* text : {"",
                             "a",
                             "/x",
                             "ftp://a/",
                             "http://",
                             "http:///x",
                             "http://a:0/",
                             "http://a:65536/",
                             "http://a:8x/",
                             "http://a:/",
                             "http://user@a/",
                             "http://user:pw@a/",
                             "http://a b/",
                             "http://a/x y",
                             "http://a/x\ny",
                             "http://a/\\x",
                             "http://[::1/",
                             "http://[x]/",
                             "http://a,b/",
                             "http://\xc3\xa4/",
                             "file:///etc/passwd",
                             "http://a\r\nHost: b/"}) {
        BOOST_TEST(!Url::parse(text), text);
    }
    BOOST_TEST(!Url::parse("http://a/" + std::string(20'000, 'x')));
}

BOOST_AUTO_TEST_CASE(locations_are_resolved_as_the_rfc_says)
{
    const Url base = *Url::parse("https://hub/api/x/y?q=1");
    const auto at = [&](const char* location) { return base.resolve(location).value().text(); };
    BOOST_TEST(at("https://cdn/z?s=%2F") == "https://cdn/z?s=%2F");
    BOOST_TEST(at("/api/resolve-cache/a%2Fb?etag=%22x%22") ==
               "https://hub/api/resolve-cache/a%2Fb?etag=%22x%22");
    BOOST_TEST(at("//other:8/p") == "https://other:8/p");
    BOOST_TEST(at("z") == "https://hub/api/x/z");
    BOOST_TEST(at("../z/./w?k=../1") == "https://hub/api/z/w?k=../1");
    BOOST_TEST(at("../../../../z") == "https://hub/z");
    BOOST_TEST(at("?r=2") == "https://hub/api/x/y?r=2");
    BOOST_TEST(!base.resolve(""));
    BOOST_TEST(!base.resolve("javascript:alert(1)"));
    BOOST_TEST(!base.resolve("/x\r\nAuthorization: y"));
}

BOOST_AUTO_TEST_CASE(an_origin_is_scheme_host_and_port)
{
    const Url hub = *Url::parse("https://hub/a");
    BOOST_TEST(hub.same_origin(*Url::parse("https://HUB:443/b?c")));
    BOOST_TEST(!hub.same_origin(*Url::parse("http://hub:443/")));
    BOOST_TEST(!hub.same_origin(*Url::parse("https://hub:444/")));
    BOOST_TEST(!hub.same_origin(*Url::parse("https://hub.evil/")));
}

BOOST_AUTO_TEST_CASE(segments_and_paths_are_encoded)
{
    BOOST_TEST(skw::encode_segment("refs/pr/1") == "refs%2Fpr%2F1");
    BOOST_TEST(skw::encode_path("a b/c#d?e%f/\xc3\xa4&+") == "a%20b/c%23d%3Fe%25f/%C3%A4%26%2B");
    BOOST_TEST(skw::encode_path("") == "");
}

BOOST_AUTO_TEST_CASE(a_value_of_the_query_is_found_by_its_whole_name)
{
    const Url url = *Url::parse("https://c/p?XExpires=1&Expires=1760000000&Signature=a=b");
    BOOST_TEST(url.query_value("Expires") == "1760000000");
    BOOST_TEST(url.query_value("Signature") == "a=b");
    BOOST_TEST(url.query_value("Expire") == "");
}

BOOST_AUTO_TEST_SUITE_END()

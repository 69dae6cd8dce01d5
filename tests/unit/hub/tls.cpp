// SPDX-License-Identifier: Apache-2.0
// TLS: an unknown certificate or a wrong name is refused, a trusted one is used, also through a tunnel.
#include "hub/transport.hpp"

#include "fixture.hpp"
#include "script_server.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

using namespace skw;
using namespace skw::hub;
using test::Answer;
using test::Asked;
using test::ScriptServer;

namespace {

// Writes key and self-signed certificate for one name ("IP:127.0.0.1" or "DNS:..."), valid for an hour.
void make_certificate(const std::filesystem::path& file, const char* name)
{
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_set_pubkey(cert, key);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    X509_add_ext(cert, extension, -1);
    X509_sign(cert, key, EVP_sha256());
    FILE* const out = std::fopen(file.c_str(), "w");
    BOOST_REQUIRE(out != nullptr);
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_X509(out, cert);
    std::fclose(out);
    X509_EXTENSION_free(extension);
    X509_free(cert);
    EVP_PKEY_free(key);
}

struct Secured {
    TempFolder folder;
    std::string good = (folder.path() / "good.pem").string(), other = (folder.path() / "other.pem").string();
    Secured()
    {
        make_certificate(good, "IP:127.0.0.1");
        make_certificate(other, "DNS:elsewhere.example");
    }
    std::optional<Error> ask(const std::string& endpoint, const std::string& ca_file,
                             const std::string& proxy = {})
    {
        Settings settings = test::quick_settings(endpoint);
        settings.ca_file = ca_file;
        settings.proxy = proxy;
        return test::error_of([&] {
            Client client(settings, {});
            for (int i = 0; i < 3; ++i) {
                BOOST_TEST(!client.find_collection("acme", "x"));
            }
        });
    }
};

Answer empty_list(const Asked&)
{
    return test::ok_json("[]");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(hub_tls, Secured)

BOOST_AUTO_TEST_CASE(a_certificate_nobody_vouches_for_is_refused_without_a_request)
{
    ScriptServer server(empty_list, good);
    const auto error = ask(server.endpoint(), "");
    BOOST_REQUIRE(error);
    BOOST_TEST((error->code() == ErrorCode::bad_input));
    BOOST_TEST(std::string(error->what()).find("self-signed") != std::string::npos);
    BOOST_TEST(std::string(error->hint()).find("SSL_CERT_FILE") != std::string::npos);
    BOOST_TEST(server.asked().empty());
    BOOST_TEST(server.connections() == 1); // no retry helps
}

BOOST_AUTO_TEST_CASE(a_trusted_certificate_serves_all_calls_on_one_connection)
{
    ScriptServer server(empty_list, good);
    BOOST_TEST(!ask(server.endpoint(), good));
    BOOST_TEST(server.asked().size() == 3u);
    BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_trusted_certificate_of_another_name_is_refused)
{
    ScriptServer server(empty_list, other);
    const auto error = ask(server.endpoint(), other);
    BOOST_REQUIRE(error);
    BOOST_TEST(std::string(error->what()).find("mismatch") != std::string::npos);
    BOOST_TEST(server.asked().empty());
}

BOOST_AUTO_TEST_CASE(a_certificate_file_that_cannot_be_read_is_named)
{
    ScriptServer server(empty_list, good);
    const auto error = ask(server.endpoint(), "/nowhere/ca.pem");
    BOOST_REQUIRE(error);
    BOOST_TEST(std::string(error->what()).find("/nowhere/ca.pem") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tls_goes_through_a_tunnel_and_is_checked_end_to_end)
{
    ScriptServer server(empty_list, good);
    ScriptServer proxy([](const Asked& asked) {
        Answer answer;
        answer.bytes = "HTTP/1.1 200 Connection established\r\n\r\n";
        answer.tunnel_to = asked.target.substr(asked.target.rfind(':') + 1);
        return answer;
    });
    const std::string by = "http://alice:tunnelpassword@127.0.0.1:" + std::to_string(proxy.port());
    BOOST_TEST(!ask(server.endpoint(), good, by));
    BOOST_TEST(server.asked().size() == 3u);
    BOOST_REQUIRE(proxy.asked().size() == 1u);
    BOOST_TEST(proxy.asked()[0].method == "CONNECT");
    BOOST_TEST(proxy.asked()[0].target == "127.0.0.1:" + std::to_string(server.port()));
    BOOST_TEST(proxy.asked()[0].head.find("Proxy-Authorization: Basic ") != std::string::npos);
    BOOST_TEST(server.asked()[0].head.find("Proxy-Authorization") == std::string::npos);
    BOOST_TEST(ask(server.endpoint(), "", by).has_value()); // the proxy does not make it trusted
}

BOOST_AUTO_TEST_SUITE_END()

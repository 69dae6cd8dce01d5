// SPDX-License-Identifier: Apache-2.0
// The contract's rules 25 to 31: exact messages, in order.
#include "mtp/validate.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace json = boost::json;

namespace {

// "path: message" of each finding, one a line.
std::string findings(std::string_view fields)
{
    json::object entry =
        json::parse("{\"key\":\"k\",\"hf_repo\":\"acme/k\"" + std::string(fields) + "}").as_object();
    std::string out;
    const json::value document = skw::mtp::validate_entry(entry);
    BOOST_TEST(document.at("schema").as_string() == "skw.findings/1");
    for (const json::value& item : document.at("items").as_array()) {
        BOOST_TEST(item.at("severity").as_string() == "error");
        out += std::string(item.at("path").as_string()) + ": " + std::string(item.at("message").as_string()) +
               "\n";
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_validate)

BOOST_AUTO_TEST_CASE(good_entries_have_no_findings)
{
    BOOST_TEST(findings("") == "");
    BOOST_TEST(findings(R"(,"mtp_source_repo":null,"mtp_sidecar_repo":null,"assistant_model_repo":null)") ==
               "");
    BOOST_TEST(findings(R"(,"mtp_source_repo":"o/m","mtp_sidecar_repo":"acme/m-mtp")") == "");
    BOOST_TEST(findings(R"(,"assistant_model_repo":"o/a")") == "");
}

BOOST_AUTO_TEST_CASE(rules_25_to_28_of_the_pair)
{
    BOOST_TEST(findings(R"(,"mtp_source_repo":"","mtp_sidecar_repo":7)") ==
               "/mtp_source_repo: mtp_source_repo must be a non-empty string\n");
    BOOST_TEST(findings(R"(,"mtp_source_repo":"bad form","mtp_sidecar_repo":7)") ==
               "/mtp_sidecar_repo: mtp_sidecar_repo must be a non-empty string\n");
    BOOST_TEST(
        findings(R"(,"mtp_source_repo":"o/m")") ==
        "/mtp_source_repo: mtp_source_repo and mtp_sidecar_repo must both be set together or not at all\n");
    BOOST_TEST(findings(R"(,"mtp_sidecar_repo":"acme/x")").find("must both be set together") !=
               std::string::npos);
    BOOST_TEST(findings(R"(,"mtp_source_repo":"o m/x","mtp_sidecar_repo":"nope")") ==
               "/mtp_source_repo: mtp_source_repo must look like owner/name\n");
    BOOST_TEST(findings(R"(,"mtp_source_repo":"o/m","mtp_sidecar_repo":"acme/x\n")") ==
               "/mtp_sidecar_repo: mtp_sidecar_repo must look like owner/name\n");
    BOOST_TEST(findings(R"(,"mtp_source_repo":"o/m","mtp_sidecar_repo":"other/x")") ==
               "/mtp_sidecar_repo: mtp_sidecar_repo owner must be 'acme'\n");
}

BOOST_AUTO_TEST_CASE(the_sidecar_is_not_the_entrys_own_target)
{
    BOOST_TEST(findings(R"(,"mtp_source_repo":"o/m","mtp_sidecar_repo":"acme/k")") ==
               "/mtp_sidecar_repo: mtp_sidecar_repo must differ from hf_repo\n");
}

BOOST_AUTO_TEST_CASE(rules_29_to_31_of_the_assistant)
{
    BOOST_TEST(findings(R"(,"assistant_model_repo":[])") ==
               "/assistant_model_repo: assistant_model_repo must be a non-empty string\n");
    BOOST_TEST(findings(R"(,"assistant_model_repo":"x")") ==
               "/assistant_model_repo: assistant_model_repo must look like owner/name\n");
    BOOST_TEST(
        findings(
            R"(,"assistant_model_repo":"o/a","mtp_source_repo":"o/m","mtp_sidecar_repo":"acme/m-mtp")") ==
        "/assistant_model_repo: assistant_model_repo and mtp_source_repo are mutually exclusive\n");
}

BOOST_AUTO_TEST_SUITE_END()

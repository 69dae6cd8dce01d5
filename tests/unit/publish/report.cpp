// SPDX-License-Identifier: Apache-2.0
// A publish of several artifacts ends with one code, one summary, one document.
#include "publish/run.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using skw::publish::ArtifactReport;
using skw::publish::Outcome;
using skw::publish::Report;

ArtifactReport one(const char* kind, Outcome outcome)
{
    ArtifactReport report;
    report.kind = kind;
    report.outcome = outcome;
    if (outcome != Outcome::not_configured && outcome != Outcome::not_run) {
        report.repo = std::string("acme/") + kind;
    }
    if (outcome == Outcome::published) {
        report.commit = std::string(40, 'a');
    }
    return report;
}

ArtifactReport failed(const char* kind, skw::ErrorCode code)
{
    ArtifactReport report = one(kind, Outcome::failed);
    report.error = skw::Error(code, "place", "reason", "hint");
    return report;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_report)

BOOST_AUTO_TEST_CASE(the_exit_code_tells_what_to_do_next)
{
    namespace code = skw::exit_code;
    Report report{"acme/a", {one("vindex", Outcome::published), one("mtp", Outcome::not_configured)}, {}};
    BOOST_TEST(report.exit_code() == code::ok);
    report.artifacts[0].filing_error = skw::Error(skw::ErrorCode::network, "", "down");
    BOOST_TEST(report.exit_code() == code::unfiled);
    report.artifacts.push_back(failed("vision", skw::ErrorCode::bad_input));
    BOOST_TEST(report.exit_code() == code::partial);
    report.artifacts[0] = failed("vindex", skw::ErrorCode::network);
    BOOST_TEST(report.exit_code() == code::temporary); // none went well: the first failure's own code
    report.artifacts = {failed("mtp", skw::ErrorCode::bad_input), one("vision", Outcome::not_run)};
    BOOST_TEST(report.exit_code() == code::failed);
}

BOOST_AUTO_TEST_CASE(the_summary_has_a_line_for_each_artifact)
{
    Report report{"acme/a",
                  {one("vindex", Outcome::published), one("mtp", Outcome::not_configured),
                   failed("vision", skw::ErrorCode::bad_input), one("zoo", Outcome::not_run)},
                  {}};
    report.artifacts[0].filing_error = skw::Error(skw::ErrorCode::network, "", "down");
    BOOST_TEST(summary_text(report) ==
               "summary of acme/a\n"
               "  vindex  published     hf://acme/vindex at aaaaaaaaaaaa, not filed in its collection\n"
               "  mtp     skipped       not configured for this entry\n"
               "  vision  failed        hf://acme/vision\n"
               "  zoo     not run       after the failure before it");
}

BOOST_AUTO_TEST_CASE(the_document_holds_errors_beside_what_went_well)
{
    Report report{"acme/a", {one("mtp", Outcome::published), failed("vision", skw::ErrorCode::network)}, {}};
    report.artifacts[0].files.push_back({"a.bin", 3, std::string(64, 'b'), "copied"});
    const skw::json::value document = report_json(report);
    const skw::json::array& artifacts = document.at("artifacts").as_array();
    BOOST_TEST(artifacts[0].at("error").is_null());
    BOOST_TEST(std::string(artifacts[0].at("files").at(0).at("way").as_string()) == "copied");
    BOOST_TEST(std::string(artifacts[1].at("error").at("code").as_string()) == "network");
    BOOST_TEST(std::string(artifacts[1].at("outcome").as_string()) == "failed");
}

BOOST_AUTO_TEST_SUITE_END()

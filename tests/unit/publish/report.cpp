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

Report of(std::vector<ArtifactReport> artifacts)
{
    Report report;
    report.entries.push_back({"acme/a", std::move(artifacts)});
    return report;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_report)

BOOST_AUTO_TEST_CASE(the_exit_code_tells_what_to_do_next)
{
    namespace code = skw::exit_code;
    Report report = of({one("vindex", Outcome::published), one("mtp", Outcome::not_configured)});
    std::vector<ArtifactReport>& artifacts = report.entries[0].artifacts;
    BOOST_TEST(report.exit_code() == code::ok);
    artifacts[0].filing_error = skw::Error(skw::ErrorCode::network, "", "down");
    BOOST_TEST(report.exit_code() == code::unfiled);
    artifacts.push_back(failed("vision", skw::ErrorCode::bad_input));
    BOOST_TEST(report.exit_code() == code::partial);
    artifacts[0] = failed("vindex", skw::ErrorCode::network);
    BOOST_TEST(report.exit_code() == code::temporary); // none went well: the first failure's own code
    artifacts = {failed("mtp", skw::ErrorCode::bad_input), one("vision", Outcome::not_run)};
    BOOST_TEST(report.exit_code() == code::failed);
    artifacts[0] = failed("mtp", skw::ErrorCode::stale_plan);
    BOOST_TEST(report.exit_code() == code::stale_plan);
}

BOOST_AUTO_TEST_CASE(an_entry_that_went_well_beside_one_that_failed_is_a_partial_success)
{
    Report report = of({one("mtp", Outcome::published)});
    report.entries.push_back({"acme/b", {failed("mtp", skw::ErrorCode::network)}});
    BOOST_TEST(report.exit_code() == skw::exit_code::partial);
}

BOOST_AUTO_TEST_CASE(an_interruption_counts_more_than_a_failure)
{
    Report report = of({failed("vindex", skw::ErrorCode::bad_input), one("mtp", Outcome::interrupted)});
    BOOST_TEST(report.exit_code() == skw::exit_code::interrupted);
}

BOOST_AUTO_TEST_CASE(the_summary_has_a_line_for_each_artifact)
{
    Report report = of({one("vindex", Outcome::published), one("mtp", Outcome::not_configured),
                        failed("vision", skw::ErrorCode::bad_input), one("zoo", Outcome::not_run)});
    report.entries[0].artifacts[0].filing_error = skw::Error(skw::ErrorCode::network, "", "down");
    BOOST_TEST(summary_text(report) ==
               "summary of acme/a\n"
               "  vindex  published     hf://acme/vindex at aaaaaaaaaaaa, not filed in its collection\n"
               "  mtp     skipped       not configured for this entry\n"
               "  vision  failed        hf://acme/vision\n"
               "  zoo     not run       after what ended the run before it");
}

BOOST_AUTO_TEST_CASE(the_summary_of_several_entries_names_each_and_ends_with_sums)
{
    Report report = of({one("vindex", Outcome::published), one("mtp", Outcome::not_configured)});
    report.entries.push_back({"acme/bb", {failed("mtp", skw::ErrorCode::bad_input)}});
    report.entries.push_back({"acme/c", {one("mtp", Outcome::not_configured)}});
    report.entries.push_back({"acme/d", {one("mtp", Outcome::not_run)}});
    BOOST_TEST(summary_text(report) ==
               "summary of 4 entries\n"
               "  acme/a   vindex  published     hf://acme/vindex at aaaaaaaaaaaa\n"
               "  acme/bb  mtp     failed        hf://acme/mtp\n"
               "  acme/c   -       skipped       nothing of this is configured for this entry\n"
               "  acme/d   mtp     not run       after what ended the run before it\n"
               "1 published, 1 failed, 1 not run");
}

BOOST_AUTO_TEST_CASE(the_document_holds_errors_beside_what_went_well)
{
    Report report = of({one("mtp", Outcome::published), failed("vision", skw::ErrorCode::network)});
    report.entries[0].artifacts[0].files.push_back({"a.bin", 3, std::string(64, 'b'), "copied"});
    report.plan_digest = std::string(64, 'c');
    const skw::json::value document = report_json(report);
    const skw::json::array& artifacts = document.at("entries").at(0).at("artifacts").as_array();
    BOOST_TEST(artifacts[0].at("error").is_null());
    BOOST_TEST(std::string(artifacts[0].at("files").at(0).at("way").as_string()) == "copied");
    BOOST_TEST(std::string(artifacts[1].at("error").at("code").as_string()) == "network");
    BOOST_TEST(std::string(artifacts[1].at("outcome").as_string()) == "failed");
    BOOST_TEST(std::string(document.at("plan_sha256").as_string()) == report.plan_digest);
    BOOST_TEST(std::string(document.at("started").as_string()) == "1970-01-01T00:00:00Z");
    BOOST_TEST(document.at("exit_code").as_int64() == skw::exit_code::partial);
}

BOOST_AUTO_TEST_SUITE_END()

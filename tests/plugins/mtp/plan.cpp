// SPDX-License-Identifier: Apache-2.0
// The plan's documents: lines of the contract, skips with their reasons, the same bytes each time.
#include "mtp/plan.hpp"

#include "fake_host.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace json = boost::json;

namespace {

constexpr std::string_view revision = "0123456789abcdef0123456789abcdef01234567";

json::object request(bool force = false)
{
    return json::parse(
               R"({"schema":"skw.plan_request/1","kind":"mtp","scratch":"S","options":{"force":)" +
               std::string(force ? "true" : "false") +
               R"(},"entry":{"key":"acme/a","hf_repo":"acme/a","mtp_source_repo":"o/m",)"
               R"("mtp_sidecar_repo":"acme/m-mtp"},"host":{"name":"skulk-weights","version":"1.2.3"}})")
        .as_object();
}

// A request with facts: the sidecar is there, with this front matter.
json::object request_with_card(std::string_view card, bool force = false)
{
    json::object out = request(force);
    out["facts"] =
        json::parse(R"({"inputs":{"source":{"repo":"o/m","revision":")" + std::string(revision) +
                    R"(","files":[]}},"target":{"repo":"acme/m-mtp","exists":true,"head":"h",)"
                    R"("files":[{"path":"README.md","size":1},{"path":"mtp.safetensors","size":9}],"card":)" +
                    std::string(card) + "}}");
    return out;
}

std::string second_message(std::string_view card)
{
    const json::value plan = skw::mtp::plan_sidecar(request_with_card(card));
    const json::array& messages = plan.at("up_to_date").at("messages").as_array();
    BOOST_TEST_REQUIRE(messages.size() == 2u);
    BOOST_TEST(
        messages[0].as_string() ==
        "sidecar already exists at hf://acme/m-mtp/mtp.safetensors \xe2\x80\x94 it already covers o/m and "
        "every quantization of it. Skipping (pass --force to re-extract).");
    BOOST_TEST(plan.at("steps").as_array().empty());
    return std::string(messages[1].as_string());
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_plan)

BOOST_AUTO_TEST_CASE(an_offline_plan_has_the_lines_of_the_contract)
{
    const json::value plan = skw::mtp::plan_sidecar(request());
    std::string lines;
    for (const json::value& line : plan.at("summary").as_array()) {
        lines += std::string(line.at("label").as_string()) + " = " +
                 std::string(line.at("value").as_string()) + "\n";
    }
    BOOST_TEST(lines == "mtp source repo = hf://o/m\n"
                        "mtp sidecar repo = hf://acme/m-mtp/mtp.safetensors\n"
                        "mtp precision = bf16 (unquantized)\n"
                        "mtp output path = S/acme--m-mtp-mtp.safetensors\n");
    const json::value& input = plan.at("inputs").at(0);
    BOOST_TEST(input.at("revision").is_null());
    BOOST_TEST(json::serialize(input.at("patterns")) ==
               R"(["config.json","*.safetensors.index.json","*.safetensors"])");
    BOOST_TEST(plan.at("outputs").at(0).at("path").as_string() == "mtp.safetensors");
    BOOST_TEST(plan.at("outputs").at(0).at("file").as_string() == "acme--m-mtp-mtp.safetensors");
    BOOST_TEST(plan.at("target").at("commit_message").as_string() == "Add MTP sidecar from o/m");
    BOOST_TEST(plan.at("steps").as_array().size() == 1u);
    BOOST_TEST(!plan.as_object().contains("up_to_date"));
}

BOOST_AUTO_TEST_CASE(a_pinned_plan_names_the_revision)
{
    json::object pinned = request_with_card("null");
    pinned["facts"].at("target").as_object()["files"] = json::array();
    const json::value plan = skw::mtp::plan_sidecar(pinned);
    BOOST_TEST(plan.at("inputs").at(0).at("revision").as_string() == revision);
    BOOST_TEST(plan.at("target").at("commit_message").as_string() ==
               "Add MTP sidecar from o/m@" + std::string(revision));
    BOOST_TEST(plan.at("steps").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_entry_without_the_fields_is_not_configured)
{
    for (const char* gone : {"mtp_source_repo", "mtp_sidecar_repo"}) {
        json::object half = request();
        half["entry"].as_object()[gone] = nullptr;
        const json::value plan = skw::mtp::plan_sidecar(half);
        BOOST_TEST(!plan.at("configured").as_bool());
        BOOST_TEST(plan.at("message").as_string() ==
                   "no MTP sidecar configured for acme/a; add mtp_source_repo and mtp_sidecar_repo to the "
                   "catalog entry");
    }
}

BOOST_AUTO_TEST_CASE(a_skip_says_whether_the_sidecar_is_current_older_or_of_another_source)
{
    const std::string same(revision);
    BOOST_TEST(second_message(R"({"foxlight":{"source_repo":"o/m","source_revision":")" + same + "\"}}") ==
               "the existing sidecar is current: it was made from revision 0123456789ab of o/m, which is the "
               "source's "
               "revision now");
    BOOST_TEST(second_message(R"({"foxlight":{"source_repo":"o/m","source_revision":"ffffffffffffffff"}})") ==
               "the existing sidecar is older: it was made from revision ffffffffffff of o/m, which is at "
               "0123456789ab "
               "now; pass --force to extract again");
    BOOST_TEST(second_message(R"({"foxlight":{"source_repo":"x/\u001b[2Jy","source_revision":")" + same +
                              "\"}}") == "the existing sidecar was made from another source: its card says "
                                         "x/?[2Jy, the catalog says o/m; pass "
                                         "--force to replace it");
    for (const char* silent : {"null", "{}", R"({"foxlight":7})", R"({"foxlight":{"source_repo":[]}})"}) {
        BOOST_TEST(second_message(silent).find("does not say what it was made from") != std::string::npos,
                   silent);
    }
    BOOST_TEST(second_message(R"({"foxlight":{"source_repo":"o/m"}})").find("does not say which revision") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(force_extracts_whatever_is_there)
{
    const json::value plan = skw::mtp::plan_sidecar(request_with_card("null", true));
    BOOST_TEST(!plan.as_object().contains("up_to_date"));
    BOOST_TEST(plan.at("steps").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_card_says_what_every_card_must_say)
{
    const json::value plan = skw::mtp::plan_sidecar(request());
    const json::object& card = plan.at("card").as_object();
    BOOST_TEST(card.at("artifact_type").as_string() == "mtp-sidecar");
    BOOST_TEST(card.at("target_model").as_string() == "o/m");
    BOOST_TEST(card.at("quant").is_null());
    const std::string about(card.at("about").as_string());
    for (const char* words :
         {"not a standalone model", "speculatively decode", "BF16", "unquantised",
          "One sidecar per base model serves every quantisation", "https://huggingface.co/o/m"}) {
        BOOST_TEST(about.find(words) != std::string::npos, words);
    }
    BOOST_TEST(std::string(card.at("usage").as_string()).find("mtp.safetensors") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_same_request_gives_the_same_bytes_through_the_border)
{
    skw::test::FakeHost host;
    const std::string text = json::serialize(request_with_card("null", true));
    const auto one = host.plan(text);
    const auto two = host.plan(text);
    BOOST_TEST(one.status == SKW_OK);
    BOOST_TEST(one.document == two.document);
    BOOST_TEST(one.document.starts_with("{\"schema\":\"skw.plan/1\""));
    BOOST_TEST(host.describe().document.starts_with("{\"schema\":\"skw.describe/1\""));
    BOOST_TEST(host.validate(R"({"key":"k"})").document == R"({"schema":"skw.findings/1","items":[]})");
    const auto bad = host.plan("no json");
    BOOST_TEST(bad.status == SKW_E_BAD_ARGUMENT);
    BOOST_TEST(bad.messages == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

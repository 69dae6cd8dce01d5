// SPDX-License-Identifier: Apache-2.0
// The plan: the words that are shown and run, what it may touch, and when nothing is left to do.
#include "vindex/plan.hpp"

#include "vindex/job.hpp"

#include <skw/failure.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

using namespace skw::vindex;

namespace {

namespace json = boost::json;
using Lines = std::vector<std::string>;

const std::string commit(40, 'a');

json::object make_request(bool sliced = false)
{
    return {{"schema", "skw.plan_request/1"},
            {"kind", "vindex"},
            {"entry",
             {{"key", "acme/a"},
              {"source_model", "o/m"},
              {"quant", "q4k"},
              {"slices", json::array{sliced ? "expert-server" : "full"}},
              {"output_name", "a.vindex"},
              {"hf_repo", "acme/a"}}},
            {"options", {{"force", false}}},
            {"scratch", "S"},
            {"host", {{"name", "skulk-weights"}, {"version", "1"}}}};
}

json::object with_facts(bool sliced = false)
{
    json::object request = make_request(sliced);
    request["facts"] = {{"inputs", {{"source", {{"repo", "o/m"}, {"revision", commit}}}}},
                        {"target",
                         {{"exists", true},
                          {"files",
                           {{{"path", "README.md"}, {"size", 9}},
                            {{"path", "index.json"}, {"size", 30}},
                            {{"path", "skulk-manifest.json"}, {"size", 12}}}},
                          {"card",
                           {{"foxlight",
                             {{"artifact_type", "vindex"},
                              {"source_repo", "o/m"},
                              {"source_revision", commit},
                              {"quant", "q4k"},
                              {"vindex_files", "2"},
                              {"vindex_bytes", "42"},
                              {"slices", sliced ? "expert-server" : "full"}}}}}}}};
    return request;
}

Lines summary_of(const json::value& plan)
{
    Lines lines;
    for (const json::value& line : plan.at("summary").as_array()) {
        lines.push_back(std::string(line.at("label").as_string()) + ": " +
                        std::string(line.at("value").as_string()));
    }
    return lines;
}

Lines commands_of(const json::value& plan)
{
    Lines lines;
    for (const json::value& step : plan.at("steps").as_array()) {
        std::string line(step.at("id").as_string());
        if (const json::value* command = step.as_object().if_contains("command")) {
            for (const json::value& word : command->as_array()) {
                line += ' ' + std::string(word.as_string());
            }
        }
        lines.push_back(line);
    }
    return lines;
}

const json::object& step_of(const json::value& plan, std::string_view id)
{
    for (const json::value& step : plan.at("steps").as_array()) {
        if (step.at("id").as_string() == id) {
            return step.as_object();
        }
    }
    throw std::runtime_error("no such step");
}

bool is_current(const json::object& request)
{
    return make_plan(request).as_object().contains("up_to_date");
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_plan)

BOOST_AUTO_TEST_CASE(the_lines_of_a_whole_vindex_are_the_words_that_run)
{
    const json::value plan = make_plan(make_request());
    const Lines shown = {
        "extract command: larql extract o/m -o S/a.vindex --quant q4k",
        "publish command: larql publish S/a.vindex --repo acme/a --slices none --collections none"};
    BOOST_TEST(summary_of(plan) == shown, boost::test_tools::per_element());
    const Lines run = {"version larql --version",
                       "help-extract larql extract --help",
                       "help-publish larql publish --help",
                       "stage",
                       "extract larql extract o/m -o S/a.vindex --quant q4k",
                       "publish larql publish S/a.vindex --repo acme/a --slices none --collections none"};
    BOOST_TEST(commands_of(plan) == run, boost::test_tools::per_element());
    BOOST_TEST(json::serialize(plan.at("folders")) == R"(["a.vindex"])");
}

BOOST_AUTO_TEST_CASE(a_slice_is_cut_first_and_published_alone)
{
    const json::value plan = make_plan(make_request(true));
    const Lines shown = {
        "extract command: larql extract o/m -o S/a.vindex --quant q4k",
        "slice command: larql slice S/a.vindex -o S/a.vindex-expert-server --preset expert-server",
        "publish command: larql publish S/a.vindex-expert-server --repo acme/a --slices none "
        "--collections none"};
    BOOST_TEST(summary_of(plan) == shown, boost::test_tools::per_element());
    BOOST_TEST(commands_of(plan).at(3) == "help-slice larql slice --help");
    BOOST_TEST(commands_of(plan).at(6) ==
               "slice larql slice S/a.vindex -o S/a.vindex-expert-server --preset expert-server");
    BOOST_TEST(json::serialize(plan.at("folders")) == R"(["a.vindex","a.vindex-expert-server"])");
    BOOST_TEST(step_of(plan, "publish").at("uploads").as_string() == "a.vindex-expert-server");
}

BOOST_AUTO_TEST_CASE(only_the_upload_may_have_the_token_and_the_hubs_address)
{
    const json::value plan = make_plan(make_request());
    for (const json::value& step : plan.at("steps").as_array()) {
        const bool last = step.at("id").as_string() == "publish";
        BOOST_TEST(step.as_object().contains("uploads") == last);
        BOOST_TEST(step.as_object().contains("endpoint_variable") == last);
    }
    BOOST_TEST(step_of(plan, "publish").at("endpoint_variable").as_string() == "LARQL_HF_TEST_BASE");
    BOOST_TEST(json::serialize(step_of(plan, "extract").at("environment")) ==
               R"({"HF_HUB_CACHE":"{scratch}/hub"})");
}

BOOST_AUTO_TEST_CASE(the_card_claims_no_more_than_is_true)
{
    for (const bool sliced : {false, true}) {
        const json::value plan = make_plan(make_request(sliced));
        const json::value& card = plan.at("card");
        BOOST_TEST(card.at("base_model_relation").as_string() == "quantized");
        const std::string usage(card.at("usage").as_string()), about(card.at("about").as_string());
        BOOST_TEST(usage.find("Released versions of Skulk do not read vindexes") != std::string::npos);
        BOOST_TEST(usage.find("larql serve a") != std::string::npos);
        BOOST_TEST((about.find("no attention weights") != std::string::npos) == sliced);
        BOOST_TEST((usage.find("--experts") != std::string::npos) == sliced);
        BOOST_TEST(usage.find("--ffn-only") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_vindex_of_the_same_revision_is_not_made_again)
{
    for (const bool sliced : {false, true}) {
        const json::value plan = make_plan(with_facts(sliced));
        BOOST_TEST(
            json::serialize(plan.at("up_to_date")) ==
            R"({"messages":["already published from this revision; pass --force to extract it again"]})");
        BOOST_TEST(plan.at("steps").as_array().empty());
    }
}

BOOST_AUTO_TEST_CASE(anything_that_differs_makes_it_again)
{
    BOOST_TEST(is_current(with_facts()));
    BOOST_TEST(!is_current(make_request()));
    json::object forced = with_facts();
    forced["options"] = {{"force", true}};
    BOOST_TEST(!is_current(forced));
    for (const char* fact : {"artifact_type", "source_repo", "source_revision", "quant", "slices"}) {
        json::object request = with_facts();
        json::object& card = request["facts"].at("target").at("card").at("foxlight").as_object();
        card[fact] = "other";
        BOOST_TEST(!is_current(request), fact);
        card.erase(fact);
        BOOST_TEST(!is_current(request), fact);
    }
    json::object unfinished = with_facts();
    unfinished["facts"].at("target").at("card").at("foxlight").as_object()["state"] = "publishing";
    BOOST_TEST(!is_current(unfinished));
    json::object hidden = with_facts(); // complete, only not public yet
    hidden["facts"].at("target").at("card").at("foxlight").as_object()["state"] = "complete";
    BOOST_TEST(is_current(hidden));
    json::object mixed = with_facts(); // a file was cut or replaced by a smaller one
    mixed["facts"].at("target").at("files").at(1).as_object()["size"] = 20;
    BOOST_TEST(!is_current(mixed));
    for (const std::size_t gone : {1u, 2u}) {
        json::object request = with_facts();
        json::array& files = request["facts"].at("target").at("files").as_array();
        files.erase(files.begin() + gone);
        BOOST_TEST(!is_current(request));
    }
    for (const char* odd : {"card", "files"}) {
        json::object request = with_facts();
        request["facts"].at("target").as_object()[odd] = nullptr;
        BOOST_TEST(!is_current(request), odd);
    }
}

BOOST_AUTO_TEST_CASE(neither_force_nor_the_target_changes_the_plan_that_is_carried_out)
{
    json::object other = with_facts();
    other["facts"].at("target").as_object()["card"] = nullptr;
    json::object forced = with_facts();
    forced["options"] = {{"force", true}};
    BOOST_TEST(json::serialize(make_plan(other)) == json::serialize(make_plan(forced)));
}

BOOST_AUTO_TEST_CASE(what_is_carried_out_is_read_back_out_of_the_plan)
{
    json::object forced = with_facts(true);
    forced["options"] = {{"force", true}};
    const Job job = read_job(make_plan(forced));
    BOOST_TEST(job.repo == "o/m");
    BOOST_TEST(job.commit == commit);
    BOOST_TEST(job.quant == "q4k");
    BOOST_TEST(job.program == "skulk-weights 1");
    BOOST_TEST(job.folder == "a.vindex");
    BOOST_TEST(job.shown == "S/a.vindex");
    BOOST_TEST(job.uploaded() == "a.vindex-expert-server");
    BOOST_TEST(job.shown_uploaded() == "S/a.vindex-expert-server");
}

BOOST_AUTO_TEST_CASE(a_source_that_cannot_be_pinned_is_refused_when_it_is_carried_out)
{
    const auto refuses = [](const json::object& request, const char* text) {
        BOOST_CHECK_EXCEPTION(
            read_job(make_plan(request)), skw::sdk::Failure, [&](const skw::sdk::Failure& failure) {
                BOOST_TEST(failure.message().find(text) != std::string::npos, failure.message());
                return failure.status() == SKW_E_BAD_INPUT;
            });
    };
    json::object elsewhere = make_request();
    elsewhere["entry"].as_object()["source_model"] = "./model";
    refuses(elsewhere, "cannot be pinned to a commit");
    refuses(make_request(), "not pinned to a commit of 40 hex digits");
    json::object branch = make_request();
    branch["facts"] = {{"inputs", {{"source", {{"revision", "main"}}}}}};
    refuses(branch, "not pinned to a commit of 40 hex digits");
}

BOOST_AUTO_TEST_SUITE_END()

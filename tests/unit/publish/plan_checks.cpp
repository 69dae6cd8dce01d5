// SPDX-License-Identifier: Apache-2.0
// A plugin's plan is held to the entry and to what was shown.
#include "publish/plan_checks.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

namespace json = skw::json;
using skw::publish::check_outputs;
using skw::publish::check_same_work;
using skw::publish::check_target;

json::object plan(std::string_view target = "acme/x", std::string_view repo = "acme/x",
                  std::string_view path = "a.bin")
{
    json::object out;
    out["kind"] = "zoo";
    out["card"] = json::object{{"artifact_type", "zoo-animals"}};
    out["inputs"] = json::array{
        json::object{{"id", "in"}, {"repo", "o/m"}, {"revision", nullptr}, {"patterns", json::array{"*"}}}};
    out["outputs"] = json::array{json::object{{"id", "out"}, {"repo", repo}, {"path", path}, {"file", "f"}}};
    out["target"] = json::object{{"repo", target}};
    return out;
}

json::object with_command(std::string_view tool)
{
    json::object out = plan();
    out["steps"] = json::array{json::object{{"id", "x"}, {"command", json::array{tool, "extract"}}}};
    return out;
}

skw::publish::Request request()
{
    skw::publish::Request out;
    out.entry.key = "acme/a";
    out.entry.hf_repo = "acme/a";
    return out;
}

bool is_contract(const skw::Error& error)
{
    return error.code() == skw::ErrorCode::contract && error.place() == "plugin org.example.x";
}

const skw::plugin::Candidate& candidate()
{
    static const skw::plugin::Candidate one = [] {
        skw::plugin::Candidate made;
        made.id = "org.example.x";
        return made;
    }();
    return one;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_plan_checks)

BOOST_AUTO_TEST_CASE(a_target_of_another_owner_is_refused)
{
    check_target(plan(), request(), candidate());
    BOOST_CHECK_EXCEPTION(check_target(plan("evil/x", "evil/x"), request(), candidate()), skw::Error,
                          is_contract);
    BOOST_CHECK_EXCEPTION(check_target(plan("acme/x", "acme/y"), request(), candidate()), skw::Error,
                          is_contract);
    BOOST_CHECK_THROW(check_target(plan("../x", "../x"), request(), candidate()), skw::Error);
}

BOOST_AUTO_TEST_CASE(another_kinds_artifact_type_is_refused)
{
    json::object taken = plan();
    taken["card"].as_object()["artifact_type"] = "vindex";
    BOOST_CHECK_EXCEPTION(check_target(taken, request(), candidate()), skw::Error, is_contract);
    taken["card"].as_object()["artifact_type"] = "zoology";
    BOOST_CHECK_EXCEPTION(check_target(taken, request(), candidate()), skw::Error, is_contract);
    taken["card"].as_object()["artifact_type"] = "zoo";
    check_target(taken, request(), candidate());
}

BOOST_AUTO_TEST_CASE(an_output_may_not_leave_the_repo_or_replace_what_the_host_writes)
{
    for (const char* path : {"../a", "/a", "README.md", ".gitattributes", "a//b", ""}) {
        BOOST_CHECK_EXCEPTION(check_target(plan("acme/x", "acme/x", path), request(), candidate()),
                              skw::Error, is_contract);
    }
}

BOOST_AUTO_TEST_CASE(knowing_the_hub_may_pin_but_not_widen_the_plan)
{
    json::object pinned = plan();
    pinned["inputs"].as_array()[0].as_object()["revision"] = "abc";
    pinned["steps"] = json::array{1};
    check_same_work(plan(), pinned, candidate());
    pinned["up_to_date"] = json::object{};
    pinned["steps"] = json::array{};
    check_same_work(with_command("larql"), pinned, candidate()); // nothing left to run
    check_same_work(with_command("larql"), with_command("larql"), candidate());
    BOOST_CHECK_EXCEPTION(check_same_work(with_command("larql"), with_command("rm"), candidate()), skw::Error,
                          is_contract);
    BOOST_CHECK_EXCEPTION(check_same_work(plan(), with_command("larql"), candidate()), skw::Error,
                          is_contract);
    json::object wider = plan();
    wider["inputs"].as_array().push_back(
        json::object{{"id", "x"}, {"repo", "o/other"}, {"patterns", json::array{}}});
    BOOST_CHECK_EXCEPTION(check_same_work(plan(), wider, candidate()), skw::Error, is_contract);
    BOOST_CHECK_EXCEPTION(check_same_work(plan(), plan("acme/x", "acme/x", "b.bin"), candidate()), skw::Error,
                          is_contract);
}

BOOST_AUTO_TEST_CASE(every_planned_output_must_be_there_with_the_content_that_is_claimed)
{
    skw::plugin::Execution execution;
    execution.result = json::object{
        {"outputs", json::array{json::object{{"id", "out"}, {"sha256", skw::sha256_of("a").hex()}}}}};
    BOOST_CHECK_EXCEPTION(check_outputs(plan(), execution, candidate()), skw::Error, is_contract);
    execution.outputs.push_back({"out", "/f", 1, skw::sha256_of("a")});
    check_outputs(plan(), execution, candidate());
    execution.outputs.back().sha256 = skw::sha256_of("b");
    BOOST_CHECK_EXCEPTION(check_outputs(plan(), execution, candidate()), skw::Error, is_contract);
}

BOOST_AUTO_TEST_SUITE_END()

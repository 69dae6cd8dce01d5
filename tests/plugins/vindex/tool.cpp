// SPDX-License-Identifier: Apache-2.0
// What is read out of larql's answers and lines.
#include "vindex/tool.hpp"

#include "fake_host.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

using namespace skw::test;
using namespace skw::vindex;
using skw::sdk::Failure;

namespace {

Larql probe(FakeHost& host, bool with_slice = true)
{
    return probe_larql(skw::sdk::Process(skw::sdk::Call(host.call())), with_slice);
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_tool)

BOOST_AUTO_TEST_CASE(a_larql_that_has_all_flags_is_named_with_its_hash)
{
    FakeHost host;
    const Larql larql = probe(host);
    BOOST_TEST(larql.version == "larql 0.2.0");
    BOOST_TEST(larql.sha256 == std::string(64, 'a'));
    const std::vector<std::string> asked = {"version", "help-extract", "help-publish", "help-slice"};
    BOOST_TEST(host.ran == asked, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_missing_flag_and_the_version_are_named)
{
    for (const auto& [step, text, missing] :
         {std::tuple("help-extract", "--quantize, --quants, q4k", "--quant"),
          std::tuple("help-extract", "--quant <none>", "q4k"),
          std::tuple("help-publish", "--slices", "--collections"),
          std::tuple("help-publish", "--collections", "--slices"),
          std::tuple("help-slice", "--parts", "--preset")}) {
        FakeHost host;
        host.tools[step].out = {text};
        BOOST_CHECK_EXCEPTION(probe(host), Failure, [&](const Failure& failure) {
            BOOST_TEST(failure.message().find("does not tell of " + std::string(missing) + ",") !=
                           std::string::npos,
                       failure.message());
            return failure.status() == SKW_E_UNSUPPORTED && failure.place() == "larql 0.2.0";
        });
    }
    FakeHost host;
    host.tools["help-slice"].out = {};
    probe(host, false); // not needed for a whole vindex, so not asked
}

BOOST_AUTO_TEST_CASE(a_larql_that_does_not_answer_is_refused)
{
    FakeHost host;
    host.tools["help-publish"].exit = 2;
    host.tools["help-publish"].err = {"Error: what?"};
    BOOST_CHECK_EXCEPTION(probe(host), Failure, [](const Failure& failure) {
        return failure.message() == "'larql publish --help' ended with exit code 2: Error: what?";
    });
    host.tools["version"].out = {};
    BOOST_CHECK_THROW(probe(host), Failure);
}

BOOST_AUTO_TEST_CASE(stages_and_layers_are_told_from_other_lines)
{
    BOOST_TEST(stage_of("\xe2\x94\x80\xe2\x94\x80 gate_vectors \xe2\x94\x80\xe2\x94\x80") == "gate_vectors");
    BOOST_TEST(stage_of("\xe2\x94\x80\xe2\x94\x80").empty());
    BOOST_TEST(stage_of("\xe2\x94\x80\xe2\x94\x80 a;b \xe2\x94\x80\xe2\x94\x80").empty());
    BOOST_TEST(stage_of("-- gate --").empty());
    BOOST_TEST(layer_of("  gate L 3: 0.1 s").value() == 3u);
    BOOST_TEST(layer_of("  ffn_kquant L 12: 0.0 s").value() == 12u);
    for (const char* other :
         {"  gate_vectors: 3.2 s", " L 3: 1 s", "gate L x: 1", "gate L 3", "a b L 3: 1 s", ""}) {
        BOOST_TEST(!layer_of(other), other);
    }
}

BOOST_AUTO_TEST_CASE(lines_become_progress_and_a_bounded_number_of_messages)
{
    FakeHost host;
    ExtractLines lines(skw::sdk::Call(host.call()), 2);
    for (int i = 0; i < 100; ++i) {
        lines.take("\xe2\x94\x80\xe2\x94\x80 stage \xe2\x94\x80\xe2\x94\x80");
        lines.take("  gate L 0: 0.1 s");
    }
    BOOST_TEST(host.log.size() == 40u);
    BOOST_TEST(host.log[0] == "3:extract: stage");
    BOOST_TEST(host.progress == 8u);
    BOOST_TEST(host.last_done == 8u);
    BOOST_TEST(host.last_total == 8u);
}

BOOST_AUTO_TEST_SUITE_END()

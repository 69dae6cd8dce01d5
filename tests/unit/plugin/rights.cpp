// SPDX-License-Identifier: Apache-2.0
// The plan is the list of rights.
#include "plugin/rights.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace skw::plugin {
namespace {

using testing::error_of;

Candidate make_plugin()
{
    Candidate plugin;
    plugin.id = "test.raw";
    plugin.tools = {"larql"};
    plugin.kinds = {Kind{.name = "raw", .title = "Raw", .collection_title = {}, .entry_fields = {}}};
    return plugin;
}

struct Fault {
    const char* pointer;
    const char* value; // as JSON
};

std::ostream& operator<<(std::ostream& out, const Fault& fault)
{
    return out << fault.pointer << " = " << fault.value;
}

const Fault faults[] = {
    {"/schema", "\"skw.plan/2\""},
    {"/kind", "\"other\""},
    {"/configured", "null"},
    {"/summary", "null"},
    {"/inputs/0/id", "\"\""},
    {"/inputs/0/id", "\"a b\""},
    {"/inputs/0/repo", "\"../..\""},
    {"/inputs/0/revision", "\"main\""},
    {"/outputs/0/path", "\"../README.md\""},
    {"/outputs/0/path", "\".git/config\""},
    {"/outputs/0/file", "\"../one.bin\""},
    {"/outputs/0/file", "\"/etc/one.bin\""},
    {"/outputs/0/file", "\"a/b\""},
    {"/outputs/0/file", "\".hidden\""},
    {"/outputs/0/file", "\"kept\""},
    {"/outputs/0/file", "\"resume\""},
    {"/outputs/0/file", "\"skw-AAAAAA\""},
    {"/outputs/0/file", "\"\""},
    {"/outputs/0/size", "-1"},
    {"/outputs/0/repo", "\"acme\""},
    {"/target/repo", "\"-x/y\""},
    {"/target/commit_message", "\"two\\nlines\""},
    {"/steps/0/title", "\"\\u001b[2J\""},
    {"/steps/0/inputs", "[\"nowhere\"]"},
    {"/steps/0/outputs", "[\"two\"]"},
    {"/steps/0/depends_on", "[\"copy\"]"},
    {"/steps/0/command", "[\"rm\", \"-rf\"]"},
    {"/steps/0/tools", "[\"larql\"]"}, // not among the plan's tools
    {"/tools", "[\"curl\"]"},          // not in the manifest
    {"/card/artifact_type", "\"\""},
    {"/warnings", "[\"a\\nb\"]"},
    {"/up_to_date", R"({"messages": []})"},
};

json::value changed(const char* pointer, const char* value)
{
    json::value plan = testing::make_plan("raw", "nothing");
    const std::string whole = pointer;
    const std::size_t cut = whole.rfind('/');
    json::value& parent = cut == 0 ? plan : plan.at_pointer(whole.substr(0, cut));
    parent.as_object()[whole.substr(cut + 1)] = json::parse(value);
    return plan;
}

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_rights)

BOOST_AUTO_TEST_CASE(a_plan_gives_exactly_the_rights_that_stand_in_it)
{
    const Rights rights = read_plan(testing::make_plan("raw", "nothing", 7, 100), make_plugin(), "raw");
    BOOST_TEST_REQUIRE(rights.inputs.size() == 1u);
    BOOST_TEST(rights.inputs.at("source").repo.text() == "acme/source");
    BOOST_TEST(rights.inputs.at("source").revision.has_value());
    BOOST_TEST_REQUIRE(rights.outputs.size() == 1u);
    BOOST_TEST(rights.outputs.at("one").file == "one.bin");
    BOOST_TEST(rights.outputs.at("one").size.value() == 7u);
    BOOST_TEST(rights.scratch_bytes.value() == 100u);
}

BOOST_DATA_TEST_CASE(a_faulty_plan_is_refused_with_its_place, boost::unit_test::data::make(faults), fault)
{
    const json::value plan = changed(fault.pointer, fault.value);
    const Error error = error_of([&] { read_plan(plan, make_plugin(), "raw"); });
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(error.place() == "plugin test.raw: skw.plan/1");
    const std::string pointer = fault.pointer;
    // A list's own complaint may stand at the list or at the member that depends on it.
    BOOST_TEST(error.reason().starts_with(pointer.substr(0, pointer.find('/', 1))), error.reason());
}

BOOST_AUTO_TEST_CASE(ids_and_file_names_stand_once)
{
    json::value plan = testing::make_plan("raw", "nothing");
    json::value output = plan.at_pointer("/outputs/0");
    plan.at("outputs").as_array().push_back(output);
    BOOST_CHECK_THROW(read_plan(plan, make_plugin(), "raw"), Error);
    plan.at("outputs").as_array().at(1).as_object()["id"] = "two";
    BOOST_TEST(error_of([&] { read_plan(plan, make_plugin(), "raw"); }).reason() ==
               "/outputs/1/file: stands twice");
    plan.at("outputs").as_array().at(1).as_object()["file"] = "two.bin";
    BOOST_TEST(read_plan(plan, make_plugin(), "raw").outputs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_unconfigured_plan_gives_no_rights_and_needs_a_message)
{
    json::value plan = {
        {"schema", "skw.plan/1"}, {"kind", "raw"}, {"configured", false}, {"message", "add x"}};
    const Rights rights = read_plan(plan, make_plugin(), "raw");
    BOOST_TEST(rights.inputs.empty());
    BOOST_TEST(rights.scratch_bytes.value() == 0u);
    plan.as_object().erase("message");
    BOOST_CHECK_THROW(read_plan(plan, make_plugin(), "raw"), Error);
}

BOOST_AUTO_TEST_CASE(scratch_bytes_of_the_steps_add_up_and_one_unknown_makes_the_sum_unknown)
{
    json::value plan = testing::make_plan("raw", "nothing", nullptr, std::int64_t{1} << 52);
    json::array& steps = plan.at("steps").as_array();
    for (const char* id : {"b", "c", "d"}) {
        json::value step = steps.at(0);
        step.as_object()["id"] = id;
        steps.push_back(step);
    }
    BOOST_TEST(read_plan(plan, make_plugin(), "raw").scratch_bytes.value() == std::uint64_t{1} << 54);
    steps.at(1).as_object()["scratch_bytes"] = nullptr;
    BOOST_TEST(!read_plan(plan, make_plugin(), "raw").scratch_bytes.has_value());
}

BOOST_AUTO_TEST_CASE(patterns_match_whole_paths_and_stars_cross_slashes)
{
    BOOST_TEST(matches("*.safetensors", "a/b/model.safetensors"));
    BOOST_TEST(matches("model-?.bin", "model-1.bin"));
    BOOST_TEST(matches("*", ""));
    BOOST_TEST(matches("a*b*c", "aXbYbZc"));
    BOOST_TEST(!matches("*.json", "config.json.bak"));
    BOOST_TEST(!matches("config.json", "sub/config.json"));
    BOOST_TEST(!matches("[ab].bin", "a.bin"));
    BOOST_TEST(!matches("", "a"));
    // Would take forever if every star tried every place.
    BOOST_TEST(!matches("*a*a*a*a*a*a*a*a*b", std::string(1000, 'a')));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

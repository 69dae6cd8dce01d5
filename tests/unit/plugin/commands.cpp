// SPDX-License-Identifier: Apache-2.0
// What a plan lets a tool do is read strictly: words, variables, folders, uploads, mirrors.
#include "plugin/commands.hpp"

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

// A tool makes the folder a.vindex and uploads it.
json::value tool_plan()
{
    json::value plan = testing::make_plan("raw", "nothing");
    json::object& object = plan.as_object();
    object["outputs"] = json::array();
    object["tools"] = {"larql"};
    object["folders"] = {"a.vindex"};
    object["steps"] = json::array{{{"id", "publish"},
                                   {"title", "publish"},
                                   {"kind", "publish"},
                                   {"tools", {"larql"}},
                                   {"command", {"larql", "publish", "s/a.vindex"}},
                                   {"environment", {{"HF_HUB_CACHE", "{scratch}/hub"}}},
                                   {"uploads", "a.vindex"},
                                   {"endpoint_variable", "LARQL_HF_TEST_BASE"}}};
    return plan;
}

json::value with(json::value plan, const std::string& pointer, const std::string& value)
{
    const std::size_t cut = pointer.rfind('/');
    json::value& parent = cut == 0 ? plan : plan.at_pointer(pointer.substr(0, cut));
    parent.as_object()[pointer.substr(cut + 1)] = json::parse(value);
    return plan;
}

std::string complaint(const json::value& plan)
{
    const Error error = error_of([&] { read_plan(plan, make_plugin(), "raw"); });
    BOOST_TEST((error.code() == ErrorCode::contract));
    return std::string(error.reason());
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
    {"/steps/0/command", R"(["larql", "two\nlines"])"},
    {"/steps/0/command", R"(["larql", "zero\u0000byte"])"},
    {"/steps/0/command", R"(["/usr/bin/larql"])"},
    {"/steps/0/command", R"([""])"},
    {"/steps/0/command", "[]"}, // but the step says how to run it
    {"/steps/0/command", "\"larql publish\""},
    {"/steps/0/environment", "[]"},
    {"/steps/0/environment", R"({"lower": "x"})"},
    {"/steps/0/environment", R"({"1A": "x"})"},
    {"/steps/0/environment", R"({"": "x"})"},
    {"/steps/0/environment", R"({"A=B": "x"})"},
    {"/steps/0/environment", R"({"A": "two\nlines"})"},
    {"/steps/0/environment", R"({"A": "zero\u0000byte"})"},
    {"/steps/0/environment", R"({"A": 5})"},
    {"/steps/0/environment", R"({"HF_TOKEN": "x"})"},
    {"/steps/0/environment", R"({"HF_TOKEN_PATH": "x"})"},
    {"/steps/0/environment", R"({"HUGGING_FACE_HUB_TOKEN": "x"})"},
    {"/steps/0/environment", R"({"HF_ENDPOINT": "https://elsewhere.example"})"},
    {"/steps/0/environment", R"({"LD_PRELOAD": "x"})"},
    {"/steps/0/environment", R"({"LD_AUDIT": "x"})"},
    {"/steps/0/environment", R"({"LD_LIBRARY_PATH": "x"})"},
    {"/steps/0/environment", R"({"PATH": "x"})"},
    {"/steps/0/environment", R"({"HOME": "x"})"},
    {"/steps/0/environment", R"({"TMPDIR": "x"})"},
    {"/steps/0/environment", R"({"LC_ALL": "x"})"},
    {"/steps/0/environment", R"({"HTTPS_PROXY": "x"})"},
    {"/steps/0/environment", R"({"SSL_CERT_FILE": "x"})"},
    {"/steps/0/environment", R"({"OMP_NUM_THREADS": "x"})"},
    {"/steps/0/uploads", "\"b.vindex\""},
    {"/steps/0/uploads", "\"\""},
    {"/steps/0/uploads", "null"}, // the endpoint is of no use then
    {"/steps/0/endpoint_variable", "\"lower\""},
    {"/steps/0/endpoint_variable", "\"HF_TOKEN\""},
    {"/steps/0/endpoint_variable", "\"LD_PRELOAD\""},
    {"/steps/0/endpoint_variable", "\"HF_HUB_CACHE\""}, // has a value of the plan
    {"/steps/0/endpoint_variable", "\"\""},
    {"/folders", R"(["a.vindex", "a.vindex"])"},
    {"/folders", R"(["a.vindex", "../b"])"},
    {"/folders", R"(["a.vindex", "/b"])"},
    {"/folders", R"(["a.vindex", "b/c"])"},
    {"/folders", R"(["a.vindex", ".b"])"},
    {"/folders", R"(["a.vindex", "resume"])"},
    {"/folders", R"(["a.vindex", "kept"])"},
    {"/folders", R"(["a.vindex", "skw-abcdef"])"},
    {"/folders", R"(["a.vindex", ""])"},
    {"/folders", R"({"a.vindex": 1})"},
    {"/folders", "[1]"},
    {"/folders", "null"}, // and yet a step uploads one
    {"/mirrors", R"([{"input": "elsewhere"}])"},
    {"/mirrors", R"([{"prune": []}])"},
    {"/mirrors", R"([{"input": "source", "prune": ["a\nb"]}])"},
    {"/mirrors", R"([{"input": "source", "prune": [""]}])"},
    {"/mirrors", R"([{"input": "source", "prune": "*"}])"},
    {"/mirrors", R"([{"input": "source"}, {"input": "source"}])"},
    {"/mirrors", R"([{"input": "source"}])"}, // beside an upload
    {"/mirrors", "{}"},
    {"/card/base_model_relation", "\"friend\""},
    {"/card/base_model_relation", "true"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_commands)

BOOST_AUTO_TEST_CASE(a_plan_gives_its_commands_and_folders)
{
    const Rights rights = read_plan(tool_plan(), make_plugin(), "raw");
    BOOST_TEST_REQUIRE(rights.commands.size() == 1u);
    const PlannedCommand& command = rights.commands.at("publish");
    BOOST_TEST(command.words == (std::vector<std::string>{"larql", "publish", "s/a.vindex"}),
               boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(command.environment.size() == 1u);
    BOOST_TEST(command.environment[0].name == "HF_HUB_CACHE");
    BOOST_TEST(command.environment[0].value == "{scratch}/hub");
    BOOST_TEST(command.uploads.value() == "a.vindex");
    BOOST_TEST(command.endpoint_variable == "LARQL_HF_TEST_BASE");
    BOOST_TEST(rights.folders.contains("a.vindex"));
    BOOST_TEST(rights.mirrors.empty());
}

BOOST_AUTO_TEST_CASE(a_plan_gives_its_mirrors)
{
    json::value plan = with(testing::make_plan("raw", "nothing"), "/mirrors",
                            R"([{"input": "source", "prune": ["*.safetensors"]}])");
    BOOST_TEST(read_plan(plan, make_plugin(), "raw").mirrors.contains("source"));
    BOOST_TEST(read_plan(plan, make_plugin(), "raw").outputs.size() == 1u); // both are allowed
}

BOOST_AUTO_TEST_CASE(a_plan_without_any_of_it_gives_none_of_these_rights)
{
    const Rights rights = read_plan(testing::make_plan("raw", "nothing"), make_plugin(), "raw");
    BOOST_TEST(rights.commands.empty());
    BOOST_TEST(rights.mirrors.empty());
    BOOST_TEST(rights.folders.empty());
}

BOOST_DATA_TEST_CASE(a_faulty_tool_plan_is_refused, boost::unit_test::data::make(faults), fault)
{
    BOOST_TEST(!complaint(with(tool_plan(), fault.pointer, fault.value)).empty());
}

BOOST_AUTO_TEST_CASE(an_upload_stands_alone)
{
    json::value plan = tool_plan();
    json::value second = plan.at_pointer("/steps/0");
    second.as_object()["id"] = "again";
    plan.at("steps").as_array().push_back(second);
    BOOST_TEST(complaint(plan) == "/steps/1/uploads: stands in two steps");
    plan = tool_plan();
    plan.as_object()["outputs"] = testing::make_plan("raw", "nothing").at("outputs");
    BOOST_TEST(complaint(plan) == "/steps/0/uploads: does not go with outputs or mirrors");
}

BOOST_AUTO_TEST_CASE(a_folder_does_not_meet_a_staged_file)
{
    json::value plan = testing::make_plan("raw", "nothing");
    plan.as_object()["folders"] = {"one.bin"};
    BOOST_TEST(complaint(plan) == "/folders: name 'one.bin', which stands twice");
}

BOOST_AUTO_TEST_CASE(the_usual_variable_of_the_endpoint_may_be_named_but_not_set)
{
    const json::value plan = with(tool_plan(), "/steps/0/endpoint_variable", "\"HF_ENDPOINT\"");
    BOOST_TEST(read_plan(plan, make_plugin(), "raw").commands.at("publish").endpoint_variable ==
               "HF_ENDPOINT");
    BOOST_TEST(!is_plan_variable("HF_ENDPOINT"));
}

BOOST_AUTO_TEST_CASE(too_many_words_or_variables_are_refused)
{
    json::value plan = tool_plan();
    json::array& words = plan.at_pointer("/steps/0/command").as_array();
    words.resize(1000, json::value("x"));
    BOOST_TEST(read_plan(plan, make_plugin(), "raw").commands.at("publish").words.size() == 1000u);
    plan.at_pointer("/steps/0/command").as_array().emplace_back("x");
    BOOST_TEST(complaint(plan).starts_with("/steps/0/command"));
    plan = tool_plan();
    for (int number = 0; number < 64; ++number) {
        plan.at_pointer("/steps/0/environment").as_object()["A" + std::to_string(number)] = "x";
    }
    BOOST_TEST(complaint(plan).starts_with("/steps/0/environment"));
}

BOOST_AUTO_TEST_CASE(a_relation_is_one_the_hub_knows_or_nothing)
{
    for (const char* relation : {"\"adapter\"", "\"finetune\"", "\"merge\"", "\"quantized\"", "null"}) {
        BOOST_CHECK_NO_THROW(
            read_plan(with(tool_plan(), "/card/base_model_relation", relation), make_plugin(), "raw"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

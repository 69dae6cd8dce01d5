// SPDX-License-Identifier: Apache-2.0
// The vindex kind checks its fields and prints its plan as the contract says.
#include "plugins/builtin/builtin.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

namespace skw::plugin {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

struct Rule {
    const char* field;
    const char* value;     // JSON; "" removes the field
    const char* complaint; // "" = none
};

std::ostream& operator<<(std::ostream& out, const Rule& rule)
{
    return out << rule.field << " = " << rule.value;
}

// Messages of the contract, section 4.3, rules 7, 8 and 11 to 16.
const Rule rules[] = {
    {"quant", "", "quant must be a non-empty string"},
    {"quant", "null", "quant must be a non-empty string"},
    {"quant", "\"\"", "quant must be a non-empty string"},
    {"quant", "4", "quant must be a non-empty string"},
    {"quant", "\"q8\"", "unsupported quant 'q8'"},
    {"quant", "\"q4k\\n\"", "unsupported quant 'q4k\\n'"},
    {"quant", "\"it's\"", "unsupported quant \"it's\""},
    {"slices", "", "slices must be a non-empty list"},
    {"slices", "[]", "slices must be a non-empty list"},
    {"slices", "\"full\"", "slices must be a non-empty list"},
    {"slices", "[\"full\", 1]", "slices must contain only strings"},
    {"slices", "[\"zeta\", \"alpha\", \"zeta\"]", "unsupported slices ['alpha', 'zeta']"},
    {"slices", "[\"\"]", "unsupported slices ['']"},
    {"slices", "[\"full\", \"expert-server\"]", "full must not be combined with other slices"},
    {"slices", "[\"full\", \"full\"]", "full must not be combined with other slices"},
    {"slices", "[\"expert-server\", \"expert-server\"]", ""},
    {"output_name", "", "output_name must be a non-empty string"},
    {"output_name", "[]", "output_name must be a non-empty string"},
    {"output_name", "\"a/b.vindex\"", "output_name must be a .vindex basename"},
    {"output_name", "\"a.bin\"", "output_name must be a .vindex basename"},
    {"output_name", "\"a.vindex\\n\"", "output_name must be a .vindex basename"},
    {"output_name", "\"a\\nb.vindex\"", "output_name must be a .vindex basename"},
    {"output_name", "\"a\\\\b.vindex\"", "output_name must be a .vindex basename"},
    {"output_name", "\".vindex\"", "output_name must be a .vindex basename"},
    {"output_name", "\"..vindex\"", "output_name must be a .vindex basename"},
    {"output_name", "\"-a.vindex\"", "output_name must be a .vindex basename"},
    {"output_name", "\"a b.vindex\"", ""},
};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_vindex)

BOOST_DATA_TEST_CASE(each_rule_has_the_contracts_message, boost::unit_test::data::make(rules), rule)
{
    json::object entry = make_entry();
    if (*rule.value == '\0') {
        entry.erase(rule.field);
    } else {
        entry[rule.field] = json::parse(rule.value);
    }
    const Lines expected =
        *rule.complaint == '\0' ? Lines{} : Lines{"/" + std::string(rule.field) + ": " + rule.complaint};
    BOOST_TEST(complaints(*load_builtin("vindex"), entry) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_field_is_complained_about_by_itself)
{
    const Lines expected = {"/quant: quant must be a non-empty string",
                            "/slices: slices must be a non-empty list",
                            "/output_name: output_name must be a non-empty string"};
    BOOST_TEST(complaints(*load_builtin("vindex"), {}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_vindex_prints_the_contracts_lines_with_its_options_behind)
{
    const json::value plan = load_builtin("vindex")->plan(make_request("vindex"));
    const Lines expected = {"extract command: larql extract o/m -o S/a.vindex --quant q4k",
                            "publish command: larql publish S/a.vindex --repo acme/a --slices none "
                            "--collections none"};
    BOOST_TEST(printed(plan) == expected, boost::test_tools::per_element());
    BOOST_TEST(plan.at("configured").as_bool());
}

BOOST_AUTO_TEST_CASE(a_slice_is_published_alone_and_into_the_entrys_own_repository)
{
    json::object entry = make_entry();
    entry["slices"] = {"expert-server"};
    const json::value plan = load_builtin("vindex")->plan(make_request("vindex", entry));
    const Lines expected = {
        "extract command: larql extract o/m -o S/a.vindex --quant q4k",
        "slice command:   larql slice S/a.vindex -o S/a.vindex-expert-server --preset expert-server",
        "publish command: larql publish S/a.vindex-expert-server --repo acme/a --slices none --collections none"};
    BOOST_TEST(printed(plan) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(words_are_quoted_for_a_shell_and_the_steps_run_the_printed_words)
{
    json::object entry = make_entry();
    entry["output_name"] = "it's a.vindex";
    json::object request = make_request("vindex", entry);
    request["scratch"] = "my scratch";
    const json::value plan = load_builtin("vindex")->plan(request);
    BOOST_TEST(printed(plan).at(0) == "extract command: larql extract o/m -o "
                                      "'my scratch/it'\"'\"'s a.vindex' --quant q4k");
    const Lines words = {"larql", "extract", "o/m", "-o", "my scratch/it's a.vindex", "--quant", "q4k"};
    Lines command;
    for (const json::value& word : plan.at("steps").at(4).at("command").as_array()) {
        command.emplace_back(word.as_string());
    }
    BOOST_TEST(command == words, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_card_says_what_a_vindex_is)
{
    const json::value plan = load_builtin("vindex")->plan(make_request("vindex"));
    const json::value& card = plan.at("card");
    BOOST_TEST(card.at("artifact_type").as_string() == "vindex");
    BOOST_TEST(card.at("source_repo").as_string() == "o/m");
    BOOST_TEST(card.at("target_model").as_string() == "o/m");
    BOOST_TEST(card.at("quant").as_string() == "q4k");
    const std::string about(card.at("about").as_string());
    for (const char* word : {"LARQL", "[o/m](https://huggingface.co/o/m)", "q4k"}) {
        BOOST_TEST(about.find(word) != std::string::npos, about);
    }
}

BOOST_AUTO_TEST_CASE(a_source_that_is_no_hub_repository_can_still_be_planned)
{
    json::object entry = make_entry();
    entry["source_model"] = "a/b/c";
    const json::value plan = load_builtin("vindex")->plan(make_request("vindex", entry));
    BOOST_TEST(plan.at("inputs").as_array().empty());
    BOOST_TEST(plan.at("warnings").as_array().size() == 1u);
    BOOST_TEST(printed(plan).at(0).starts_with("extract command: larql extract a/b/c -o"));
}

BOOST_AUTO_TEST_CASE(the_same_request_gives_the_same_bytes)
{
    const std::unique_ptr<Artifact> first = load_builtin("vindex");
    const std::unique_ptr<Artifact> second = load_builtin("vindex");
    const json::object request = make_request("vindex");
    BOOST_TEST(json::serialize(first->plan(request)) == json::serialize(second->plan(request)));
    BOOST_TEST(json::serialize(first->describe()) == json::serialize(second->describe()));
}

BOOST_AUTO_TEST_CASE(it_can_be_carried_out_and_its_example_is_valid)
{
    const std::unique_ptr<Artifact> artifact = load_builtin("vindex");
    BOOST_TEST(artifact->can_execute());
    const json::value description = artifact->describe();
    BOOST_TEST(artifact->validate(description.at_pointer("/kinds/0/examples/0").as_object()).empty());
    BOOST_TEST(artifact->kind().collection_title.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The vision kind checks its fields and prints its plan as the contract says.
#include "plugins/builtin/builtin.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

namespace skw::plugin {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

struct Rule {
    const char* changes;   // JSON object laid over the entry
    const char* complaint; // "" = none
};

std::ostream& operator<<(std::ostream& out, const Rule& rule)
{
    return out << rule.changes;
}

// Messages of the contract, section 4.3, rules 32 to 35, and the refusal of shared targets.
const Rule rules[] = {
    {R"({})", ""},
    {R"({"vision_source_repo": null, "vision_sidecar_repo": null})", ""},
    {R"({"vision_source_repo": ""})", "/vision_source_repo: vision_source_repo must be a non-empty string"},
    {R"({"vision_source_repo": 3, "vision_sidecar_repo": 3})",
     "/vision_source_repo: vision_source_repo must be a non-empty string"},
    {R"({"vision_sidecar_repo": []})",
     "/vision_sidecar_repo: vision_sidecar_repo must be a non-empty string"},
    {R"({"vision_sidecar_repo": null})",
     "/vision_source_repo: vision_source_repo and vision_sidecar_repo must "
     "both be set together or not at all"},
    {R"({"vision_source_repo": null})",
     "/vision_source_repo: vision_source_repo and vision_sidecar_repo must "
     "both be set together or not at all"},
    {R"({"vision_source_repo": "v"})", "/vision_source_repo: vision_source_repo must look like owner/name"},
    {R"({"vision_source_repo": "../.."})",
     "/vision_source_repo: vision_source_repo must look like owner/name"},
    {R"({"vision_source_repo": "-x/v"})",
     "/vision_source_repo: vision_source_repo must look like owner/name"},
    {R"({"vision_sidecar_repo": "acme/v\n"})",
     "/vision_sidecar_repo: vision_sidecar_repo must look like owner/name"},
    {R"({"vision_sidecar_repo": "acme/a/b"})",
     "/vision_sidecar_repo: vision_sidecar_repo must look like owner/name"},
    {R"({"vision_sidecar_repo": "other/v"})",
     "/vision_sidecar_repo: vision_sidecar_repo owner must be 'acme'"},
    {R"({"vision_sidecar_repo": "acme/a"})",
     "/vision_sidecar_repo: vision_sidecar_repo must differ from hf_repo"},
    {R"({"vision_sidecar_repo": "acme/A"})",
     "/vision_sidecar_repo: vision_sidecar_repo must differ from hf_repo"},
    {R"({"vision_sidecar_repo": "acme/m-mtp"})",
     "/vision_sidecar_repo: vision_sidecar_repo must differ from mtp_sidecar_repo"},
};

json::object without_vision()
{
    json::object entry = make_entry();
    entry["vision_source_repo"] = nullptr;
    entry["vision_sidecar_repo"] = nullptr;
    return entry;
}

json::object with_files(std::string_view files)
{
    json::object request = make_request("vision");
    const json::object source = {{"repo", "third/v"},
                                 {"revision", "0123456789012345678901234567890123456789"},
                                 {"files", json::parse(files)}};
    request["facts"] = {{"inputs", {{"source", source}}}};
    return request;
}

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_vision)

BOOST_DATA_TEST_CASE(each_rule_has_the_contracts_message, boost::unit_test::data::make(rules), rule)
{
    json::object entry = make_entry();
    const json::value changes = json::parse(rule.changes);
    for (const json::key_value_pair& change : changes.as_object()) {
        entry[change.key()] = change.value();
    }
    const Lines expected = *rule.complaint == '\0' ? Lines{} : Lines{rule.complaint};
    BOOST_TEST(complaints(*load_builtin("vision"), entry) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_configured_entry_prints_the_contracts_lines)
{
    const json::value plan = load_builtin("vision")->plan(make_request("vision"));
    const Lines expected = {"vision source repo:  hf://third/v", "vision sidecar repo: hf://acme/v-vision",
                            "vision step:         mirror weights + configs (no quantization)"};
    BOOST_TEST(printed(plan) == expected, boost::test_tools::per_element());
    BOOST_TEST(plan.at_pointer("/target/repo").as_string() == "acme/v-vision");
    BOOST_TEST(plan.at_pointer("/target/commit_message").as_string() == "Mirror vision encoder from third/v");
    BOOST_TEST(plan.at_pointer("/inputs/0/revision").is_null());
}

BOOST_AUTO_TEST_CASE(an_entry_without_the_fields_is_told_what_to_add)
{
    const json::value plan = load_builtin("vision")->plan(make_request("vision", without_vision()));
    BOOST_TEST(!plan.at("configured").as_bool());
    BOOST_TEST(plan.at("message").as_string() ==
               "no vision sidecar configured for acme/a; add vision_source_repo and vision_sidecar_repo to "
               "the catalog entry");
    BOOST_TEST(!plan.as_object().contains("steps"));
}

BOOST_AUTO_TEST_CASE(facts_pin_the_source_and_count_its_bytes)
{
    const json::value plan = load_builtin("vision")->plan(
        with_files(R"([{"path":"model.safetensors","size":1000},{"path":"config.json","size":24}])"));
    BOOST_TEST(plan.at_pointer("/inputs/0/revision").as_string() ==
               "0123456789012345678901234567890123456789");
    BOOST_TEST(plan.at_pointer("/steps/0/total").to_number<int>() == 1024);
}

BOOST_AUTO_TEST_CASE(a_source_without_weights_is_refused_in_the_contracts_words)
{
    const std::unique_ptr<Artifact> artifact = load_builtin("vision");
    const json::object request = with_files(R"([{"path":"config.json","size":24}])");
    BOOST_CHECK_EXCEPTION(artifact->plan(request), Error, [](const Error& error) {
        return error.reason() ==
               "no .safetensors weights found in third/v; confirm this repo holds the vision "
               "encoder weights";
    });
}

BOOST_AUTO_TEST_CASE(the_card_says_why_the_mirror_exists)
{
    const json::value plan = load_builtin("vision")->plan(make_request("vision"));
    const json::value& card = plan.at("card");
    BOOST_TEST(card.at("artifact_type").as_string() == "vision-sidecar");
    BOOST_TEST(card.at("source_repo").as_string() == "third/v");
    BOOST_TEST(card.at("target_model").as_string() == "o/m");
    BOOST_TEST(card.at("quant").is_null());
    const std::string about(card.at("about").as_string());
    for (const char* word :
         {"vision tower", "`o/m`", "[third/v](https://huggingface.co/third/v)", "third party"}) {
        BOOST_TEST(about.find(word) != std::string::npos, about);
    }
}

BOOST_AUTO_TEST_CASE(it_is_filed_by_title)
{
    const std::unique_ptr<Artifact> artifact = load_builtin("vision");
    BOOST_TEST(artifact->can_execute());
    BOOST_TEST(artifact->kind().collection_title == "Vision Sidecars");
    const json::value description = artifact->describe();
    BOOST_TEST(artifact->validate(description.at_pointer("/kinds/0/examples/0").as_object()).empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// A card tells where everything came from, and cannot be broken out of.
#include "card/card.hpp"

#include "catalog/yaml.hpp"

#include <boost/test/unit_test.hpp>

namespace json = skw::json;

namespace {

skw::card::CardFacts sidecar()
{
    skw::card::CardFacts facts;
    facts.repo = "acme/qwen3-5-4b-mtp";
    facts.artifact_type = "mtp-sidecar";
    facts.source_repo = "Qwen/Qwen3.5-4B";
    facts.source_revision = "0000000000000000000000000000000000001234";
    facts.target_model = "Qwen/Qwen3.5-4B";
    facts.catalog_key = "acme/qwen";
    facts.extracted_with = "skulk-weights 0.1.0";
    facts.generated_at = "2026-08-20T10:00:00Z";
    facts.license.ids = {"apache-2.0"};
    facts.about = "About.";
    facts.usage = "Usage.";
    return facts;
}

json::object front_matter(const std::string& card)
{
    BOOST_REQUIRE(card.starts_with("---\n"));
    const std::size_t end = card.find("---", 4); // anywhere, as existing readers look for it
    return skw::catalog::parse_yaml(card.substr(4, end - 4), "card").value.as_object();
}

} // namespace

BOOST_AUTO_TEST_SUITE(card_card)

BOOST_AUTO_TEST_CASE(the_front_matter_has_the_contracts_keys_in_order)
{
    const std::string card = make_card(sidecar());
    const json::object front = front_matter(card);
    std::vector<std::string> keys, inner;
    for (const auto& member : front) {
        keys.emplace_back(member.key());
    }
    for (const auto& member : front.at("foxlight").as_object()) {
        inner.emplace_back(member.key());
    }
    BOOST_TEST(keys == (std::vector<std::string>{"base_model", "tags", "license", "foxlight"}),
               boost::test_tools::per_element());
    BOOST_TEST(
        inner == (std::vector<std::string>{"artifact_type", "source_repo", "source_revision", "target_model",
                                           "catalog_key", "extracted_with", "generated_at"}),
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_revision_of_digits_stays_a_string)
{
    const json::value revision = front_matter(make_card(sidecar())).at("foxlight").at("source_revision");
    BOOST_REQUIRE(revision.is_string());
    BOOST_TEST(std::string(revision.as_string()) == "0000000000000000000000000000000000001234");
}

BOOST_AUTO_TEST_CASE(tags_begin_with_the_kind_and_do_not_repeat)
{
    skw::card::CardFacts facts = sidecar();
    facts.quant = "q4k";
    facts.tags = {"skulk", "extra"};
    const json::object front = front_matter(make_card(facts));
    BOOST_TEST(skw::canonical_json(front.at("tags")) ==
               R"(["mtp-sidecar","skulk","foxlight","q4k","extra"])");
}

BOOST_AUTO_TEST_CASE(the_body_has_the_contracts_headings_and_the_license_by_name)
{
    skw::card::CardFacts facts = sidecar();
    std::string card = make_card(facts);
    std::size_t at = 0;
    for (const char* heading :
         {"\n# acme/qwen3-5-4b-mtp\n", "\n## Provenance\n", "\n## Usage\n", "\n## License\n"}) {
        at = card.find(heading, at);
        BOOST_TEST_REQUIRE(at != std::string::npos, heading);
    }
    BOOST_TEST(card.find("original license, `apache-2.0`, which is preserved unchanged") !=
               std::string::npos);
    BOOST_TEST(card.find("## Notes") == std::string::npos);
    facts.license = {{"other"}, "qwen-research", "LICENSE"};
    card = make_card(facts);
    BOOST_TEST(card.find("original license, `qwen-research`,") != std::string::npos);
    BOOST_TEST(card.find("license_name: qwen-research\nlicense_link: LICENSE\n") != std::string::npos);
    facts.license = {};
    card = make_card(facts);
    BOOST_TEST(card.find("license:") == std::string::npos);
    BOOST_TEST(card.find("follows that of the source model") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hostile_names_change_neither_the_front_matter_nor_the_markup)
{
    skw::card::CardFacts facts = sidecar();
    const std::string hostile = "x\n---\nlicense: mit\n# Owned | <script> `";
    facts.license.ids = {hostile};
    facts.license.name = hostile;
    facts.target_model = hostile;
    facts.catalog_key = hostile;
    facts.facts = {{"Odd | name\n", hostile}};
    facts.notes = {hostile};
    const std::string card = make_card(facts);
    const json::object front = front_matter(card);
    BOOST_TEST(std::string(front.at("license").as_string()) == hostile);
    BOOST_TEST(std::string(front.at("foxlight").at("target_model").as_string()) == hostile);
    BOOST_TEST(card.find("\n# Owned") == std::string::npos);
    BOOST_TEST(card.find("\nlicense: mit") == std::string::npos);
    BOOST_TEST(card.substr(card.find("## Notes")).find("<script>") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_relation_is_said_only_where_it_is_known)
{
    skw::card::CardFacts facts = sidecar();
    BOOST_TEST(!front_matter(make_card(facts)).contains("base_model_relation"));
    facts.base_model_relation = "quantized";
    const std::string card = make_card(facts);
    BOOST_TEST(card.starts_with("---\nbase_model: Qwen/Qwen3.5-4B\nbase_model_relation: quantized\ntags:\n"));
}

BOOST_AUTO_TEST_CASE(every_file_is_listed_with_its_size_and_hash)
{
    skw::card::CardFacts facts = sidecar();
    facts.files = {{"mtp.safetensors", 1234, std::string(64, 'a')}, {"odd|`name", 5, std::string(64, 'b')}};
    facts.license_files = {"LICENSE", "NO`TICE"};
    std::string card = make_card(facts);
    BOOST_TEST(
        card.find(
            "\n## Files\n\n| File | Bytes | SHA-256 |\n| --- | ---: | --- |\n| `mtp.safetensors` | 1234 "
            "| `" +
            std::string(64, 'a') + "` |\n| ``odd\\|`name`` | 5 |") != std::string::npos,
        card);
    BOOST_TEST(card.find("Carried along from the source: `LICENSE` ``NO`TICE``\n") != std::string::npos);
    facts.files.resize(250, {"x", 1, std::string(64, 'c')});
    card = make_card(facts);
    BOOST_TEST(card.find("\nand 50 more files.\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unfinished_repo_says_so_and_names_its_kind)
{
    const std::string card = make_unfinished_card(sidecar(), true);
    const json::object front = front_matter(card);
    BOOST_TEST(std::string(front.at("foxlight").at("state").as_string()) == "publishing");
    BOOST_TEST(std::string(front.at("foxlight").at("artifact_type").as_string()) == "mtp-sidecar");
    BOOST_TEST(!front.contains("base_model")); // nothing that a search would find
    BOOST_TEST(card.find("is not complete") != std::string::npos);
    BOOST_TEST(std::string(front.at("foxlight").at("made_private").as_string()) == "true");
    BOOST_TEST(!front_matter(make_unfinished_card(sidecar(), false))
                    .at("foxlight")
                    .as_object()
                    .contains("made_private"));
}

BOOST_AUTO_TEST_CASE(the_mark_of_a_hidden_repo_comes_and_goes_without_a_trace)
{
    const std::string card = make_card(sidecar());
    const std::string marked = skw::card::mark_hidden(card);
    BOOST_TEST(std::string(front_matter(marked).at("foxlight").at("state").as_string()) == "complete");
    BOOST_TEST(skw::card::unmark_hidden(marked) == card);
    BOOST_TEST(skw::card::unmark_hidden(card) == card);
    BOOST_TEST(skw::card::unmark_hidden("# somebody's") == "# somebody's");
}

BOOST_AUTO_TEST_CASE(a_license_is_inherited_in_every_form_the_hub_has)
{
    const auto read = [](const char* text) {
        return skw::card::read_license(skw::parse_json(text, "").as_object());
    };
    BOOST_TEST(read(R"({"license":"mit"})").ids.at(0) == "mit");
    BOOST_TEST(read(R"({"license":["mit","apache-2.0"]})").ids.size() == 2u);
    BOOST_TEST(read(R"({"license":"other","license_name":"x","license_link":"y"})").name.value() == "x");
    BOOST_TEST(!read(R"({"license":null})").known());
    BOOST_TEST(!read(R"({"license":7})").known());
}

BOOST_AUTO_TEST_SUITE_END()

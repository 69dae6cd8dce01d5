// SPDX-License-Identifier: Apache-2.0
// The configuration file: where it is found, and each rule with its text.
#include "catalog/config.hpp"

#include "folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using tests::entry;

namespace {

const std::string good = "{path: op.yaml, namespace: acme, hf_owner: acme}";

std::string with(const std::string& more)
{
    return "catalogs:\n- " + good.substr(0, good.size() - 1) + ", " + more + "}\n";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_config, tests::Folder)

BOOST_AUTO_TEST_CASE(every_rule_has_its_text)
{
    write("op.yaml", "models:\n" + entry());
    const std::pair<std::string, std::string> rows[] = {
        {"", "c.yaml: must contain a top-level mapping"},
        {"[]", "c.yaml: must contain a top-level mapping"},
        {"catalogs: []\ncatalogues: []\n", "c.yaml: set only one of catalogs or the legacy key"},
        {"catalogs:\n", "c.yaml: catalogs must be a list"},
        {"catalogues: a\n", "c.yaml: catalogs must be a list"},
        {"catalogs: [a]\n", "c.yaml: catalogs[0] must be a mapping"},
        {"catalogs: [2024-01-01]\n", "c.yaml: catalogs[0] must be a mapping"},
        {"catalogs: [{}]\n", "c.yaml: catalogs[0] must set exactly one of builtin or path"},
        {"catalogs: [{builtin: foxlight, path: a}]\n",
         "c.yaml: catalogs[0] must set exactly one of builtin or path"},
        {"catalogs: [{builtin: }]\n", "c.yaml: catalogs[0].builtin must be a non-empty string"},
        {"catalogs: [{builtin: ' ', x: y}]\n", "c.yaml: catalogs[0].builtin must be a non-empty string"},
        {"catalogs: [{builtin: foxlight, namespace: a}]\n",
         "c.yaml: catalogs[0] builtin sources do not accept overrides"},
        {"catalogs: [{builtin: other}]\n", "unsupported builtin catalog: other"},
        {"catalogs: [{path: a, zed: 1, abc: 2}]\n", "c.yaml: catalogs[0] unsupported fields ['abc', 'zed']"},
        {"catalogs: [{path: a, 1: 2}]\n", "c.yaml: catalogs[0] unsupported fields [1]"},
        {"catalogs: [{path: a, 1: 2, b: c}]\n", "c.yaml: catalogs[0] unsupported fields [1, 'b']"},
        {"catalogs: [{path: 1}]\n", "c.yaml: catalogs[0].path must be a non-empty string"},
        {"catalogs: [{path: a}]\n", "c.yaml: catalogs[0].namespace must be a non-empty string"},
        {"catalogs: [{path: a, namespace: b, hf_owner: ''}]\n",
         "c.yaml: catalogs[0].hf_owner must be a non-empty string"},
        {with("hf_collection: ' '"), "c.yaml: catalogs[0].hf_collection must be a non-empty string"},
        {with("namespace: Acme"), "c.yaml: catalogs[0] namespace must be lowercase kebab/dot-case"},
        {with("hf_collection: x"), "c.yaml: catalogs[0].hf_collection must look like owner/slug"},
        {with("hf_collection: b/x"), "c.yaml: catalogs[0].hf_collection owner must be 'acme'"},
        {with("path: gone.yaml"), "gone.yaml not found; run from the repository root"},
        {"catalogs:\n- " + good + "\n- {path: }\n", "c.yaml: catalogs[1].path must be a non-empty string"},
        {"catalogs:\n- {path: gone.yaml, namespace: a, hf_owner: b}\n- 1\n",
         "gone.yaml not found; run from the repository root"},
        {"other: 1\n", ""},
        {"catalogues:\n- " + good + "\n", ""},
        {with("hf_collection: ~"), ""},
        {with("hf_collection: acme/x"), ""},
    };
    for (const auto& [text, message] : rows) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(config_error(text) == message);
        }
    }
    request.config = path("none.yaml");
    BOOST_TEST(error() == "none.yaml not found");
    request.config = temp.path().string();
    BOOST_TEST(error() == temp.path().string() + " not found");
}

BOOST_AUTO_TEST_CASE(entries_obey_the_owner_and_inherit_the_collection_of_their_source)
{
    write("op.yaml", "models:\n" + entry() + entry("hf_collection: acme/own", "b"));
    request.config = write("c.yaml", with("hf_collection: acme/all"));
    const catalog::Catalog catalog = read();
    BOOST_TEST(*catalog.entries.at(12).hf_collection == "acme/all");
    BOOST_TEST(catalog.entries.at(12).fields.at("hf_collection") == "acme/all");
    BOOST_TEST(*catalog.entries.at(13).hf_collection == "acme/own");
    write("op.yaml", "models:\n" + entry("hf_repo: other/a"));
    BOOST_TEST(error() == "acme/a: hf_repo owner must be 'acme'");
    write("op.yaml", "models:\n" + entry("hf_collection: other/a"));
    BOOST_TEST(error() == "acme/a: hf_collection owner must be 'acme'");
}

BOOST_AUTO_TEST_CASE(the_builtin_comes_first_unless_it_has_a_place_of_its_own)
{
    write("sub/op.yaml", "models:\n" + entry());
    request.config =
        write("c.yaml", "catalogs:\n- {path: sub/../sub//./op.yaml, namespace: n, hf_owner: acme}\n");
    catalog::Catalog catalog = read();
    BOOST_TEST(catalog.sources.at(0).kind == "builtin");
    BOOST_TEST(catalog.sources.at(1).origin == path("sub/../sub/op.yaml"));
    BOOST_TEST(catalog.entries.back().source == 1u);
    BOOST_TEST(catalog.find("n/a") == &catalog.entries.back());
    write("c.yaml", "catalogs:\n- {path: sub/op.yaml, namespace: n, hf_owner: acme}\n- builtin: foxlight\n");
    catalog = read();
    BOOST_TEST(catalog.entries.front().key == "n/a");
    BOOST_TEST(catalog.sources.at(1).entries == 12u);
    write("c.yaml", "catalogs:\n- builtin: foxlight\n- builtin: foxlight\n");
    BOOST_TEST(error() == "foxlight/gemma-3-4b-full-q4-k: duplicate catalog key");
}

BOOST_AUTO_TEST_CASE(names_are_unique_across_sources)
{
    write("op.yaml", "models:\n" + entry());
    const auto second = [&](const std::string& more) {
        write("op2.yaml", "models:\n" + entry(more, "b"));
        return config_error("catalogs:\n- {path: op.yaml, namespace: n, hf_owner: acme}\n"
                            "- {path: op2.yaml, namespace: n, hf_owner: acme}\n");
    };
    BOOST_TEST(second("") == "");
    BOOST_TEST(second("key: a") == "n/a: duplicate catalog key");
    BOOST_TEST(second("output_name: a.vindex") == "n/b: duplicate output_name a.vindex");
    BOOST_TEST(second("hf_repo: acme/a") == "n/b: duplicate hf_repo acme/a");
    BOOST_TEST(second("mtp_source_repo: o/m, mtp_sidecar_repo: acme/s") == "");
}

BOOST_AUTO_TEST_CASE(discovery_takes_the_new_name_before_the_old_and_skips_folders)
{
    BOOST_TEST(read().sources.size() == 1u);
    write("op.yaml", "models:\n" + entry());
    write("skulk-vindex.yaml", "catalogs:\n- " + good + "\n");
    std::filesystem::create_directory(path("skulk-weights.yaml"));
    catalog::Catalog catalog = read();
    BOOST_TEST(catalog.sources.size() == 2u);
    BOOST_TEST(catalog.warnings.size() == 2u);
    BOOST_TEST(catalog.warnings.back() == "found skulk-vindex.yaml but not skulk-weights.yaml; rename it to "
                                          "skulk-weights.yaml to silence this warning.");
    std::filesystem::remove(path("skulk-weights.yaml"));
    write("skulk-weights.yaml", "catalogs: []\n");
    catalog = read();
    BOOST_TEST(catalog.sources.size() == 1u);
    BOOST_TEST(catalog.warnings.empty());
    request.config = path("skulk-vindex.yaml");
    BOOST_TEST(read().warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_manifest_stands_alone_with_bare_keys)
{
    write("skulk-weights.yaml", "not: [valid");
    request.builtin_file = path("gone.yaml");
    request.manifest = write("cat.v1.yaml", "models:\n" + entry("hf_repo: any/a"));
    const catalog::Catalog catalog = read();
    BOOST_TEST(catalog.sources.at(0).kind == "manifest");
    BOOST_TEST(catalog.sources.at(0).name == "cat.v1");
    BOOST_TEST(catalog.sources.at(0).origin == request.manifest);
    BOOST_TEST(!catalog.sources.at(0).hf_owner);
    BOOST_TEST(catalog.entries.at(0).key == "a");
}

BOOST_AUTO_TEST_CASE(yaml_that_cannot_be_parsed_is_refused_with_file_line_and_column)
{
    BOOST_TEST(config_error("catalogs:\n\t- a\n").starts_with("c.yaml:2:1: "));
    BOOST_TEST(config_error("catalogs: [\xff]\n") == "c.yaml:1:12: the text is not UTF-8");
    BOOST_TEST(manifest_error("models:\n- &a 1\n- &a 2\n").starts_with("m.yaml:3:3: "));
}

BOOST_AUTO_TEST_CASE(a_file_of_a_gigabyte_is_refused_without_being_read)
{
    request.manifest = write("m.yaml", "models: \"");
    std::filesystem::resize_file(request.manifest, 1'000'000'000);
    BOOST_TEST(error() == "m.yaml:1:1: the file has 1.0 GB; a catalog may have at most 67.1 MB");
}

BOOST_AUTO_TEST_SUITE_END()

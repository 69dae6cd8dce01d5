// SPDX-License-Identifier: Apache-2.0
// The rules of entries, each with its text, and their order.
#include "catalog/manifest.hpp"

#include "folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using tests::entry;

BOOST_FIXTURE_TEST_SUITE(catalog_manifest, tests::Folder)

BOOST_AUTO_TEST_CASE(a_file_is_checked_as_a_whole_before_its_entries)
{
    request.manifest = path("gone.yaml");
    BOOST_TEST(error() == "gone.yaml not found; run from the repository root");
    std::filesystem::create_directory(path("folder.yaml"));
    request.manifest = path("folder.yaml");
    BOOST_TEST(error() == "folder.yaml not found; run from the repository root");
    for (const char* text : {"", "- a\n", "key:value\n", "2024-01-01\n", "a\n", "--- ~\n"}) {
        BOOST_TEST(manifest_error(text) == "m.yaml must contain a top-level mapping");
    }
    for (const char* text :
         {"{}", "models:\n", "models: []\n", "models: a\n", "models: {a: b}\n", "model: [a]\n"}) {
        BOOST_TEST(manifest_error(text) == "m.yaml: models must be a non-empty list");
    }
    BOOST_TEST(manifest_error("models:\n" + entry() + "x: &anchor 1\n1: 2\n") == "");
}

BOOST_AUTO_TEST_CASE(every_rule_has_its_text)
{
    const std::string both_mtp = "mtp_source_repo: o/m, mtp_sidecar_repo: acme/m";
    const std::string both_vision = "vision_source_repo: o/m, vision_sidecar_repo: acme/m";
    const struct {
        std::string more, message;
    } rows[] = {
        {"source_model: 1", "a: source_model must be a non-empty string"},
        {"source_model: ' '", "a: source_model must be a non-empty string"},
        {"source_model: m", "a: source_model must look like owner/name"},
        {"quant: ~", "a: quant must be a non-empty string"},
        {"quant: q8k", "a: unsupported quant 'q8k'"},
        {"tier: no", "a: tier must be a non-empty string"},
        {"tier: 'it''s'", "a: unsupported tier \"it's\""},
        {"slices: full", "a: slices must be a non-empty list"},
        {"slices: []", "a: slices must be a non-empty list"},
        {"slices: [1]", "a: slices must contain only strings"},
        {"slices: [zeta, alpha, zeta]", "a: unsupported slices ['alpha', 'zeta']"},
        {"slices: [full, full]", "a: full must not be combined with other slices"},
        {"output_name: 2024-01-01", "a: output_name must be a non-empty string"},
        {"output_name: a/b.vindex", "a: output_name must be a .vindex basename"},
        {"hf_repo: ''", "a: hf_repo must be a non-empty string"},
        {"hf_repo: acme/a/b", "a: hf_repo must look like owner/name"},
        {"hf_collection: 1", "a: hf_collection must be a non-empty string"},
        {"hf_collection: x", "a: hf_collection must look like owner/slug"},
        {"mtp_source_repo: 1, mtp_sidecar_repo: 2", "a: mtp_source_repo must be a non-empty string"},
        {"mtp_source_repo: o/m, mtp_sidecar_repo: ''", "a: mtp_sidecar_repo must be a non-empty string"},
        {"mtp_sidecar_repo: acme/m",
         "a: mtp_source_repo and mtp_sidecar_repo must both be set together or not at all"},
        {"mtp_source_repo: x, mtp_sidecar_repo: y", "a: mtp_source_repo must look like owner/name"},
        {"mtp_source_repo: o/m, mtp_sidecar_repo: y", "a: mtp_sidecar_repo must look like owner/name"},
        {"mtp_source_repo: o/m, mtp_sidecar_repo: b/m", "a: mtp_sidecar_repo owner must be 'acme'"},
        {"assistant_model_repo: 1.5", "a: assistant_model_repo must be a non-empty string"},
        {"assistant_model_repo: x", "a: assistant_model_repo must look like owner/name"},
        {both_mtp + ", assistant_model_repo: o/x",
         "a: assistant_model_repo and mtp_source_repo are mutually exclusive"},
        {"vision_source_repo: yes", "a: vision_source_repo must be a non-empty string"},
        {"vision_source_repo: o/m",
         "a: vision_source_repo and vision_sidecar_repo must both be set together or not at all"},
        {"vision_source_repo: x, vision_sidecar_repo: y", "a: vision_source_repo must look like owner/name"},
        {"vision_source_repo: o/m, vision_sidecar_repo: y",
         "a: vision_sidecar_repo must look like owner/name"},
        {"vision_source_repo: o/m, vision_sidecar_repo: b/m", "a: vision_sidecar_repo owner must be 'acme'"},
        {both_mtp + ", " + both_vision, ""},
        {both_vision + ", assistant_model_repo: o/x", ""},
        {"slices: [expert-server, expert-server], hf_collection: ~, mtp_source_repo: ~", ""},
    };
    for (const auto& row : rows) {
        BOOST_TEST(manifest_error("models:\n" + entry(row.more)) == row.message);
    }
}

BOOST_AUTO_TEST_CASE(an_entry_needs_a_key_before_anything_else)
{
    BOOST_TEST(manifest_error("models:\n- a\n") == "models[0] must be a mapping");
    BOOST_TEST(manifest_error("models:\n- 2024-01-01\n") == "models[0] must be a mapping");
    BOOST_TEST(manifest_error("models:\n" + entry() + "  - {}\n") ==
               "models[1]: key must be a non-empty string");
    for (const char* key :
         {"123", "0x1f", "12:30", "+1", "1.5", "5.", ".inf", "yes", "Off", "~", "''", "2024-01-01"}) {
        BOOST_TEST(manifest_error("models:\n" + entry("key: " + std::string(key))) ==
                   "models[0]: key must be a non-empty string");
    }
    BOOST_TEST(manifest_error("models:\n" + entry("", "A")) == "A: key must be lowercase kebab-case");
    BOOST_TEST(manifest_error("models:\n- {key: -a}\n") == "-a: key must be lowercase kebab-case");
    BOOST_TEST(manifest_error("models:\n- key: |\n    a\n") == "a\\x0a: key must be lowercase kebab-case");
    for (const char* key : {"1e3", "08", "0o17", "y", "2024-1-1", "'123'", "!!str 123", "1.2.3"}) {
        BOOST_TEST(manifest_error("models:\n" + entry("key: " + std::string(key))) ==
                   (std::string(key).find('.') == std::string::npos
                        ? ""
                        : std::string(key) + ": key must be lowercase kebab-case"));
    }
}

BOOST_AUTO_TEST_CASE(names_are_unique_within_a_file)
{
    BOOST_TEST(manifest_error("models:\n" + entry() + entry("output_name: b.vindex, hf_repo: acme/b")) ==
               "a: duplicate key");
    BOOST_TEST(manifest_error("models:\n" + entry() + entry("output_name: a.vindex", "b")) ==
               "b: duplicate output_name a.vindex");
    BOOST_TEST(manifest_error("models:\n" + entry() + entry("hf_repo: acme/a", "b")) ==
               "b: duplicate hf_repo acme/a");
    BOOST_TEST(manifest_error("models:\n" + entry() + entry("hf_repo: acme/A", "b")) == "");
}

BOOST_AUTO_TEST_CASE(the_first_rule_in_the_contracts_order_is_the_error_though_owners_speak_in_another)
{
    // From the last field to the first: each added fault takes over.
    const std::pair<const char*, const char*> faults[] = {
        {"vision_sidecar_repo: acme/v",
         "vision_source_repo and vision_sidecar_repo must both be set together or not at all"},
        {"assistant_model_repo: x", "assistant_model_repo must look like owner/name"},
        {"mtp_source_repo: o/m",
         "mtp_source_repo and mtp_sidecar_repo must both be set together or not at all"},
        {"hf_collection: x", "hf_collection must look like owner/slug"},
        {"hf_repo: x", "hf_repo must look like owner/name"},
        {"output_name: x", "output_name must be a .vindex basename"},
        {"slices: []", "slices must be a non-empty list"},
        {"tier: x", "unsupported tier 'x'"},
        {"quant: x", "unsupported quant 'x'"},
        {"source_model: x", "source_model must look like owner/name"},
    };
    std::string more;
    for (const auto& [fault, message] : faults) {
        more += (more.empty() ? "" : ", ") + std::string(fault);
        BOOST_TEST(manifest_error("models:\n" + entry(more)) == "a: " + std::string(message));
    }
}

BOOST_AUTO_TEST_CASE(names_that_a_tool_could_misread_are_refused)
{
    for (const char* model : {"--help/x", "o/-x", "../x", "o/..", "/etc", "o/", "///", "'a b/c'",
                              "\"o/m\\n\"", "\"o/\\x01\"", "\"o/\\xa0\""}) {
        BOOST_TEST(manifest_error("models:\n" + entry("source_model: " + std::string(model))) ==
                   "a: source_model must look like owner/name");
    }
    for (const char* repo : {"-o/m", "o/-m", "../m", "o/..", "o/.", "\"o/m\\n\"", "o/m@x"}) {
        BOOST_TEST(manifest_error("models:\n" + entry("hf_repo: " + std::string(repo))) ==
                   "a: hf_repo must look like owner/name");
    }
}

BOOST_AUTO_TEST_CASE(merge_keys_and_aliases_work_and_own_keys_win)
{
    request.manifest = write("m.yaml", "base: &b {quant: q4k, tier: moe, slices: [full]}\nmodels:\n"
                                       "  - <<: *b\n    key: a\n    tier: smoke\n    source_model: o/m\n"
                                       "    output_name: a.vindex\n    hf_repo: acme/a\n");
    const catalog::Catalog catalog = read();
    BOOST_TEST(catalog.entries.at(0).tier == "smoke");
    BOOST_TEST(catalog.entries.at(0).fields.at("quant") == "q4k");
    BOOST_TEST(catalog.warnings.empty());
}

BOOST_AUTO_TEST_CASE(duplicate_keys_and_unknown_fields_are_warnings_with_a_place)
{
    const std::string file =
        write("m.yaml", "models:\n- key: a\n  source_model: o/m\n  quant: q8k\n  quant: q4k\n"
                        "  tier: moe\n  slices: [full]\n  output_name: a.vindex\n"
                        "  hf_repo: acme/a\n  mtp_sidecar_repos: acme/x\n  zzzzzzzzzzzz: 1\n");
    request.manifest = file;
    std::vector<std::string> told;
    const catalog::Catalog catalog =
        catalog::read_catalog(request, rules, [&](const std::string& line) { told.push_back(line); });
    const std::vector<std::string> expected = {
        file + ":5:3: duplicate key 'quant', the last one counts",
        file + ":10:3: a: unknown field 'mtp_sidecar_repos', did you mean 'mtp_sidecar_repo'?",
        file + ":11:3: a: unknown field 'zzzzzzzzzzzz'",
    };
    BOOST_TEST(catalog.warnings == expected, boost::test_tools::per_element());
    BOOST_TEST(told == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_error_says_in_its_hint_where_to_look)
{
    request.manifest = write("m.yaml", "models:\n- key: a\n  source_model: o/m\n  tier: small\n");
    try {
        read();
        BOOST_FAIL("the tier must be refused");
    } catch (const Error& error) {
        BOOST_TEST(error.what() ==
                   "a: quant must be a non-empty string"); // the entry, as there is no such field
        BOOST_TEST(error.hint() == "see " + request.manifest + ":2:3");
    }
}

BOOST_AUTO_TEST_CASE(additions_without_entries_are_passed_over_with_a_warning)
{
    for (const char* const empty : {"", "# all gone\n", "---\n", "models:\n", "models: []\n"}) {
        request.overlay_file = write("own.yaml", empty);
        const catalog::Catalog catalog = read();
        BOOST_TEST(catalog.entries.size() == 12u);
        BOOST_TEST(catalog.warnings.size() == 1u);
        BOOST_TEST(catalog.warnings.at(0) == path("own.yaml") + " holds no entries, so it is passed over");
    }
    request.overlay_file = write("own.yaml", "- a\n");
    BOOST_TEST(error() == "builtin:foxlight must contain a top-level mapping");
    // Other files have to hold some.
    request.overlay_file.clear();
    BOOST_TEST(manifest_error("models: []\n").ends_with("m.yaml: models must be a non-empty list"));
    BOOST_TEST(manifest_error("").ends_with("m.yaml must contain a top-level mapping"));
}

BOOST_AUTO_TEST_SUITE_END()

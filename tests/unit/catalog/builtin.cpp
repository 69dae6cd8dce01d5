// SPDX-License-Identifier: Apache-2.0
// The built-in catalogue as data, the overlay behind it, and entries as JSON.
#include "catalog/catalog.hpp"

#include "catalog/yaml.hpp"
#include "folder.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace skw;
using tests::entry;

BOOST_FIXTURE_TEST_SUITE(catalog_builtin, tests::Folder)

BOOST_AUTO_TEST_CASE(the_packaged_catalog_has_its_twelve_entries)
{
    const struct {
        const char *key, *model, *tier, *slice, *stem, *source, *sidecar, *assistant;
    } rows[] = {
        {"gemma-3-4b-full-q4-k", "google/gemma-3-4b-it", "smoke", "full", "gemma-3-4b-it-full-q4-k", "", "",
         ""},
        {"llama-3-2-3b-full-q4-k", "meta-llama/Llama-3.2-3B-Instruct", "smoke", "full",
         "llama-3-2-3b-instruct-full-q4-k", "", "", ""},
        {"qwen-2-5-7b-full-q4-k", "Qwen/Qwen2.5-7B-Instruct", "smoke", "full",
         "qwen-2-5-7b-instruct-full-q4-k", "", "", ""},
        {"gemma-4-26b-a4b-full-q4-k", "google/gemma-4-26b-a4b-it", "moe", "full",
         "gemma-4-26b-a4b-it-full-q4-k", "", "", ""},
        {"gemma-4-26b-a4b-expert-server-q4-k", "google/gemma-4-26b-a4b-it", "moe", "expert-server",
         "gemma-4-26b-a4b-it-expert-server-q4-k", "", "", ""},
        {"mixtral-8x7b-full-q4-k", "mistralai/Mixtral-8x7B-Instruct-v0.1", "moe", "full",
         "mixtral-8x7b-instruct-v0-1-full-q4-k", "", "", ""},
        {"mixtral-8x7b-expert-server-q4-k", "mistralai/Mixtral-8x7B-Instruct-v0.1", "moe", "expert-server",
         "mixtral-8x7b-instruct-v0-1-expert-server-q4-k", "", "", ""},
        {"mixtral-8x22b-full-q4-k", "mistralai/Mixtral-8x22B-Instruct-v0.1", "moe", "full",
         "mixtral-8x22b-instruct-v0-1-full-q4-k", "", "", ""},
        {"mixtral-8x22b-expert-server-q4-k", "mistralai/Mixtral-8x22B-Instruct-v0.1", "moe", "expert-server",
         "mixtral-8x22b-instruct-v0-1-expert-server-q4-k", "", "", ""},
        {"qwen3-5-9b-full-q4-k", "mlx-community/Qwen3.5-9B-OptiQ-4bit", "smoke", "full",
         "qwen3-5-9b-full-q4-k", "Qwen/Qwen3.5-9B-Base", "FoxlightAI/qwen3-5-9b-base-mtp", ""},
        {"qwen3-6-35b-a3b-full-q4-k", "mlx-community/Qwen3.6-35B-A3B-4bit", "moe", "full",
         "qwen3-6-35b-a3b-full-q4-k", "Qwen/Qwen3.6-35B-A3B", "FoxlightAI/qwen3-6-35b-a3b-mtp", ""},
        {"gemma-4-31b-full-q4-k", "google/gemma-4-31B-it", "smoke", "full", "gemma-4-31b-it-full-q4-k", "",
         "", "google/gemma-4-31B-it-assistant"},
    };
    const catalog::Catalog catalog = read();
    BOOST_TEST(catalog.warnings.empty());
    BOOST_REQUIRE(catalog.entries.size() == std::size(rows));
    const auto quoted = [](const std::string& text) {
        return text.empty() ? std::string("null") : '"' + text + '"';
    };
    std::map<std::string, int> tiers;
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        const auto& row = rows[i];
        const std::string stem = row.stem;
        ++tiers[catalog.entries[i].tier];
        BOOST_TEST(catalog::entry_json(catalog.entries[i]) ==
                   "{\"assistant_model_repo\": " + quoted(row.assistant) +
                       ", \"hf_collection\": \"FoxlightAI/vindexes-6a124406dd5fb439c431b051\", \"hf_repo\": "
                       "\"FoxlightAI/" +
                       stem + "-vindex\", \"key\": \"foxlight/" + row.key + "\", \"mtp_sidecar_repo\": " +
                       quoted(row.sidecar) + ", \"mtp_source_repo\": " + quoted(row.source) +
                       ", \"output_name\": \"" + stem + ".vindex\", \"quant\": \"q4k\", \"slices\": [\"" +
                       row.slice + "\"], \"source_model\": \"" + row.model + "\", \"tier\": \"" + row.tier +
                       "\", \"vision_sidecar_repo\": null, \"vision_source_repo\": null}");
    }
    BOOST_TEST(tiers["smoke"] == 5);
    BOOST_TEST(tiers["moe"] == 7);
    const catalog::Source& source = catalog.sources.at(0);
    BOOST_TEST(source.kind + ' ' + source.name + ' ' + *source.name_space + ' ' + *source.hf_owner + ' ' +
                   *source.hf_collection + ' ' + std::to_string(source.entries) + ' ' + source.origin ==
               "builtin foxlight foxlight FoxlightAI FoxlightAI/vindexes-6a124406dd5fb439c431b051 12 "
               "package:foxlight");
}

BOOST_AUTO_TEST_CASE(the_build_tree_holds_the_data_where_an_installed_program_finds_it)
{
    for (const char* name : {"foxlight.yaml", "catalog.schema.json", "examples/skulk-weights.yaml"}) {
        BOOST_TEST(read_file(std::string(SKW_BUILD_DIR "/share/skulk-weights/catalog/") + name, 1 << 20) ==
                   read_file(std::string(SKW_SOURCE_DIR "/catalog/") + name, 1 << 20));
    }
}

BOOST_AUTO_TEST_CASE(the_operator_example_is_valid)
{
    request.config = SKW_SOURCE_DIR "/catalog/examples/skulk-weights.yaml";
    const catalog::Catalog catalog = read();
    BOOST_TEST(catalog.warnings.empty());
    BOOST_TEST(catalog.find("my-org/qwen3-5-4b") != nullptr);
    BOOST_TEST(catalog.entries.size() == 14u);
}

BOOST_AUTO_TEST_CASE(the_overlay_continues_the_builtin_source)
{
    request.overlay_file = path("overlay.yaml");
    BOOST_TEST(read().entries.size() == 12u); // not there: nothing to say
    write("overlay.yaml", "models:\n" + entry("hf_repo: FoxlightAI/a"));
    const catalog::Catalog catalog = read();
    BOOST_TEST(catalog.sources.size() == 1u);
    BOOST_TEST(catalog.sources.at(0).entries == 13u);
    BOOST_TEST(catalog.entries.back().key == "foxlight/a");
    BOOST_TEST(*catalog.entries.back().hf_collection == "FoxlightAI/vindexes-6a124406dd5fb439c431b051");
    write("overlay.yaml", "models:\n" + entry());
    BOOST_TEST(error() == "foxlight/a: hf_repo owner must be 'FoxlightAI'");
    write("overlay.yaml", "models:\n" + entry("hf_repo: FoxlightAI/a", "gemma-3-4b-full-q4-k"));
    BOOST_TEST(error() == "foxlight/gemma-3-4b-full-q4-k: duplicate key");
    write("overlay.yaml", "models: 3\n");
    BOOST_TEST(error() == "builtin:foxlight: models must be a non-empty list");
    write("overlay.yaml", "models: [\n");
    BOOST_TEST(error().starts_with("overlay.yaml:"));
}

BOOST_AUTO_TEST_CASE(a_missing_builtin_file_is_said_clearly)
{
    request.builtin_file = path("gone.yaml");
    BOOST_TEST(error() == "gone.yaml: the built-in catalog is not there");
}

BOOST_AUTO_TEST_CASE(json_is_ascii_with_pythons_separators)
{
    request.manifest =
        write("m.yaml",
              "models:\n" +
                  entry("source_model: \"o/\\u00e9\\U0001F600\\\"\", artifacts: {gguf: {z: [1, x], b: ~}}"));
    BOOST_TEST(
        catalog::entry_json(read().entries.at(0)) ==
        "{\"assistant_model_repo\": null, \"hf_collection\": null, \"hf_repo\": \"acme/a\", \"key\": \"a\", "
        "\"mtp_sidecar_repo\": null, \"mtp_source_repo\": null, \"output_name\": \"a.vindex\", \"quant\": "
        "\"q4k\", "
        "\"slices\": [\"full\"], \"source_model\": \"o/\\u00e9\\ud83d\\ude00\\\"\", \"tier\": \"smoke\", "
        "\"vision_sidecar_repo\": null, \"vision_source_repo\": null, "
        "\"artifacts\": {\"gguf\": {\"b\": null, \"z\": [1, \"x\"]}}}");
}

BOOST_AUTO_TEST_SUITE_END()

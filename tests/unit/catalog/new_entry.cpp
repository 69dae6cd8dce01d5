// SPDX-License-Identifier: Apache-2.0
// The lines of a new entry, and values that YAML would read as something else.
#include "catalog/new_entry.hpp"

#include "../error_of.hpp"
#include "catalog/yaml.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using catalog::Detected;

namespace {

const catalog::EntryOwner foxlight{"foxlight", "FoxlightAI", "FoxlightAI/vindexes-6a124406dd5fb439c431b051"};

Detected plain(const std::string& id)
{
    Detected detected;
    detected.id = id;
    detected.quant = "q4k";
    detected.tier = "smoke";
    detected.bases.chain = {id};
    return detected;
}

} // namespace

BOOST_AUTO_TEST_SUITE(catalog_new_entry)

BOOST_AUTO_TEST_CASE(the_block_is_the_contracts_to_the_byte)
{
    Detected detected = plain("mlx-community/Qwen3.5-9B-4bit");
    const std::string common = "\n  - key: qwen3-5-9b-full-q4-k\n"
                               "    source_model: mlx-community/Qwen3.5-9B-4bit\n"
                               "    quant: q4k\n"
                               "    tier: smoke\n"
                               "    slices:\n"
                               "      - full\n"
                               "    output_name: qwen3-5-9b-full-q4-k.vindex\n"
                               "    hf_repo: FoxlightAI/qwen3-5-9b-full-q4-k-vindex\n"
                               "    hf_collection: FoxlightAI/vindexes-6a124406dd5fb439c431b051\n";
    BOOST_TEST(entry_block(make_entry(detected, foxlight)) == common);
    detected.assistant = "o/a-assistant";
    BOOST_TEST(entry_block(make_entry(detected, foxlight)) ==
               common + "    assistant_model_repo: o/a-assistant\n");
    detected.heads_in = "Qwen/Qwen3.5-9B";
    detected.heads.state = catalog::Heads::State::usable;
    BOOST_TEST(entry_block(make_entry(detected, foxlight)) ==
               common + "    mtp_source_repo: Qwen/Qwen3.5-9B\n"
                        "    mtp_sidecar_repo: FoxlightAI/qwen3-5-9b-mtp\n");
    BOOST_TEST(make_entry(detected, foxlight).effective_key == "foxlight/qwen3-5-9b-full-q4-k");
}

BOOST_AUTO_TEST_CASE(an_owner_without_collection_and_namespace_leaves_them_out)
{
    const catalog::NewEntry entry = make_entry(plain("o/m"), {std::nullopt, "acme", std::nullopt});
    BOOST_TEST(entry.effective_key == "m-full-q4-k");
    BOOST_TEST(entry.hf_repo == "acme/m-full-q4-k-vindex");
    BOOST_TEST(!entry.json().contains("hf_collection"));
}

BOOST_AUTO_TEST_CASE(names_that_break_a_rule_are_refused)
{
    for (const char* id : {"owner/-4bit", "owner/_", "owner/..."}) {
        const Error error = testing::error_of([&] { make_entry(plain(id), foxlight); });
        BOOST_TEST(std::string(error.what()).starts_with("no key can be made of the name of "));
    }
    const Error error = testing::error_of([&] { make_entry(plain("o/" + std::string(90, 'a')), foxlight); });
    BOOST_TEST(std::string(error.what()).ends_with("which is no name of a repository on the Hub"));
}

BOOST_AUTO_TEST_CASE(every_scalar_is_read_as_the_text_it_is)
{
    for (const std::string text :
         {"plain",    "a/b",   "q4k", "yes",   "no",   "on",         "~",  "null", "1",    "0x1f",
          "1_000",    "12:30", "1.5", ".5",    ".inf", "2024-01-01", "=",  "<<",   "- a",  "a: b",
          "a #b",     "#a",    "[a]", "{a}",   "&a",   "*a",         "!a", "|",    ">",    "'",
          "it's",     "\"",    "%a",  "@a",    "`a",   " a",         "a ", "",     "a\nb", "\t",
          "\xc3\xa4", "? a",   "-",   "--- a", "a:",   "owner/1e3"}) {
        const catalog::YamlDocument read =
            catalog::parse_yaml("k: " + catalog::yaml_scalar(text) + "\n", "t");
        BOOST_TEST(read.value.at("k").as_string() == text, catalog::yaml_scalar(text));
    }
    BOOST_TEST(catalog::yaml_scalar("acme/m-1.0_x") == "acme/m-1.0_x");
}

BOOST_AUTO_TEST_SUITE_END()

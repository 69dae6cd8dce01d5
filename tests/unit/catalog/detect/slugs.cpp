// SPDX-License-Identifier: Apache-2.0
// The table of the contract's section 7.7, and names that the Python tool got wrong.
#include "catalog/detect/slugs.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::catalog;

BOOST_AUTO_TEST_SUITE(catalog_slugs)

BOOST_AUTO_TEST_CASE(names_are_made_as_the_contract_lists_them)
{
    const struct {
        const char *model, *key, *artifact, *base;
    } rows[] = {
        {"google/gemma-3-4b-it", "gemma-3-4b", "gemma-3-4b-it", "gemma-3-4b-it"},
        {"meta-llama/Llama-3.2-3B-Instruct", "llama-3-2-3b", "llama-3-2-3b-it", "llama-3-2-3b-instruct"},
        {"mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b-v0-1", "mixtral-8x7b-it-v0-1",
         "mixtral-8x7b-instruct-v0-1"},
        {"mlx-community/Qwen3.5-9B-OptiQ-4bit", "qwen3-5-9b", "qwen3-5-9b", "qwen3-5-9b-optiq-4bit"},
        {"mlx-community/Kimi-K2.5-4bit", "kimi-k2-5", "kimi-k2-5", "kimi-k2-5-4bit"},
        {"Qwen/Qwen3-Next-80B-A3B-Instruct-FP8", "qwen3-next-80b-a3b-fp8", "qwen3-next-80b-a3b-it-fp8",
         "qwen3-next-80b-a3b-instruct-fp8"},
        {"mlx-community/Mistral-7B-Instruct-v0.3-4bit-mlx", "mistral-7b-v0-3", "mistral-7b-it-v0-3",
         "mistral-7b-instruct-v0-3-4bit-mlx"},
        {"owner/Foo_Bar-4bit", "foo-bar", "foo-bar", "foo_bar-4bit"},
        {"owner/x-Instruct-it", "x", "x-it-it", "x-instruct-it"},
        {"owner/a--b__c..d", "a-b-c-d", "a-b-c-d", "a-b__c-d"},
        {"owner/MyModel-Instruct2", "mymodel2", "mymodel-instruct2", "mymodel-instruct2"},
        {"owner/-4bit", "", "", "4bit"},
    };
    for (const auto& row : rows) {
        BOOST_TEST(key_slug(row.model) == row.key);
        BOOST_TEST(artifact_slug(row.model) == row.artifact);
        BOOST_TEST(base_slug(row.model) == row.base);
    }
}

BOOST_AUTO_TEST_CASE(an_ending_counts_only_where_the_word_ends)
{
    BOOST_TEST(key_slug("owner/Foo-Italian-7B") == "foo-italian-7b");
    BOOST_TEST(key_slug("owner/Foo-Instructor") == "foo-instructor");
    BOOST_TEST(key_slug("owner/Foo-MLXtra-4bit") == "foo-mlxtra");
    BOOST_TEST(artifact_slug("owner/Foo-Instructor") == "foo-instructor");
    BOOST_TEST(artifact_slug("owner/Foo-4bits") == "foo-4bits");
}

BOOST_AUTO_TEST_SUITE_END()

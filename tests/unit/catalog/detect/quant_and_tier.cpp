// SPDX-License-Identifier: Apache-2.0
// Eight bits and experts: what counts and what only looks like it.
#include "catalog/detect/quant_and_tier.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;

namespace {

std::string quant(const std::string& id, std::vector<std::string> tags = {})
{
    return catalog::detect_quant({id, std::move(tags)});
}

std::string tier(std::vector<std::string> tags, std::string_view config = "null")
{
    return catalog::detect_tier({"o/m", std::move(tags)}, parse_json(config, "config"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(catalog_quant_and_tier)

BOOST_AUTO_TEST_CASE(eight_bits_are_words_of_the_name_or_of_a_tag)
{
    for (const char* id : {"o/m-8bit", "o/M-8Bit-mlx", "o/m-8-bit", "o/m-Q8_0-GGUF", "o/m.q8", "o/m_q8k"}) {
        BOOST_TEST(quant(id) == "q8k", id);
    }
    BOOST_TEST(quant("o/m", {"mlx", "8-bit"}) == "q8k");
    BOOST_TEST(quant("o/m", {"8bit"}) == "q8k");
}

BOOST_AUTO_TEST_CASE(letters_that_only_hold_them_are_not_eight_bits)
{
    for (const char* id : {"o/m", "o/m-4bit", "o/m-18bit", "q8-labs/m", "o/faq80", "o/m-FP8", "o/8b-it"}) {
        BOOST_TEST(quant(id) == "q4k", id);
    }
    BOOST_TEST(quant("o/m", {"dataset:acme/q8", "base_model:quantized:o/m-8bit", "license:q8", "faq8x"}) ==
               "q4k");
}

BOOST_AUTO_TEST_CASE(experts_are_told_by_tags)
{
    for (const char* tag : {"moe", "MoE", "mixtral", "qwen_moe", "qwen3_5_moe", "qwen3_moe", "qwen2_moe",
                            "deepseek_v2", "deepseek_v3", "deepseek_v32"}) {
        BOOST_TEST(tier({"x", tag}) == "moe", tag);
    }
    BOOST_TEST(tier({}) == "smoke");
    BOOST_TEST(tier({"moeller", "smoe", "base_model:o/moe"}) == "smoke");
}

BOOST_AUTO_TEST_CASE(experts_are_told_by_the_configuration)
{
    BOOST_TEST(tier({}, R"({"num_experts": 128})") == "moe");
    BOOST_TEST(tier({}, R"({"text_config": {"num_local_experts": 8}})") == "moe");
    BOOST_TEST(tier({}, R"({"thinker_config": {"text_config": {"n_routed_experts": 2}}})") == "moe");
    BOOST_TEST(tier({}, R"({"model_type": "qwen3_moe"})") == "moe");
    BOOST_TEST(tier({}, R"({"text_config": {"model_type": "qwen3_5_moe_text"}})") == "moe");
}

BOOST_AUTO_TEST_CASE(odd_configurations_say_nothing)
{
    for (const char* config :
         {"null", "[]", "3", "{}", R"({"num_experts": null})", R"({"num_experts": 1})",
          R"({"num_experts": "8"})", R"({"num_experts": true})", R"({"num_experts": -4})",
          R"({"text_config": [1]})", R"({"model_type": 7, "text_config": null})",
          R"({"vision_config": {"num_experts": 8}})"}) {
        BOOST_TEST(tier({}, config) == "smoke", config);
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// What is believed of a config.json, and what counts as not given.
#include "mtp/checkpoint/text_config.hpp"

#include "safetensors/error.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

using namespace skw::mtp;

namespace {

TextConfig read(std::string_view json)
{
    TextConfigParser parser;
    parser.feed(json);
    return parser.finish();
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_text_config)

BOOST_AUTO_TEST_CASE(the_first_mapping_with_a_layer_count_is_the_text_model)
{
    BOOST_TEST(*read(R"({"num_hidden_layers":61,"text_config":{"num_hidden_layers":3}})").trunk_layers ==
               61u);
    BOOST_TEST(*read(R"({"text_config":{"num_hidden_layers":3},"llm_config":{"num_hidden_layers":4}})")
                    .trunk_layers == 3u);
    BOOST_TEST(*read(R"({"language_config":{"num_hidden_layers":5}})").trunk_layers == 5u);
    BOOST_TEST(*read(R"({"thinker_config":{"text_config":{"num_hidden_layers":6}}})").trunk_layers == 6u);
    BOOST_TEST(*read(R"({"num_layers":28})").trunk_layers == 28u);
    BOOST_TEST(
        !read(R"({"vision_config":{"num_hidden_layers":9},"a":[{"num_hidden_layers":9}]})").trunk_layers);
}

BOOST_AUTO_TEST_CASE(nulls_booleans_fractions_and_texts_count_as_not_given)
{
    for (const char* odd : {"null", "true", "1.5", "\"61\"", "-1", "[61]", "{}"}) {
        const TextConfig config =
            read("{\"num_hidden_layers\":" + std::string(odd) + ",\"num_nextn_predict_layers\":" + odd + "}");
        BOOST_TEST(!config.trunk_layers, odd);
        BOOST_TEST(!config.declared_layers, odd);
    }
}

BOOST_AUTO_TEST_CASE(declarations_are_found_in_the_text_model_and_then_at_the_top)
{
    const TextConfig qwen =
        read(R"({"model_type":"qwen3_5","text_config":{"num_hidden_layers":32,"mtp_num_hidden_layers":1}})");
    BOOST_TEST(*qwen.declared_layers == 1u);
    BOOST_TEST(qwen.declared_by == "mtp_num_hidden_layers");
    BOOST_TEST(qwen.model_type == "qwen3_5");
    BOOST_TEST(
        *read(R"({"num_nextn_predict_layers":3,"text_config":{"num_hidden_layers":4}})").declared_layers ==
        3u);
    BOOST_TEST(
        *read(R"({"num_hidden_layers":4,"num_nextn_predict_layers":0,"num_mtp_layers":2})").declared_layers ==
        2u);
    const TextConfig inner = read(R"({"num_hidden_layers":4,"mtp_config":{"num_nextn_predict_layers":2}})");
    BOOST_TEST(inner.declared_by == "mtp_config.num_nextn_predict_layers");
}

BOOST_AUTO_TEST_CASE(patterns_and_modules_multiply)
{
    BOOST_TEST(
        *read(R"({"num_hidden_layers":4,"num_nextn_predict_layers":1,"mtp_hybrid_override_pattern":"*E"})")
             .declared_layers == 2u);
    BOOST_TEST(
        *read(R"({"num_hidden_layers":4,"use_mtp":true,"num_mtp_modules":3,"mtp_transformer_layers":2})")
             .declared_layers == 6u);
    BOOST_TEST(!read(R"({"num_hidden_layers":4,"use_mtp":false,"num_mtp_modules":3})").declared_layers);
    BOOST_TEST(
        !read(R"({"num_hidden_layers":4,"num_mtp_modules":18446744073709551615,"mtp_transformer_layers":2})")
             .declared_layers);
}

BOOST_AUTO_TEST_CASE(each_member_that_may_declare_layers_is_read)
{
    for (const std::string member :
         {"num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers", "mtp_num_layers",
          "n_mtp_layers", "dspark_num_mtp_layers", "num_mtp_modules"}) {
        for (const std::string& json : {"{\"num_hidden_layers\":4,\"" + member + "\":3}",
                                        "{\"text_config\":{\"num_hidden_layers\":4,\"" + member + "\":3}}",
                                        "{\"" + member + "\":3,\"llm_config\":{\"num_hidden_layers\":4}}"}) {
            const TextConfig config = read(json);
            BOOST_TEST((config.declared_layers == 3u), json);
            BOOST_TEST(config.declared_by == member, json);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_depth_of_0_is_not_given)
{
    const TextConfig config = read(R"({"num_hidden_layers":0,"text_config":{"num_layers":28}})");
    BOOST_TEST(*config.trunk_layers == 28u);
    BOOST_TEST(!read(R"({"num_hidden_layers":0})").trunk_layers);
    BOOST_TEST(*read(R"({"num_hidden_layers":0,"num_layers":28})").trunk_layers == 28u);
}

BOOST_AUTO_TEST_CASE(the_type_of_the_whole_is_kept_beside_that_of_the_text_model)
{
    const TextConfig nested =
        read(R"({"model_type":"step3p7","text_config":{"model_type":"step3p5","num_hidden_layers":45}})");
    BOOST_TEST(nested.model_type == "step3p5");
    BOOST_TEST(nested.outer_type == "step3p7");
    const TextConfig flat = read(R"({"model_type":"deepseek_v3","num_hidden_layers":61})");
    BOOST_TEST(flat.model_type == "deepseek_v3");
    BOOST_TEST(flat.outer_type == "");
}

BOOST_AUTO_TEST_CASE(the_pattern_of_a_hybrid_model_tells_the_layers_of_a_step)
{
    const TextConfig config =
        read(R"({"num_hidden_layers":88,"num_nextn_predict_layers":2,"mtp_hybrid_override_pattern":"*E"})");
    BOOST_TEST(config.step_layers == 2u);
    BOOST_TEST(*config.declared_layers == 4u);
    BOOST_TEST(read(R"({"num_hidden_layers":88,"mtp_hybrid_override_pattern":null})").step_layers == 1u);
}

BOOST_AUTO_TEST_CASE(the_block_size_is_two_whole_numbers_of_the_text_model_or_the_whole)
{
    const auto block = [](const std::string& config) { return read(config).block; };
    const auto sides = [](std::uint64_t rows, std::uint64_t columns) { return std::array{rows, columns}; };
    BOOST_TEST((block(R"({"quantization_config":{"weight_block_size":[128,64]}})") == sides(128, 64)));
    BOOST_TEST((block(R"({"quantization_config":{"weight_block_size":[128,128]},"text_config":
        {"num_hidden_layers":4,"quantization_config":{"weight_block_size":[32,32]}}})") == sides(32, 32)));
    BOOST_TEST((block(R"({"quantization_config":{"weight_block_size":[128,128]},"text_config":
        {"num_hidden_layers":4,"quantization_config":{"weight_block_size":null}}})") == sides(128, 128)));
    BOOST_TEST(!block(R"({"weight_block_size":[128,128]})"));
    BOOST_TEST(!block(R"({"vision_config":{"quantization_config":{"weight_block_size":[128,128]}}})"));
    BOOST_TEST(!block(R"({"quantization_config":{"groups":{"weight_block_size":[128,128]}}})"));
}

BOOST_AUTO_TEST_CASE(hostile_block_sizes_are_not_given)
{
    for (const char* odd : {"null",
                            "128",
                            "\"128x128\"",
                            "[]",
                            "[128]",
                            "[128,128,128]",
                            "[128,128,128,128,128]",
                            "[0,128]",
                            "[128,0]",
                            "[-128,128]",
                            "[128.0,128]",
                            "[128,\"128\"]",
                            "[128,null]",
                            "[128,true]",
                            "[[128,128]]",
                            "[128,[128]]",
                            "[[128],128,128]",
                            "[{\"a\":128},128]",
                            "{\"a\":[128,128]}",
                            "[128,65537]",
                            "[18446744073709551615,1]",
                            "[99999999999999999999,128]"}) {
        const TextConfig config = read("{\"quantization_config\":{\"weight_block_size\":" + std::string(odd) +
                                       "},\"num_layers\":7}");
        BOOST_TEST(!config.block, odd);
        BOOST_TEST(*config.trunk_layers == 7u);
    }
    BOOST_TEST((read(R"({"quantization_config":{"weight_block_size":[1,65536]}})").block ==
                std::array<std::uint64_t, 2>{1, 65536}));
    BOOST_CHECK_THROW(
        read(R"({"quantization_config":{"weight_block_size":[1,2],"weight_block_size":[3,4]}})"),
        skw::sdk::Failure);
}

BOOST_AUTO_TEST_CASE(the_type_of_experts_is_a_text_of_the_text_model_or_the_whole)
{
    BOOST_TEST(read(R"({"expert_dtype":"fp4","num_hidden_layers":43})").expert_dtype == "fp4");
    BOOST_TEST(read(R"({"expert_dtype":"fp4","text_config":{"num_hidden_layers":43,"expert_dtype":"fp8"}})")
                   .expert_dtype == "fp8");
    BOOST_TEST(read(R"({"expert_dtype":null})").expert_dtype == "");
    BOOST_TEST(read(R"({"expert_dtype":["fp4"]})").expert_dtype == "");
}

BOOST_AUTO_TEST_CASE(any_member_of_a_drafter_declares_one_unless_it_is_null)
{
    for (const char* given : {"1", "true", "\"x\"", "[1,2]", "{}", "0.5"}) {
        BOOST_TEST(read("{\"dspark_x\":" + std::string(given) + "}").declares_dspark, given);
        BOOST_TEST(read("{\"text_config\":{\"dspark_x\":" + std::string(given) + "}}").declares_dspark,
                   given);
    }
    BOOST_TEST(!read(R"({"dspark_x":null})").declares_dspark);
    BOOST_TEST(!read(R"({"dspark":1,"vision_config":{"dspark_x":1},"a":[{"dspark_x":1}]})").declares_dspark);
    BOOST_TEST(!read(R"({"dspark_x":null,"a":[1]})").declares_dspark);
}

BOOST_AUTO_TEST_CASE(pieces_make_no_difference)
{
    const std::string json = R"({"model_type":"a","quantization_config":{"weight_block_size":[32,16]},
        "text_config":{"num_hidden_layers":43,"expert_dtype":"fp4","dspark_b":[1],"num_nextn_predict_layers":2}})";
    for (std::size_t cut = 0; cut <= json.size(); ++cut) {
        TextConfigParser parser;
        parser.feed(std::string_view(json).substr(0, cut));
        parser.feed(std::string_view(json).substr(cut));
        const TextConfig config = parser.finish();
        BOOST_TEST((config.block == std::array<std::uint64_t, 2>{32, 16}));
        BOOST_TEST((config.declared_layers == 2u && config.declares_dspark && config.expert_dtype == "fp4"));
    }
}

BOOST_AUTO_TEST_CASE(a_member_that_counts_must_not_stand_twice)
{
    BOOST_CHECK_THROW(read(R"({"num_hidden_layers":4,"num_hidden_layers":5})"), skw::sdk::Failure);
    BOOST_CHECK_THROW(read(R"({"text_config":{},"text_config":{"num_hidden_layers":4}})"), skw::sdk::Failure);
    BOOST_TEST(*read(R"({"x":1,"x":2,"num_hidden_layers":4})").trunk_layers == 4u);
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused)
{
    BOOST_CHECK_THROW(read("{"), skw::safetensors::Error);
    BOOST_CHECK_THROW(read("\xff"), skw::safetensors::Error);
    BOOST_CHECK_THROW(read(std::string(1000, '[')), skw::safetensors::Error);
    BOOST_TEST(!read("[]").trunk_layers);
}

BOOST_AUTO_TEST_SUITE_END()

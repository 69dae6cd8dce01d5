// SPDX-License-Identifier: Apache-2.0
// What is believed of a config.json, and what counts as not given.
#include "mtp/text_config.hpp"

#include "safetensors/error.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

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

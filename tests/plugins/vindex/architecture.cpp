// SPDX-License-Identifier: Apache-2.0
// Which configs are read, and why others are refused (S5).
#include "vindex/architecture.hpp"

#include "vindex/json_fields.hpp"
#include "vindex/model.hpp"

#include <skw/failure.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>

using namespace skw::vindex;
using skw::sdk::Failure;

namespace {

std::string config(const std::string& type, const std::string& more = {})
{
    return R"({"model_type":")" + type +
           R"(","hidden_size":64,"intermediate_size":128,"num_hidden_layers":2,"vocab_size":100,
               "num_attention_heads":4)" +
           (more.empty() ? "" : "," + more) + "}";
}

Model read(const std::string& text)
{
    return read_model(read_json_object(text, "config.json"));
}

struct Refusal {
    std::string config;
    const char* says;
    skw_status status = SKW_E_UNSUPPORTED;
};

std::ostream& operator<<(std::ostream& out, const Refusal& one)
{
    return out << one.config;
}

const Refusal refusals[] = {
    {config("deepseek_v3"), "multi-head latent attention"},
    {config("minicpm3"), "multi-head latent attention"},
    {config("llama", R"("kv_lora_rank":512)"), "multi-head latent attention"},
    {config("qwen3_next"), "linear attention"},
    {config("qwen3_5_text"), "linear attention"},
    {config("granitemoehybrid"), "linear attention"},
    {config("llama", R"("layer_types":["full_attention","linear_attention"])"), "linear attention"},
    {config("kimi_k2"), "LARQL does not know it"},
    {config("qwen2"), "bias vectors"},
    {config("llama", R"("attention_bias":true)"), "bias vectors"},
    {config("starcoder9"), "not among the families"},
    {config("qwen3_moe"), "not among the families"},
    {config("llama", R"("quantization":{"bits":4})"), "quantized already"},
    {config("llama", R"("quantization_config":{"quant_method":"fp8"})"), "quantized already"},
    {R"({"num_hidden_layers":2})", "no model_type"},
    {R"({"model_type":"kimi_vl","text_config":{"model_type":"llama","num_hidden_layers":2}})",
     "LARQL does not know it"},
    {R"({"model_type":"llama"})", "no num_hidden_layers", SKW_E_BAD_INPUT},
    {config("llama", R"("num_local_experts":8)"), "which its family does not have", SKW_E_BAD_INPUT},
    {config("mixtral"), "no num_local_experts", SKW_E_BAD_INPUT},
    {R"({"model_type":"llama","num_hidden_layers":5000})", "which no model has", SKW_E_BAD_INPUT},
    {R"({"model_type":"llama","num_hidden_layers":2,"hidden_size":0})", "which no model has",
     SKW_E_BAD_INPUT},
    {R"({"model_type":"llama","num_hidden_layers":-2})", "whole number", SKW_E_BAD_INPUT},
    {R"({"model_type":"llama","num_hidden_layers":2,"hidden_size":99999999999})", "which no model has",
     SKW_E_BAD_INPUT},
    {R"({"model_type":"llama","model_type":"llama"})", "stands twice", SKW_E_BAD_INPUT},
    {"[1]", "not a JSON object", SKW_E_BAD_INPUT},
};

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_architecture)

BOOST_DATA_TEST_CASE(a_model_that_would_come_out_wrong_is_refused_with_its_reason,
                     boost::unit_test::data::make(refusals), one)
{
    BOOST_CHECK_EXCEPTION(read(one.config), Failure, [&](const Failure& failure) {
        BOOST_TEST(failure.message().find(one.says) != std::string::npos, failure.message());
        return failure.status() == one.status && failure.place().starts_with("config.json");
    });
}

BOOST_AUTO_TEST_CASE(the_dense_families_are_allowed)
{
    for (const char* type : {"llama", "mistral", "qwen3", "phi3", "gemma", "gemma2", "gemma3_text"}) {
        const Model model = read(config(type));
        BOOST_TEST((model.kind == Experts::none), type);
        BOOST_TEST(model.tied_head == std::string(type).starts_with("gemma"), type);
    }
}

BOOST_AUTO_TEST_CASE(a_nested_text_part_counts)
{
    const Model model =
        read(R"({"model_type":"mistral3","text_config":{"model_type":"mistral","hidden_size":64,
        "intermediate_size":128,"num_hidden_layers":3,"vocab_size":100,"num_attention_heads":4,
        "num_key_value_heads":2,"head_dim":32},"tie_word_embeddings":true})");
    BOOST_TEST(model.type == "mistral");
    BOOST_TEST(model.layers == 3u);
    BOOST_TEST(model.key_heads == 2u);
    BOOST_TEST(model.head_size == 32u);
    BOOST_TEST(model.tied_head);
}

BOOST_AUTO_TEST_CASE(what_gemma_3_leaves_out_is_its_librarys_default)
{
    const Model model = read(R"({"model_type":"gemma3","text_config":{"model_type":"gemma3_text",
        "hidden_size":2560,"intermediate_size":10240,"num_hidden_layers":34}})");
    BOOST_TEST(model.vocabulary == 262208u);
    BOOST_TEST(model.query_heads == 8u);
    BOOST_TEST(model.key_heads == 4u);
    BOOST_TEST(model.head_size == 256u);
}

BOOST_AUTO_TEST_CASE(experts_beside_a_dense_network_and_instead_of_one_are_told_apart)
{
    const Model mixtral = read(config("mixtral", R"("num_local_experts":8)"));
    BOOST_TEST((mixtral.kind == Experts::separate));
    BOOST_TEST(mixtral.expert_width == 128u);
    const Model gemma = read(config("gemma4_text", R"("enable_moe_block":true,"num_experts":16,
                                    "moe_intermediate_size":32)"));
    BOOST_TEST((gemma.kind == Experts::hybrid));
    BOOST_TEST(gemma.experts == 16u);
    BOOST_TEST(gemma.expert_width == 32u);
    BOOST_TEST(
        (read(config("gemma4_text", R"("enable_moe_block":false,"num_experts":16)")).kind == Experts::none));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Which heads are recognised, and that every other finding gets its own words.
#include "mtp/layout.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace skw::mtp;

namespace {

const std::vector<std::string> qwen{"mtp.fc.weight", "mtp.layers.0.mlp.gate_proj.weight", "mtp.norm.weight",
                                    "mtp.pre_fc_norm_embedding.weight", "mtp.pre_fc_norm_hidden.weight"};

TextConfig config_of(std::optional<std::uint64_t> trunk, std::optional<std::uint64_t> declared = {},
                     std::string model_type = {})
{
    TextConfig config;
    config.trunk_layers = trunk;
    config.declared_layers = declared;
    config.declared_by = declared ? "num_nextn_predict_layers" : "";
    config.model_type = std::move(model_type);
    return config;
}

struct Refusal {
    skw_status status = 0;
    std::string message, hint;
    bool says(std::string_view text) const { return message.find(text) != std::string::npos; }
};

Refusal refusal(const std::vector<std::string>& names, const TextConfig& config = config_of(4))
{
    try {
        detect_layout(names, config, "o/m");
    } catch (const skw::sdk::Failure& failure) {
        return {failure.status(), failure.message(), failure.hint()};
    }
    return {0, "accepted", ""};
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_layout)

BOOST_AUTO_TEST_CASE(a_qwen_head_is_recognised_with_its_conventions)
{
    const Detection head = detect_layout(qwen, config_of(4, 1, "qwen3_5_moe_text"), "o/m");
    BOOST_TEST(head.family->layout == "qwen");
    BOOST_TEST(head.family->concat_order == "embedding,hidden");
    BOOST_TEST(head.norm_convention == "zero_centred");
    BOOST_TEST(head.names.layers.size() == 1u);
    BOOST_TEST(detect_layout(qwen, config_of(4, 1, "exaone_moe"), "o/m").norm_convention == "actual");
    BOOST_TEST(detect_layout(qwen, config_of(4, 1, "something"), "o/m").norm_convention == "");
}

BOOST_AUTO_TEST_CASE(separate_fusion_matrices_and_nextn_blocks_under_mtp_are_recognised)
{
    BOOST_TEST(detect_layout(std::vector<std::string>{"mtp.fc_embedding.weight", "mtp.fc_hidden.weight",
                                                      "mtp.layers.0.x"},
                             config_of(4), "o/m")
                   .family->layout == "qwen-split");
    for (const std::string start : {"mtp.layers.0.", "mtp.0."}) {
        const Detection head =
            detect_layout(std::vector<std::string>{start + "eh_proj.weight", start + "enorm.weight",
                                                   start + "hnorm.weight"},
                          config_of(4, {}, "nemotron_h"), "o/m");
        BOOST_TEST(head.family->layout == "nextn");
        BOOST_TEST(head.norm_convention == "actual");
    }
}

BOOST_AUTO_TEST_CASE(nothing_found_is_told_apart_from_declared_but_not_shipped)
{
    const std::string contract = "no MTP head tensors found in o/m; confirm this model has native MTP heads "
                                 "(checked for mtp.* keys and "
                                 "model.layers.{N}.* via config.json)";
    const Refusal nothing = refusal({});
    BOOST_TEST(nothing.message == contract);
    BOOST_TEST(nothing.status == SKW_E_NOT_FOUND);
    BOOST_TEST(nothing.hint.find("nothing in its config.json") != std::string::npos);
    const Refusal declared = refusal({}, config_of(4, 3));
    BOOST_TEST(declared.message == contract);
    BOOST_TEST(declared.hint.find("declared but not shipped") != std::string::npos);
    BOOST_TEST(declared.hint.find("3 MTP layer(s) (num_nextn_predict_layers)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(block_drafters_are_no_mtp_heads)
{
    for (const char* name :
         {"mtp.0.main_proj.weight", "mtp.1.markov_head.a.weight", "mtp.confidence_head.weight"}) {
        auto names = qwen;
        names.emplace_back(name);
        BOOST_TEST(refusal(names).says("DSpark"), name);
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_fusion_block_is_refused_and_named)
{
    const Refusal unknown = refusal({"mtp.normal.fc.weight", "mtp.sci.fc.weight"});
    BOOST_TEST(unknown.says("MTP-named tensors without a known fusion block"));
    BOOST_TEST(unknown.says("normal, sci"));
    BOOST_TEST(refusal({"mtp.0.e_proj.weight", "mtp.0.h_proj.weight"}).says("deepseek-v4"));
}

BOOST_AUTO_TEST_CASE(other_layouts_are_named_and_never_called_absent)
{
    struct Row {
        std::vector<std::string> names;
        std::string found;
    };
    const std::vector<Row> rows{
        {{"model.layers.61.eh_proj.weight", "model.layers.61.enorm.weight", "model.layers.61.mlp.x"},
         "model.layers.61.* with eh_proj, enorm"},
        {{"model.layers.0.eh_proj.weight", "model.layers.0.enorm.weight"}, "model.layers.0.*"},
        {{"model.mtp.layers.0.eh_proj.weight"}, "model.mtp.* (1 tensors)"},
        {{"language_model.mtp.fc.weight"}, "language_model.mtp.*"},
        {{"model.mtp_layers.0.input_proj.weight"}, "model.mtp_layers.*"},
        {{"model.mtp_block.0.x", "model.mtp_emb_norm.0.weight"},
         "model.mtp_block.* (1 tensors), model.mtp_emb_norm.*"},
        {{"mtp.fc.weight", "model.mtp.embed_tokens.weight"}, "model.mtp.*"},
    };
    for (const Row& row : rows) {
        const Refusal got = refusal(row.names, config_of(61));
        BOOST_TEST(got.status == SKW_E_UNSUPPORTED, got.message);
        BOOST_TEST(got.says(row.found), got.message);
        BOOST_TEST(got.says("this version extracts the mtp.* layout only"), got.message);
        BOOST_TEST(!got.says("no MTP"), got.message);
    }
}

BOOST_AUTO_TEST_CASE(a_mixture_of_layouts_is_not_half_extracted)
{
    auto names = qwen;
    names.insert(names.end(), {"model.layers.46.eh_proj.weight", "model.layers.46.hnorm.weight"});
    const Refusal got = refusal(names, config_of(46));
    BOOST_TEST(got.says("mtp.* (5 tensors), model.layers.46.* with eh_proj, hnorm"), got.message);
}

BOOST_AUTO_TEST_CASE(a_layer_behind_the_trunk_without_nextn_modules_is_a_hard_error)
{
    const Refusal got = refusal({"model.layers.61.mlp.x", "model.layers.61.enorm.weight"}, config_of(61));
    BOOST_TEST(got.says("layers beyond num_hidden_layers (61), but no NextN marker"), got.message);
    BOOST_TEST(got.status == SKW_E_BAD_INPUT);
}

BOOST_AUTO_TEST_CASE(hostile_names_are_printed_escaped)
{
    const Refusal got = refusal({"mtp.\x1b[31m.x"});
    BOOST_TEST(got.says("\\x1b[31m"), got.message);
    BOOST_TEST(got.message.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

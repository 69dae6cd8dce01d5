// SPDX-License-Identifier: Apache-2.0
// Traps of names and configs, and that every finding gets its own words.
#include "mtp/head/layout.hpp"

#include "releases.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace skw::mtp;
using namespace skw::test;

namespace {

const std::vector<std::string> nextn{"eh_proj.weight", "enorm.weight", "hnorm.weight", "mlp.up_proj.weight"};
const std::string trunk_61 = R"({"num_hidden_layers":61})";

struct Thrown {
    skw_status status = 0;
    std::string message, hint;
    bool says(std::string_view text) const { return message.find(text) != std::string::npos; }
};

Thrown refusal(const std::vector<std::string>& names, const std::string& config = trunk_61)
{
    try {
        detect(names, config);
    } catch (const skw::sdk::Failure& failure) {
        return {failure.status(), failure.message(), failure.hint()};
    }
    return {0, "accepted", ""};
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_layout)

BOOST_AUTO_TEST_CASE(nothing_found_is_told_apart_from_declared_but_not_shipped)
{
    const std::string contract = "no MTP head tensors found in o/m; confirm this model has native MTP heads "
                                 "(checked for mtp.* keys and model.layers.{N}.* via config.json)";
    const Thrown nothing = refusal({"model.layers.3.mlp.up_proj.weight"});
    BOOST_TEST(nothing.message == contract);
    BOOST_TEST(nothing.status == SKW_E_NOT_FOUND);
    BOOST_TEST(nothing.hint ==
               "nothing in its config.json declares MTP heads, and no tensor name suggests them");
    const Thrown declared = refusal({}, R"({"num_hidden_layers":4,"num_nextn_predict_layers":3})");
    BOOST_TEST(declared.message == contract);
    BOOST_TEST(declared.hint ==
               "its config.json declares 3 MTP layer(s) (num_nextn_predict_layers), but the "
               "checkpoint does not ship them: declared but not shipped. Conversions drop these "
               "tensors; use the original release");
}

BOOST_AUTO_TEST_CASE(a_block_that_lost_a_module_is_told_from_one_that_nobody_knows)
{
    TextConfig config;
    config.trunk_layers = 46;
    const std::vector<std::string> names{"model.layers.46.enorm.weight", "model.layers.46.hnorm.weight",
                                         "model.layers.46.mlp.up_proj.weight"};
    const Detection lost = detect_layout(names, config, "o/m");
    BOOST_TEST(
        lost.refusal()->message.ends_with("; it looks like nextn without eh_proj, so it may be incomplete"),
        lost.refusal()->message);
    const std::vector<std::string> other{"mtp.mystery.weight", "mtp.layers.0.mlp.up_proj.weight"};
    BOOST_TEST(detect_layout(other, config, "o/m").refusal()->message.ends_with(")"));
}

BOOST_AUTO_TEST_CASE(families_that_are_known_to_have_no_head_are_named)
{
    const Thrown minimax =
        refusal({"model.layers.61.mlp.x"}, R"({"model_type":"minimax_m2","num_hidden_layers":62,
        "use_mtp":true,"num_mtp_modules":3,"mtp_transformer_layers":1})");
    BOOST_TEST(minimax.hint.find("declares 3 MTP layer(s) (num_mtp_modules)") != std::string::npos);
    BOOST_TEST(minimax.hint.ends_with("declared but not shipped, as known of MiniMax-M2, M3"));
    BOOST_TEST(refusal({}, R"({"model_type":"kimi_k25","text_config":{"num_hidden_layers":61}})")
                   .hint.find("EAGLE3") != std::string::npos);
    BOOST_TEST(refusal({}, R"({"model_type":"gpt_oss","num_hidden_layers":36})")
                   .hint.ends_with("gpt-oss: none in its checkpoints"));
}

BOOST_AUTO_TEST_CASE(an_unknown_fusion_block_is_refused_and_named_unless_accepted)
{
    const Detection head =
        detect({"mtp.0.warp.weight", "mtp.0.weft.weight", "mtp.0.e_proj.weight"}, trunk_61);
    BOOST_TEST(head.block == nullptr);
    BOOST_TEST(head.layout() == "unknown");
    BOOST_TEST(head.layers == 1u);
    const auto refused = head.refusal();
    BOOST_TEST_REQUIRE(refused.has_value());
    BOOST_TEST(refused->accept == "unknown-block");
    BOOST_TEST(refused->status == SKW_E_UNSUPPORTED);
    BOOST_TEST(refused->message ==
               "MTP-named tensors without a known fusion block (found under mtp.*: e_proj, "
               "warp, weft)");
    BOOST_TEST(refused->hint.find("mtp_accept: [unknown-block]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(any_word_of_a_drafter_makes_it_one)
{
    for (const char* name : {"mtp.layers.0.main_proj.weight", "mtp.layers.1.markov_head.a.weight",
                             "mtp.confidence_head.weight"}) {
        auto names = release("Qwen3-Next").head;
        names.emplace_back(name);
        BOOST_TEST(detect(names, trunk_61).layout() == "dspark", name);
    }
    // A config that declares a drafter explains stages that show none of its words.
    const std::vector<std::string> stage{"mtp.0.attn.wq_a.weight"};
    BOOST_TEST(detect(stage, trunk_61).layout() == "unknown");
    BOOST_TEST(detect(stage, R"({"num_hidden_layers":61,"dspark_target_layer_ids":[1,2]})").layout() ==
               "dspark");
}

BOOST_AUTO_TEST_CASE(a_layer_behind_the_trunk_without_nextn_modules_is_a_hard_error)
{
    const Thrown bare =
        refusal(under("model.layers.61.", nextn) + under("model.layers.62.", {"mlp.up_proj.weight"}));
    BOOST_TEST(bare.status == SKW_E_BAD_INPUT);
    BOOST_TEST(bare.message ==
               "found layers beyond num_hidden_layers (61), but no NextN marker (eh_proj, enorm, "
               "hnorm, shared_head) in them: model.layers.62.*");
    std::vector<std::string> many;
    for (int layer = 70; layer < 80; ++layer) {
        many.push_back("model.layers." + std::to_string(layer) + ".x");
    }
    BOOST_TEST(refusal(many).says("model.layers.74.* and 5 more"), refusal(many).message);
}

BOOST_AUTO_TEST_CASE(layer_4_is_not_layer_40)
{
    const Detection head = detect(under("model.layers.4.", nextn), R"({"num_hidden_layers":4})");
    BOOST_TEST(head.holds("model.layers.4.x.weight"));
    BOOST_TEST(!head.holds("model.layers.40.x.weight"));
    BOOST_TEST(!head.holds("model.layers.4"));
    BOOST_TEST(!head.holds(""));
}

BOOST_AUTO_TEST_CASE(exported_draft_models_keep_their_layer_at_number_0)
{
    const auto names = under("model.layers.0.", nextn);
    const Detection head =
        detect(names + std::vector<std::string>{"model.embed_tokens.weight"},
               R"({"model_type":"deepseek_v3","num_hidden_layers":1,"num_nextn_predict_layers":1})");
    BOOST_TEST(*head.first_layer == 0u);
    BOOST_TEST(!head.base_layer.has_value()); // no model stands in front of it
    BOOST_TEST(head.layers == 1u);
    BOOST_TEST(head.holds("model.layers.0.mlp.up_proj.weight"));
    BOOST_TEST(missing(names, R"({"num_hidden_layers":1,"num_nextn_predict_layers":1})").empty());
}

BOOST_AUTO_TEST_CASE(only_layers_behind_the_trunk_tell_how_deep_it_is)
{
    const auto base = [](const std::string& layer, const std::string& config) {
        const Detection head = detect(under("model.layers." + layer + ".", nextn), config);
        BOOST_TEST(std::to_string(head.first_layer.value()) == layer);
        BOOST_TEST(*head.place_of("model.layers." + layer + ".mlp.up_proj.weight").layer == 0u);
        BOOST_TEST(head.layers == 1u);
        return head.base_layer;
    };
    BOOST_TEST((base("3", R"({"num_hidden_layers":3})") == 3u));
    BOOST_TEST(!base("2", R"({"num_hidden_layers":3})").has_value()); // counted in N
    BOOST_TEST(!base("0", R"({"num_hidden_layers":1})").has_value());
    BOOST_TEST((base("46", "{}") == 46u));
    BOOST_TEST(!base("0", "{}").has_value());
    const Detection qwen = detect(release("Qwen3-Next").head, release("Qwen3-Next").config);
    BOOST_TEST(!qwen.first_layer.has_value());
    BOOST_TEST(!qwen.base_layer.has_value());
}

BOOST_AUTO_TEST_CASE(a_head_in_the_trunk_takes_its_own_layer_and_no_other)
{
    std::vector<std::string> trunk;
    for (int expert = 0; expert < 100; ++expert) {
        trunk.push_back("model.layers.3.mlp.experts." + std::to_string(expert) + ".up_proj.weight");
    }
    const auto names = under("model.layers.2.", nextn) + trunk;
    BOOST_TEST(candidates(names, config_of(R"({"num_hidden_layers":60})")).size() == nextn.size());
    const Detection head = detect(names, R"({"num_hidden_layers":60})");
    BOOST_TEST(head.prefixes == std::vector<std::string>{"model.layers.2."});
    BOOST_TEST(missing(names, R"({"num_hidden_layers":60})").empty());
}

BOOST_AUTO_TEST_CASE(a_tensor_named_by_an_mtp_word_alone_is_held_beside_a_head_and_refused_without)
{
    const Release& qwen = release("Qwen3-Next");
    const Detection head =
        detect(qwen.head + std::vector<std::string>{"mtp_token_scale", "model.mtp_alpha"}, qwen.config);
    BOOST_TEST(head.layout() == "qwen");
    BOOST_TEST(head.prefixes == (std::vector<std::string>{"model.mtp_alpha", "mtp.", "mtp_token_scale"}),
               boost::test_tools::per_element());
    BOOST_TEST(head.holds("model.mtp_alpha"));
    BOOST_TEST(!head.holds("model.mtp_alpha.weight"));
    BOOST_TEST(!head.holds("mtp_alpha"));
    const Place place = head.place_of("model.mtp_alpha");
    BOOST_TEST(place.prefix == "model.");
    BOOST_TEST(place.rest == "mtp_alpha");
    BOOST_TEST(!place.layer.has_value());
    BOOST_TEST(head.place_of("mtp_token_scale").prefix == "");
    BOOST_TEST(missing(qwen.head + std::vector<std::string>{"mtp_token_scale"}, qwen.config).empty());
    const auto alone = detect({"model.mtp_alpha", "model.layers.0.mlp.x"}, trunk_61).refusal();
    BOOST_TEST_REQUIRE(alone.has_value());
    BOOST_TEST(alone->message ==
               "MTP-named tensors without a known fusion block (found under model.mtp_alpha: mtp_alpha)");
    BOOST_TEST(alone->accept == "unknown-block");
}

BOOST_AUTO_TEST_CASE(without_a_depth_two_nextn_modules_make_a_layer_part_of_the_head)
{
    const auto names =
        under("model.layers.61.", nextn) + under("model.layers.60.", {"mlp.x", "enorm.weight"});
    for (const char* config : {"{}", R"({"num_hidden_layers":null})"}) {
        const Detection head = detect(names, config);
        BOOST_TEST(*head.base_layer == 61u);
        BOOST_TEST(head.holds("model.layers.61.mlp.up_proj.weight"));
        BOOST_TEST(!head.holds("model.layers.60.enorm.weight"));
    }
    BOOST_TEST(refusal(under("model.layers.60.", {"mlp.x", "enorm.weight"}), "{}")
                   .says("no MTP head tensors found"));
}

BOOST_AUTO_TEST_CASE(parameters_that_end_in_scale_belong_to_the_head)
{
    const Release& v4 = release("DeepSeek V4-Flash, V4-Pro");
    const Detection head = detect(v4.head, v4.config);
    for (const char* name : {"mtp.0.hc_attn_scale", "mtp.0.hc_head_scale"}) {
        BOOST_TEST(head.holds(name), name);
        BOOST_TEST(head.place_of(name).rest == std::string(name).substr(6));
    }
}

BOOST_AUTO_TEST_CASE(two_heads_in_one_namespace_are_counted_apart)
{
    const Release& intern = release("Intern-S2 preview, Mobius");
    const Detection head = detect(intern.head, intern.config);
    BOOST_TEST(head.layers == 1u);
    BOOST_TEST(head.place_of("mtp.sci.layers.0.fc.weight").head == "sci");
    BOOST_TEST(head.place_of("mtp.sci.layers.0.fc.weight").prefix == "mtp.sci.layers.0.");
    // The preview keeps its first head where Qwen has it.
    const auto preview = under("mtp.", {"fc.weight", "norm.weight", "pre_fc_norm_hidden.weight",
                                        "pre_fc_norm_embedding.weight", "layers.0.mlp.gate.weight"});
    const auto both =
        preview + under("mtp.sci.", {"fc.weight", "norm.weight", "pre_fc_norm_hidden.weight",
                                     "pre_fc_norm_embedding.weight", "layers.0.mlp.gate.weight"});
    BOOST_TEST(detect(both, intern.config).family->name == intern.family);
    BOOST_TEST(missing(both, intern.config).empty());
    BOOST_TEST(missing(without(both, "mtp.sci.norm.weight"), intern.config).front() ==
               "'mtp.sci.norm.weight' is missing");
    BOOST_TEST(!detect({"mtp.normal.weight"}, trunk_61).place_of("mtp.normal.weight").layer.has_value());
    BOOST_TEST(detect({"mtp.normal.weight"}, trunk_61).place_of("mtp.normal.weight").head == "");
}

BOOST_AUTO_TEST_CASE(a_head_in_two_places_is_refused)
{
    const Thrown layers = refusal(under("model.layers.61.", nextn) + under("mtp.layers.0.", nextn));
    BOOST_TEST(layers.status == SKW_E_UNSUPPORTED);
    BOOST_TEST(layers.message == "found the layers of more than one MTP head: model.layers.*, mtp.layers.*");
    BOOST_TEST(
        refusal(under("mtp.0.", nextn) + under("mtp.layers.0.", nextn)).says("more than one MTP head"));
    BOOST_TEST(refusal(under("model.layers.61.", nextn) + under("language_model.model.layers.61.", nextn))
                   .says("more than one MTP head"));
    BOOST_TEST(refusal({"mtp.fc.weight", "model.mtp.fc.weight"}).message ==
               "found more than one MTP head: 'model.mtp.fc.weight' stands in a second place, too");
    const Thrown apart =
        refusal(release("Qwen3-Next").head + std::vector<std::string>{"language_model.mtp.extra.weight"});
    BOOST_TEST(apart.status == SKW_E_UNSUPPORTED);
    BOOST_TEST(apart.message == "found more than one MTP head: language_model.mtp.*, mtp.*");
    BOOST_TEST(refusal({"model.mtp_block.0.x.weight", "mtp_linear_proj.0.weight"}).says("more than one"));
}

BOOST_AUTO_TEST_CASE(hostile_names_are_printed_escaped)
{
    const std::string bell = "mtp.\x1b[31m.x";
    const auto refused = detect({bell}, trunk_61).refusal();
    BOOST_TEST(refused->message.find("\\x1b[31m") != std::string::npos, refused->message);
    BOOST_TEST(refused->message.find('\x1b') == std::string::npos);
    const std::string twice = refusal({bell, "model." + bell}).message;
    BOOST_TEST(twice.find('\x1b') == std::string::npos, twice);
}

BOOST_AUTO_TEST_CASE(fifty_thousand_hostile_names_take_no_time)
{
    // A quadratic step would take minutes here, so a generous bound is safe on any machine.
    std::vector<std::vector<std::string>> hostile(5);
    for (int at = 0; at < 25'000; ++at) {
        const std::string number = std::to_string(at);
        hostile[0].push_back("mtp." + number + ".eh_proj.weight");
        hostile[1].push_back("mtp.layers.0.mlp.experts.0." + number);
        hostile[1].push_back("mtp.layers.0.mlp.experts." + number + ".w.weight");
        hostile[2].push_back("model.layers." + number + ".eh_proj.weight");
        hostile[2].push_back("model.layers." + number + ".enorm.weight");
        hostile[3].push_back("mtp." + number + "x.weight");
        hostile[4].push_back(std::string(100, 'x') + ".mtp_" + ".experts.experts.experts." + number);
        hostile[4].push_back("mtp.experts.experts.experts." + number + ".experts.7.x");
    }
    const auto begin = std::chrono::steady_clock::now();
    for (const auto& names : hostile) {
        const TextConfig config = config_of(trunk_61);
        try {
            const Detection head = detect_layout(names, config, "o/m");
            BOOST_TEST(check_completeness(head, names, config).size() <= incomplete_limit);
            for (const std::string& name : names) {
                static_cast<void>(head.is_copy(name));
            }
            static_cast<void>(head.refusal());
        } catch (const skw::sdk::Failure& failure) {
            BOOST_TEST(failure.message().size() < 4096);
        }
    }
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(60)));
}

BOOST_AUTO_TEST_SUITE_END()

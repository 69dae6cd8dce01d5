// SPDX-License-Identifier: Apache-2.0
// A head with anything missing is refused, with the name of what is missing.
#include "mtp/head/layout.hpp"

#include "releases.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace skw::mtp;
using namespace skw::test;

namespace {

using Names = std::vector<std::string>;

// What is missing, or "complete"; a text if it is one thing.
std::string lacks(const Names& names, const std::string& config)
{
    std::string out;
    for (const std::string& one : missing(names, config)) {
        out += (out.empty() ? "" : "; ") + one;
    }
    return out.empty() ? "complete" : out;
}

Names without_all(Names names, std::string_view part)
{
    std::erase_if(names, [&](const std::string& name) { return name.find(part) != std::string::npos; });
    return names;
}

const std::string qwen_config = R"({"num_hidden_layers":4,"mtp_num_hidden_layers":1})";
const Names& qwen()
{
    return release("Qwen3-Next").head;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_completeness)

BOOST_AUTO_TEST_CASE(each_required_tensor_is_missed)
{
    for (const std::string module : {"norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden"}) {
        BOOST_TEST(lacks(without(qwen(), "mtp." + module + ".weight"), qwen_config) ==
                   "'mtp." + module + ".weight' is missing");
    }
    auto only_bias = without(qwen(), "mtp.fc.weight");
    only_bias.emplace_back("mtp.fc.bias");
    BOOST_TEST(lacks(only_bias, qwen_config) == "'mtp.fc.weight' is missing");
    // A packed weight is there; that it cannot be taken is another message.
    only_bias.emplace_back("mtp.fc.qweight");
    BOOST_TEST(lacks(only_bias, qwen_config) == "complete");
}

BOOST_AUTO_TEST_CASE(layers_have_no_gaps_and_are_at_least_as_many_as_declared)
{
    auto names = qwen();
    names.emplace_back("mtp.layers.2.x.weight");
    BOOST_TEST(lacks(names, qwen_config) == "layer 1 is missing, layer 2 is there");
    BOOST_TEST(lacks(qwen(), R"({"num_hidden_layers":4,"mtp_num_hidden_layers":2})") ==
               "config.json declares 2 MTP layer(s) (mtp_num_hidden_layers), the tensors make 1");
    names.back() = "mtp.layers.1.x.weight";
    BOOST_TEST(lacks(names, qwen_config) == "complete");
    BOOST_TEST(lacks(without_all(qwen(), "mtp.layers."), R"({"num_hidden_layers":4})") ==
               "it has no numbered layer, only tensors beside them");
}

BOOST_AUTO_TEST_CASE(fewer_layers_than_declared_can_be_accepted_and_nothing_else)
{
    const auto refusals = [](const Names& names, const std::string& json) {
        const TextConfig config = config_of(json);
        const Names found = candidates(names, config);
        return check_completeness(detect_layout(found, config, "o/m"), found, config);
    };
    const std::string two = R"({"num_hidden_layers":4,"mtp_num_hidden_layers":2})";
    const auto fewer = refusals(without(qwen(), "mtp.norm.weight"), two);
    BOOST_TEST_REQUIRE(fewer.size() == 2u);
    BOOST_TEST(fewer[0].accept == "fewer-layers");
    BOOST_TEST(fewer[0].message.find("config.json declares 2") != std::string::npos);
    BOOST_TEST(fewer[0].message.find("(mtp_num_hidden_layers)") != std::string::npos);
    BOOST_TEST(fewer[0].hint.find("mtp_accept: [fewer-layers]") != std::string::npos);
    BOOST_TEST(fewer[1].accept == "");
    BOOST_TEST(fewer[1].hint.find("mtp_accept") == std::string::npos);
    // A gap is a hole, and so is half of a hybrid step.
    for (const Refusal& one : refusals(without_all(release("Step-3.5-Flash, Step-3.7").head, ".46."),
                                       R"({"num_hidden_layers":45})")) {
        BOOST_TEST(one.accept == "");
    }
    const Release& nemotron = release("Nemotron-3 Super, Ultra, Nemotron-3.5");
    const auto half = refusals(without_all(nemotron.head, "mtp.layers.1."), nemotron.config);
    BOOST_TEST_REQUIRE(half.size() == 1u);
    BOOST_TEST(half[0].accept == "");
    const auto steps = refusals(nemotron.head, R"({"num_hidden_layers":88,"num_nextn_predict_layers":2,
                                                  "mtp_hybrid_override_pattern":"*E"})");
    BOOST_TEST_REQUIRE(steps.size() == 1u);
    BOOST_TEST(steps[0].accept == "fewer-layers");
}

BOOST_AUTO_TEST_CASE(a_layer_of_fusion_modules_alone_is_not_whole)
{
    const Names bare = under("model.layers.46.",
                             {"eh_proj.weight", "enorm.weight", "hnorm.weight", "shared_head.norm.weight"});
    const std::string reason =
        "nothing but modules of the fusion stands in 'model.layers.46.*', the layer itself is missing";
    BOOST_TEST(lacks(bare, "{}") == reason);
    BOOST_TEST(lacks(bare, R"({"num_hidden_layers":46})") == reason);
    BOOST_TEST(lacks(bare, R"({"num_hidden_layers":60})") == reason);
    BOOST_TEST(lacks(bare + Names{"model.layers.46.mlp.up_proj.weight"}, "{}") == "complete");
}

BOOST_AUTO_TEST_CASE(layers_behind_the_trunk_are_named_as_they_are_stored)
{
    const Release& step = release("Step-3.5-Flash, Step-3.7");
    const std::string counts =
        "; config.json declares 3 MTP layer(s) (num_nextn_predict_layers), the tensors make 2";
    BOOST_TEST(lacks(without_all(step.head, ".46."), step.config) ==
               "layer 46 is missing, layer 47 is there" + counts);
    BOOST_TEST(lacks(without_all(step.head, ".45."), step.config) ==
               "layer 45 is missing, layer 46 is there" + counts);
    BOOST_TEST(lacks(without_all(step.head, ".47."), step.config) == counts.substr(2));
    BOOST_TEST(lacks(without(step.head, "model.layers.46.enorm.weight"), step.config) ==
               "'enorm.weight' is missing in layer 46");
    BOOST_TEST(
        lacks(without(without(step.head, "model.layers.47.enorm.weight"), "model.layers.47.hnorm.weight"),
              step.config) == "'enorm.weight' is missing in layer 47; 'hnorm.weight' is missing in layer 47");
}

BOOST_AUTO_TEST_CASE(one_nextn_module_behind_the_trunk_shows_what_is_missing)
{
    const Release& step = release("Step-3.5-Flash, Step-3.7");
    auto names = without_all(step.head, ".47.");
    names.emplace_back("model.layers.47.transformer.shared_head.norm.weight");
    BOOST_TEST(lacks(names, step.config).starts_with("'eh_proj.weight' is missing in layer 47; "));
}

BOOST_AUTO_TEST_CASE(each_group_of_siblings_counts_for_its_layer)
{
    const Release& ernie = release("ERNIE 4.5");
    BOOST_TEST(lacks(without(ernie.head, "model.mtp_emb_norm.0.weight"), ernie.config) ==
               "'mtp_emb_norm.weight' is missing in layer 0");
    auto names = ernie.head;
    names.emplace_back("model.mtp_block.1.mlp.up_proj.weight");
    BOOST_TEST(lacks(names, ernie.config).starts_with("'mtp_linear_proj.weight' is missing in layer 1; "));
}

BOOST_AUTO_TEST_CASE(a_step_of_a_hybrid_head_needs_one_fusion_block)
{
    const Release& nemotron = release("Nemotron-3 Super, Ultra, Nemotron-3.5");
    BOOST_TEST(lacks(without(nemotron.head, "mtp.layers.0.hnorm.weight"), nemotron.config) ==
               "'hnorm.weight' is missing in layer 0");
    auto spread = without(nemotron.head, "mtp.layers.0.hnorm.weight");
    spread.emplace_back("mtp.layers.1.hnorm.weight");
    BOOST_TEST(lacks(spread, nemotron.config).starts_with("'hnorm.weight' is missing in layer 0; "));
    BOOST_TEST(lacks(without_all(nemotron.head, "mtp.layers.1."), nemotron.config) ==
               "config.json declares 2 MTP layer(s) (num_nextn_predict_layers), the tensors make 1");
    // Without the pattern, the mixer of a hybrid layer tells.
    BOOST_TEST(lacks(nemotron.head, R"({"num_hidden_layers":88})") == "complete");
    auto twice = nemotron.head + under("mtp.layers.2.", {"norm.weight", "mixer.q_proj.weight"});
    BOOST_TEST(lacks(twice, nemotron.config).starts_with("'eh_proj.weight' is missing in layer 2; "));
}

BOOST_AUTO_TEST_CASE(experts_are_numbered_without_gaps_and_have_the_same_weights)
{
    auto gap = qwen();
    gap.emplace_back("mtp.layers.0.mlp.experts.4.up_proj.weight");
    gap.emplace_back("mtp.layers.0.mlp.experts.4.gate_proj.weight");
    gap.emplace_back("mtp.layers.0.mlp.experts.4.down_proj.weight");
    BOOST_TEST(lacks(gap, qwen_config) ==
               "expert 3 of 'mtp.layers.0.mlp.experts.*' is missing, expert 4 is there");
    BOOST_TEST(lacks(without_all(qwen(), ".experts.0."), qwen_config) ==
               "expert 0 of 'mtp.layers.0.mlp.experts.*' is missing, expert 1 is there");
    BOOST_TEST(lacks(without(qwen(), "mtp.layers.0.mlp.experts.1.up_proj.weight"), qwen_config) ==
               "experts 0 and 1 of 'mtp.layers.0.mlp.experts.*' differ in 'up_proj.weight'");
    auto others = qwen();
    others.emplace_back("mtp.layers.0.mlp.shared_experts.7.up_proj.weight");
    others.emplace_back("mtp.layers.0.mlp.experts.gate_up_proj");
    BOOST_TEST(lacks(others, qwen_config) == "complete");
}

BOOST_AUTO_TEST_CASE(companions_of_quantised_experts_are_no_difference)
{
    const Release& v3 = release("DeepSeek V3, R1, V3.1");
    const std::string expert = "model.layers.61.mlp.experts.1.";
    BOOST_TEST(lacks(without(v3.head, expert + "up_proj.weight_scale_inv"), v3.config) == "complete");
    BOOST_TEST(lacks(without(v3.head, expert + "up_proj.weight"), v3.config) ==
               "experts 0 and 1 of 'model.layers.61.mlp.experts.*' differ in 'up_proj.weight'");
    const Release& v4 = release("DeepSeek V4-Flash, V4-Pro");
    BOOST_TEST(lacks(without(v4.head, "mtp.0.ffn.experts.2.w3.scale"), v4.config) == "complete");
    // Only scales are left of an expert: its weights are missing all the same.
    auto bare = v4.head;
    std::erase_if(bare, [](const std::string& name) {
        return name.find(".experts.2.") != std::string::npos && name.ends_with(".weight");
    });
    BOOST_TEST(lacks(bare, v4.config) == "experts 0 and 2 of 'mtp.0.ffn.experts.*' differ in 'w1.weight'");
}

BOOST_AUTO_TEST_CASE(more_than_declared_is_no_loss)
{
    const Release& mimo = release("MiMo-V2-Flash, V2.5, V2.6");
    BOOST_TEST(lacks(mimo.head, R"({"num_hidden_layers":48,"num_nextn_predict_layers":1})") == "complete");
    BOOST_TEST(lacks(without_all(mimo.head, "layers.1."), mimo.config) ==
               "layer 1 is missing, layer 2 is there");
}

BOOST_AUTO_TEST_CASE(what_a_damaged_checkpoint_lacks_is_listed_up_to_a_limit)
{
    Names names;
    for (int layer = 0; layer < 500; ++layer) {
        names.push_back("mtp." + std::to_string(2 * layer) + ".eh_proj.weight");
        names.push_back("mtp." + std::to_string(2 * layer) + ".enorm.weight");
    }
    BOOST_TEST(missing(names, "{}").size() == incomplete_limit);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Every family of the table is recognised by its own names and config: all of its tensors, and nothing else.
#include "releases.hpp"

#include "mtp/checkpoint/names.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace skw::mtp;
using namespace skw::test;

namespace {

using Names = std::vector<std::string>;
const Names fusion{"eh_proj.weight", "enorm.weight", "hnorm.weight"};

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_releases)

BOOST_AUTO_TEST_CASE(there_is_a_release_of_each_family_that_has_a_head)
{
    for (const Family& family : families()) {
        const auto count = std::ranges::count(releases(), std::string(family.name), &Release::family);
        BOOST_TEST(count == (family.layout.empty() ? 0 : 1), family.name);
    }
    BOOST_TEST(releases().size() == 26u);
}

BOOST_AUTO_TEST_CASE(family_layout_prefixes_and_layers_are_recognised)
{
    for (const Release& one : releases()) {
        BOOST_TEST_CONTEXT(one.family)
        {
            const Detection head = detect(one.others + one.head, one.config);
            BOOST_TEST_REQUIRE(head.family != nullptr);
            BOOST_TEST(head.family->name == one.family);
            BOOST_TEST(head.layout() == head.family->layout);
            BOOST_TEST(head.prefixes == one.prefixes, boost::test_tools::per_element());
            BOOST_TEST(head.layers == one.layers);
            BOOST_TEST((head.base_layer == one.base));
            BOOST_TEST(head.norm_convention == head.family->norms);
            BOOST_TEST(head.concat_order == head.family->concat_order);
            const bool drafter = one.family.find("DSpark") != std::string::npos;
            BOOST_TEST(head.refusal().has_value() == drafter);
            BOOST_TEST((!drafter || head.refusal()->accept == "dspark"));
        }
    }
}

BOOST_AUTO_TEST_CASE(each_tensor_of_a_head_is_held_and_none_of_the_trunk)
{
    for (const Release& one : releases()) {
        const Detection head = detect(one.others + one.head, one.config);
        const TextConfig config = config_of(one.config);
        for (const std::string& name : one.head) {
            BOOST_TEST(may_be_mtp(name, {config.trunk_layers}), name);
            BOOST_TEST(head.holds(name), name);
        }
        for (const std::string& name : one.others) {
            BOOST_TEST(!head.holds(name), name);
        }
    }
}

BOOST_AUTO_TEST_CASE(each_name_is_a_prefix_and_a_rest_in_one_of_the_layers)
{
    for (const Release& one : releases()) {
        const Detection head = detect(one.head, one.config);
        std::set<std::uint64_t> layers;
        for (const std::string& name : one.head) {
            const Place place = head.place_of(name);
            BOOST_TEST(std::string(place.prefix) + std::string(place.rest) == name);
            BOOST_TEST(place.prefix.ends_with('.'), name);
            BOOST_TEST(!place.rest.empty(), name);
            BOOST_TEST(place.extra_layer == (name.find("mtp") == std::string::npos), name);
            if (place.layer) {
                layers.insert(*place.layer);
            }
        }
        BOOST_TEST(layers.size() == one.layers, one.family);
        BOOST_TEST(*layers.rbegin() == one.layers - 1, one.family);
    }
}

BOOST_AUTO_TEST_CASE(released_heads_are_complete_and_miss_whatever_is_taken_out_of_their_fusion)
{
    for (const Release& one : releases()) {
        const auto lacks = missing(one.others + one.head, one.config);
        BOOST_TEST(lacks.empty(), one.family << ": " << (lacks.empty() ? "" : lacks.front()));
        const Block& block = *detect(one.head, one.config).block;
        for (const std::string& name : one.head) {
            const bool decides = std::ranges::any_of(block.required, [&](std::string_view module) {
                return name.ends_with("." + std::string(module)) ||
                       name.ends_with("." + std::string(module) + ".weight") ||
                       name.ends_with("." + std::string(module) + ".m.weight") ||
                       name.ends_with("." + std::string(module) + ".0.weight");
            });
            if (!decides) {
                continue;
            }
            // Without what decides the block is no longer known; without anything else it is incomplete.
            const auto rest = without(one.head, name);
            const Detection head = detect(rest, one.config);
            BOOST_TEST((head.block == nullptr || !missing(rest, one.config).empty()),
                       one.family << " without " << name);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_what_a_row_says_is_a_copy)
{
    for (const Release& one : releases()) {
        const Detection head = detect(one.others + one.head, one.config);
        std::vector<std::string> copies;
        std::ranges::copy_if(one.head, std::back_inserter(copies),
                             [&](const std::string& name) { return head.is_copy(name); });
        BOOST_TEST(copies == one.copies, one.family);
        BOOST_TEST(!head.is_copy("model.embed_tokens.weight"));
    }
}

BOOST_AUTO_TEST_CASE(layers_behind_the_trunk_repeat_what_their_block_says_unless_the_family_owns_it)
{
    const auto copied = [](const std::string& name, const Names& more, const std::string& config) {
        const std::string layer = name.substr(0, name.find(".61.") + 4);
        return detect(under(layer, fusion) + more + Names{name}, config).is_copy(name);
    };
    const std::string embedding = "model.layers.61.embed_tokens.weight",
                      output = "model.layers.61.shared_head.head.weight";
    for (const char* type :
         {"", "glm4v_moe_text", "pangu_ultra_moe", "kimi_k3", "glm5_next", "deepseek_v3"}) {
        const std::string config = R"({"num_hidden_layers":61,"model_type":")" + std::string(type) + "\"}";
        BOOST_TEST(copied(embedding, {}, config), type);
        BOOST_TEST(copied(output, {}, config), type);
        BOOST_TEST(!copied("model.layers.61.shared_head.norm.weight", {}, config), type);
    }
    // Each of Step's layers has an output head of its own, dots3-note an embedding; neither is a copy.
    for (const char* type : {"step3p5", "step3p7", "dots3_note"}) {
        const std::string config = R"({"num_hidden_layers":61,"model_type":")" + std::string(type) + "\"}";
        for (const std::string& name :
             {embedding, output, std::string("model.layers.61.transformer.shared_head.output.weight")}) {
            BOOST_TEST(!copied(name, {}, config), type << ' ' << name);
        }
    }
    // Of other places, and of a draft model on its own, nobody knows what they repeat.
    const Names draft = under("model.layers.0.", fusion + Names{"mlp.x.weight", "embed_tokens.weight"});
    BOOST_TEST(!detect(draft, R"({"num_hidden_layers":1})").is_copy("model.layers.0.embed_tokens.weight"));
    const Names inside = under("mtp.0.", fusion + Names{"mlp.x.weight", "embed_tokens.weight"});
    BOOST_TEST(!detect(inside, R"({"num_hidden_layers":61})").is_copy("mtp.0.embed_tokens.weight"));
}

BOOST_AUTO_TEST_CASE(a_family_that_is_not_known_has_no_conventions)
{
    for (const char* family : {"DeepSeek V3, R1, V3.1", "Qwen3-Next", "MiMo-7B", "ERNIE 4.5", "Inkling"}) {
        const Detection head =
            detect(release(family).head, R"({"num_hidden_layers":61,"model_type":"brand_new"})");
        BOOST_TEST(head.family == nullptr, family);
        BOOST_TEST(head.block != nullptr, family);
        BOOST_TEST(head.concat_order == "", family);
        BOOST_TEST(head.norm_convention == "", family);
    }
}

BOOST_AUTO_TEST_CASE(conventions_are_those_of_the_family)
{
    const auto said = [](const std::string& family) {
        const Detection head = detect(release(family).head, release(family).config);
        return head.norm_convention + " " + head.concat_order;
    };
    BOOST_TEST(said("Qwen3-Next") == "zero_centred embedding,hidden");
    BOOST_TEST(said("Step-3.5-Flash, Step-3.7") == "zero_centred embedding,hidden");
    BOOST_TEST(said("K-EXAONE, EXAONE 4.5") == "actual embedding,hidden");
    BOOST_TEST(said("MiMo-7B") == "actual hidden,embedding");
    BOOST_TEST(said("MiMo-V2-Flash, V2.5, V2.6") == "actual embedding,hidden");
    BOOST_TEST(said("ERNIE 4.5") == "actual embedding,hidden");
    BOOST_TEST(said("DeepSeek V4-Flash, V4-Pro") == "actual ");
    for (const char* family :
         {"Qwen3.8-Flash-Next", "GLM-4.5, 4.6, 4.7, 4.7-Flash", "GLM-5.3-Flash", "openPangu-Ultra-MoE",
          "Hunyuan Hy3", "Hunyuan HY-V4", "dots3-note", "Inkling"}) {
        BOOST_TEST(said(family) == " ", family);
    }
    BOOST_TEST(said("GLM-5, 5.1, 5.2") == "actual embedding,hidden");
}

BOOST_AUTO_TEST_CASE(wrappers_in_front_of_a_head_make_no_difference)
{
    for (const std::string wrapper :
         {"language_model.", "text_model.", "module.", "thinker.model.", "llm.", "backbone."}) {
        for (const Release& one : releases()) {
            const Detection head = detect(under(wrapper, one.head), one.config);
            BOOST_TEST(head.layers == one.layers, wrapper << one.family);
            BOOST_TEST(head.prefixes == under(wrapper, one.prefixes), wrapper << one.family);
        }
    }
    for (const std::string tower :
         {"vision_tower.", "visual.", "audio_tower.", "model.vision_model.", "projector."}) {
        for (const Release& one : releases()) {
            BOOST_CHECK_THROW(detect(under(tower, one.head), one.config), skw::sdk::Failure);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// What the tool before this one got wrong about layouts, one case each; the number is that of its list of
// defects. Number 15, a tensor in two shards, is in checkpoint/universe.cpp.
#include "releases.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace skw::mtp;
using namespace skw::test;

BOOST_AUTO_TEST_SUITE(mtp_old_defects)

BOOST_AUTO_TEST_CASE(defect_3_the_place_of_an_extra_layer_is_enough_to_rename_it)
{
    const Release& step = release("Step-3.5-Flash, Step-3.7");
    const Detection head = detect(step.head, step.config);
    const Place place = head.place_of("model.layers.47.transformer.shared_head.output.weight");
    BOOST_TEST(place.extra_layer);
    BOOST_TEST(*place.layer == 2u);
    BOOST_TEST(place.rest == "transformer.shared_head.output.weight");
    const Release& qwen = release("Qwen3-Next");
    BOOST_TEST(!detect(qwen.head, qwen.config).place_of("mtp.layers.0.mlp.gate.weight").extra_layer);
}

BOOST_AUTO_TEST_CASE(defect_4_all_extra_layers_are_taken)
{
    const Release& step = release("Step-3.5-Flash, Step-3.7");
    const Detection head = detect(step.others + step.head, step.config);
    BOOST_TEST(head.layers == 3u);
    BOOST_TEST(std::ranges::all_of(step.head, [&](const std::string& name) { return head.holds(name); }));
}

BOOST_AUTO_TEST_CASE(defect_5_nested_configs_and_wrapped_names_are_understood)
{
    for (const char* family : {"Kimi-K3", "Step-3.5-Flash, Step-3.7", "GLM-5.3-Flash"}) {
        const Release& one = release(family);
        BOOST_TEST(one.config.find("text_config") != std::string::npos, family);
        BOOST_TEST(detect(one.others + one.head, one.config).layers == one.layers, family);
    }
}

BOOST_AUTO_TEST_CASE(defect_6_sibling_groups_are_found)
{
    for (const char* family : {"ERNIE 4.5", "MiMo-7B", "Hunyuan HY-V4"}) {
        const Release& one = release(family);
        BOOST_TEST(detect(one.others + one.head, one.config).prefixes == one.prefixes, family);
    }
}

BOOST_AUTO_TEST_CASE(defect_7_a_mixture_of_layer_and_namespace_is_one_head)
{
    const Release& dots = release("dots3-note");
    const Detection head = detect(dots.others + dots.head, dots.config);
    BOOST_TEST(head.holds("model.mtp.embed_tokens.weight"));
    BOOST_TEST(head.holds("model.layers.46.eh_proj.weight"));
    BOOST_TEST(!head.place_of("model.mtp.embed_tokens.weight").layer.has_value());
    // The namespace alone is no head.
    const Detection part = detect({"model.mtp.embed_tokens.weight"}, dots.config);
    BOOST_TEST(part.refusal().value().accept == "unknown-block");
}

BOOST_AUTO_TEST_CASE(defect_8_a_null_as_number_of_layers_means_not_given)
{
    const Release& glm = release("GLM-4.5, 4.6, 4.7, 4.7-Flash");
    BOOST_TEST(glm.config.find("\"num_nextn_predict_layers\":null") != std::string::npos);
    BOOST_TEST(!config_of(glm.config).declared_layers.has_value());
    BOOST_TEST(detect(glm.others + glm.head, glm.config).layers == 1u);
    BOOST_TEST(missing(glm.head, glm.config).empty());
}

BOOST_AUTO_TEST_CASE(defect_9_drafter_stages_are_refused_unless_asked_for)
{
    const Release& drafter = release("DeepSeek V4-Flash-DSpark, V4.1-Flash");
    const Detection head = detect(drafter.head, drafter.config);
    BOOST_TEST(head.layout() == "dspark");
    const auto refusal = head.refusal();
    BOOST_TEST_REQUIRE(refusal.has_value());
    BOOST_TEST(refusal->accept == "dspark");
    BOOST_TEST(refusal->status == SKW_E_UNSUPPORTED);
    BOOST_TEST(refusal->message.find("DSpark block-drafter stages") != std::string::npos);
    BOOST_TEST(refusal->message.find("not an MTP head") != std::string::npos);
    BOOST_TEST(refusal->hint.find("mtp_accept: [dspark]") != std::string::npos);
    // Asked for, it must still be whole; that it declares one layer and ships three is usual.
    BOOST_TEST(missing(drafter.head, drafter.config).empty());
    auto gap = drafter.head;
    std::erase_if(gap, [](const std::string& name) { return name.starts_with("mtp.1."); });
    BOOST_TEST(missing(gap, drafter.config).front() == "layer 1 is missing, layer 2 is there");
}

BOOST_AUTO_TEST_SUITE_END()

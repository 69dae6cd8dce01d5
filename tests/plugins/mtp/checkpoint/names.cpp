// SPDX-License-Identifier: Apache-2.0
// Names are matched by whole components: neither substrings nor towers count.
#include "mtp/checkpoint/names.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using namespace skw::mtp;

BOOST_AUTO_TEST_SUITE(mtp_names)

BOOST_AUTO_TEST_CASE(mtp_namespaces_are_found_behind_any_wrapper)
{
    struct Row {
        const char *name, *prefix;
        NameRule rule;
    };
    for (const Row& row :
         {Row{"mtp.fc.weight", "mtp.", NameRule::own_namespace},
          Row{"model.mtp.norm.weight", "model.mtp.", NameRule::own_namespace},
          Row{"language_model.mtp.layers.0.x", "language_model.mtp.", NameRule::own_namespace},
          Row{"model.mtp_layers.0.input_proj.weight", "model.mtp_layers.", NameRule::siblings},
          Row{"model.mtp_block.0.x", "model.mtp_block.", NameRule::siblings},
          Row{"model.mtp_emb_norm.0.weight", "model.mtp_emb_norm.", NameRule::siblings},
          Row{"thinker.model.mtp_hidden_norm.0.weight", "thinker.model.mtp_hidden_norm.", NameRule::siblings},
          Row{"module.text_model.llm.backbone.mtp.x", "module.text_model.llm.backbone.mtp.",
              NameRule::own_namespace},
          Row{"model.language_model.layers.40.hc_attn_scale", "model.language_model.layers.40.",
              NameRule::layer},
          Row{"layers.7.x", "layers.7.", NameRule::layer},
          Row{"model.layers.61.eh_proj.weight", "model.layers.61.", NameRule::layer},
          Row{"language_model.model.layers.7.x", "language_model.model.layers.7.", NameRule::layer}}) {
        const NameParts parts = split_name(row.name);
        BOOST_TEST((parts.rule == row.rule), row.name);
        BOOST_TEST(parts.prefix == row.prefix);
        BOOST_TEST(std::string(parts.prefix) + std::string(parts.rest) == row.name);
        BOOST_TEST(parts.prefix.find(std::string(parts.word) + ".") != std::string_view::npos);
    }
}

BOOST_AUTO_TEST_CASE(words_that_merely_contain_mtp_are_no_mtp_names)
{
    for (const char* name : {"mtpx.fc.weight",
                             "model.xmtp.fc.weight",
                             "model.visual.mtp.fc.weight",
                             "mtp_",
                             "mtp_1.x",
                             "smtp.x",
                             "model.embed_tokens.mtp.weight",
                             "",
                             ".",
                             "model.",
                             "layers",
                             "layers.",
                             "layers.x.y",
                             "layers.5",
                             "layers.05.x",
                             "layers.99999999999.x",
                             "vision_tower.layers.99.eh_proj.weight",
                             "audio.layers.99.enorm.weight",
                             "model.vision_model.layers.99.eh_proj.weight",
                             "visual.mtp.fc.weight",
                             "mm_projector.layers.9.enorm.weight",
                             "talker.model.layers.9.hnorm.weight",
                             "model.smtp_layers.0.x",
                             "model.mtp2_layers.0.x",
                             "decoder.layers.9.eh_proj.weight"}) {
        BOOST_TEST((split_name(name).rule == NameRule::none), name);
        BOOST_TEST(!may_be_mtp(name, {1}), name);
    }
}

BOOST_AUTO_TEST_CASE(layer_4_is_not_layer_40)
{
    BOOST_TEST(split_name("model.layers.40.x").layer == 40u);
    BOOST_TEST(!may_be_mtp("model.layers.4.mlp.weight", {40}));
    BOOST_TEST(may_be_mtp("model.layers.40.mlp.weight", {40}));
    BOOST_TEST(!may_be_mtp("model.layers.40.mlp.weight", {std::nullopt}));
}

BOOST_AUTO_TEST_CASE(nextn_modules_count_in_any_layer)
{
    BOOST_TEST(split_name("model.layers.0.transformer.shared_head.norm.weight").marker ==
               "transformer.shared_head");
    BOOST_TEST(split_name("model.layers.0.enorm.weight").marker == "enorm");
    BOOST_TEST(split_name("model.layers.0.enormous.weight").marker == "");
    BOOST_TEST(split_name("model.layers.0.mlp.enorm.weight").marker == "");
    BOOST_TEST(may_be_mtp("model.layers.0.hnorm.weight", {std::nullopt}));
}

BOOST_AUTO_TEST_CASE(a_layer_in_the_trunk_counts_by_two_different_nextn_modules)
{
    const std::vector<std::string> names{
        "model.layers.7.enorm.weight",  "model.layers.7.eh_proj.weight",
        "model.layers.5.enorm.weight",  "model.layers.5.enorm.bias",
        "model.layers.9.hnorm.weight",  "model.layers.9.shared_head.norm.weight",
        "vision.layers.1.enorm.weight", "vision.layers.1.hnorm.weight"};
    const std::set<std::uint64_t> both{7, 9}, none;
    BOOST_TEST((marked_layers(names, {}) == both));
    BOOST_TEST((marked_layers(names, {61}) == both));
    BOOST_TEST((marked_layers(names, {8}) == std::set<std::uint64_t>{7})); // behind the trunk all is at hand
    BOOST_TEST((marked_layers(names, {7}) == none));
    BOOST_TEST((marked_layers(names, {std::nullopt, {7}}) == std::set<std::uint64_t>{9}));
    BOOST_TEST((marked_layers(names, {61, {7, 9}}) == none));
    BOOST_TEST((marked_layers({}, {}) == none));
}

BOOST_AUTO_TEST_CASE(of_the_trunk_only_marked_layers_are_kept_whole)
{
    const LayerChoice layers{60, {2}};
    BOOST_TEST(may_be_mtp("model.layers.2.mlp.up_proj.weight", layers));
    BOOST_TEST(may_be_mtp("model.layers.60.mlp.up_proj.weight", layers));
    for (const char* name :
         {"model.layers.1.mlp.x", "model.layers.3.mlp.x", "model.layers.20.mlp.x", "model.layers.59.mlp.x"}) {
        BOOST_TEST(!may_be_mtp(name, layers), name);
    }
}

BOOST_AUTO_TEST_CASE(a_tensor_that_is_named_by_an_mtp_word_alone_may_belong_to_a_head)
{
    for (const std::string name : {"mtp", "mtp_token_scale", "model.mtp_alpha", "language_model.model.mtp"}) {
        const NameParts parts = split_name(name);
        BOOST_TEST((parts.rule == NameRule::alone), name);
        BOOST_TEST(parts.prefix == name);
        BOOST_TEST(parts.rest == "");
        BOOST_TEST(name.ends_with(parts.word));
        BOOST_TEST(may_be_mtp(name, {61}), name);
    }
    for (const char* name : {"mtp_", "mtp2", "model.smtp", "vision_tower.mtp", "model.embed_tokens.mtp"}) {
        BOOST_TEST(!may_be_mtp(name, {61}), name);
    }
}

BOOST_AUTO_TEST_SUITE_END()

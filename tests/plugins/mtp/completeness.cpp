// SPDX-License-Identifier: Apache-2.0
// A head with anything missing is refused, with the name of what is missing.
#include "mtp/layout.hpp"

#include "checkpoint.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace skw::mtp;

namespace {

std::vector<std::string> names_of_qwen()
{
    std::vector<std::string> names;
    for (const auto& tensor : skw::test::qwen_head()) {
        names.push_back(tensor.name);
    }
    return names;
}

std::string refusal(const std::vector<std::string>& names, std::optional<std::uint64_t> declared = {})
{
    TextConfig config;
    config.trunk_layers = 4;
    config.declared_layers = declared;
    config.declared_by = "mtp_num_hidden_layers";
    const Detection head = detect_layout(names, config, "o/m");
    try {
        check_completeness(head, config);
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.message().starts_with("the MTP head was found, but it is incomplete: "));
        return failure.message().substr(failure.message().find(": ") + 2);
    }
    return "complete";
}

std::vector<std::string> without(std::vector<std::string> names, std::string_view name)
{
    std::erase(names, name);
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_completeness)

BOOST_AUTO_TEST_CASE(a_whole_qwen_head_is_complete)
{
    BOOST_TEST(refusal(names_of_qwen()) == "complete");
    BOOST_TEST(refusal(names_of_qwen(), 1) == "complete");
}

BOOST_AUTO_TEST_CASE(each_required_tensor_is_missed)
{
    for (const char* name :
         {"mtp.norm.weight", "mtp.pre_fc_norm_embedding.weight", "mtp.pre_fc_norm_hidden.weight"}) {
        BOOST_TEST(refusal(without(names_of_qwen(), name)) == "'" + std::string(name) + "' is missing");
    }
    auto only_bias = without(names_of_qwen(), "mtp.fc.weight");
    only_bias.emplace_back("mtp.fc.bias");
    BOOST_TEST(refusal(only_bias) == "'mtp.fc.weight' is missing");
}

BOOST_AUTO_TEST_CASE(layers_have_no_gaps_and_are_at_least_as_many_as_declared)
{
    auto names = names_of_qwen();
    names.emplace_back("mtp.layers.2.x.weight");
    BOOST_TEST(refusal(names) == "layer 1 is missing, layer 2 is there");
    BOOST_TEST(refusal(names_of_qwen(), 2) ==
               "config.json declares 2 MTP layer(s) (mtp_num_hidden_layers), the tensors make 1");
    names.back() = "mtp.layers.1.x.weight";
    BOOST_TEST(refusal(names, 1) == "complete");
    auto bare = names_of_qwen();
    std::erase_if(bare, [](const std::string& name) { return name.starts_with("mtp.layers."); });
    BOOST_TEST(refusal(bare) == "there is no layer under mtp.layers.*");
}

BOOST_AUTO_TEST_CASE(experts_are_numbered_without_gaps_and_have_the_same_parts)
{
    auto gap = names_of_qwen();
    gap.emplace_back("mtp.layers.0.mlp.experts.3.up_proj.weight");
    BOOST_TEST(refusal(gap) == "expert 2 of 'mtp.layers.0.mlp.experts.*' is missing, expert 3 is there");
    const auto odd = without(names_of_qwen(), "mtp.layers.0.mlp.experts.1.up_proj.weight");
    BOOST_TEST(refusal(odd) == "experts 0 and 1 of 'mtp.layers.0.mlp.experts.*' differ in 'up_proj.weight'");
    auto shared = names_of_qwen();
    shared.emplace_back("mtp.layers.0.mlp.shared_experts.7.up_proj.weight");
    shared.emplace_back("mtp.layers.0.mlp.experts.gate_up_proj");
    BOOST_TEST(refusal(shared) == "complete");
}

BOOST_AUTO_TEST_CASE(a_nextn_block_has_all_three_parts_in_one_layer)
{
    const std::vector<std::string> whole{"mtp.layers.0.eh_proj.weight", "mtp.layers.0.enorm.weight",
                                         "mtp.layers.0.hnorm.weight", "mtp.layers.1.mixer.x.weight"};
    BOOST_TEST(refusal(whole, 2) == "complete");
    BOOST_TEST(refusal(without(whole, "mtp.layers.0.hnorm.weight")) ==
               "'hnorm.weight' is missing in layer 0");
    auto spread = without(whole, "mtp.layers.0.hnorm.weight");
    spread.emplace_back("mtp.layers.1.hnorm.weight");
    BOOST_TEST(refusal(spread) == "'hnorm.weight' is missing in layer 0");
}

BOOST_AUTO_TEST_SUITE_END()

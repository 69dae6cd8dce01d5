// SPDX-License-Identifier: Apache-2.0
// The file before it exists: which tensors under which names and dtypes, and what its header records.
#include "mtp/output.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace skw::mtp;
using skw::safetensors::Dtype;

namespace {

struct Row {
    std::string name;
    Dtype dtype;
    std::vector<std::uint64_t> shape;
};

// A DeepSeek V3 head without its experts: two shards, one block-quantised weight, copies of both ends.
const std::vector<Row> deepseek{{"model.layers.61.eh_proj.weight", Dtype::bf16, {256, 512}},
                                {"model.layers.61.enorm.weight", Dtype::f32, {256}},
                                {"model.layers.61.hnorm.weight", Dtype::bf16, {256}},
                                {"model.layers.61.embed_tokens.weight", Dtype::bf16, {512, 256}},
                                {"model.layers.61.shared_head.head.weight", Dtype::bf16, {512, 256}},
                                {"model.layers.61.shared_head.norm.weight", Dtype::bf16, {256}},
                                {"model.layers.61.mlp.gate.weight", Dtype::bf16, {8, 256}},
                                {"model.layers.61.mlp.gate.e_score_correction_bias", Dtype::f32, {8}},
                                {"model.layers.61.self_attn.o_proj.weight", Dtype::f8_e4m3, {256, 256}},
                                {"model.layers.61.self_attn.o_proj.weight_scale_inv", Dtype::f32, {2, 2}}};

Head head_of(const std::vector<Row>& rows)
{
    Head head;
    head.config.trunk_layers = 61;
    head.config.declared_layers = 1;
    head.config.model_type = "deepseek_v3";
    head.shards = {"model-00001-of-00001.safetensors"};
    std::vector<std::string> names;
    std::vector<SourceTensor> tensors;
    std::uint64_t at = 8;
    for (const Row& row : rows) {
        const std::uint64_t end = at + *skw::safetensors::tensor_bytes(row.dtype, row.shape);
        names.push_back(row.name);
        tensors.push_back({row.name, row.dtype, row.shape, 0, at, end});
        at = end;
    }
    head.detection = detect_layout(names, head.config, "o/m");
    head.stored = read_storage(std::move(tensors), head.config, head.shards);
    BOOST_TEST(head.stored.refusals.empty());
    return head;
}

Output planned(const Options& options = {}, const std::vector<Row>& rows = deepseek)
{
    return plan_output(head_of(rows), options, {"o/m", std::string(40, 'a'), "skulk-weights 1.2.3"});
}

// "name dtype", in the order of the file.
std::vector<std::string> list(const Output& output)
{
    std::vector<std::string> out;
    for (const OutputTensor& tensor : output.tensors) {
        out.push_back(tensor.name + " " + std::string(skw::safetensors::dtype_name(tensor.dtype)));
    }
    return out;
}

std::string recorded(const Output& output, const std::string& key)
{
    const std::string_view text = std::string_view(output.layout.head).substr(8);
    const auto header = skw::safetensors::parse_header(text, output.layout.file_size);
    const auto found = header.metadata.find(key);
    return found == header.metadata.end() ? "(absent)" : found->second;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_output)

BOOST_AUTO_TEST_CASE(names_stay_as_stored_and_the_router_bias_stays_f32_and_first)
{
    const Output output = planned();
    const std::vector<std::string> expected{"model.layers.61.mlp.gate.e_score_correction_bias F32",
                                            "model.layers.61.eh_proj.weight BF16",
                                            "model.layers.61.embed_tokens.weight BF16",
                                            "model.layers.61.enorm.weight BF16",
                                            "model.layers.61.hnorm.weight BF16",
                                            "model.layers.61.mlp.gate.weight BF16",
                                            "model.layers.61.self_attn.o_proj.weight BF16",
                                            "model.layers.61.shared_head.head.weight BF16",
                                            "model.layers.61.shared_head.norm.weight BF16"};
    BOOST_TEST(list(output) == expected, boost::test_tools::per_element());
    BOOST_TEST(recorded(output, "format") == "pt");
    BOOST_TEST(recorded(output, "mtp.layout") == "nextn");
    BOOST_TEST(recorded(output, "mtp.base_layer") == "61");
    BOOST_TEST(recorded(output, "mtp.layers") == "1");
    BOOST_TEST(recorded(output, "mtp.source_prefixes") == "model.layers.61.");
    BOOST_TEST(recorded(output, "mtp.source_repo") == "o/m");
    BOOST_TEST(recorded(output, "mtp.source_revision") == std::string(40, 'a'));
    BOOST_TEST(recorded(output, "mtp.source_formats") == "BF16;F32;F8_E4M3/128x128/F32");
    BOOST_TEST(recorded(output, "mtp.tensor_count") == "9");
    BOOST_TEST(recorded(output, "mtp.names") == "stored");
    BOOST_TEST(recorded(output, "mtp.keep_f32") == "routing");
    BOOST_TEST(recorded(output, "mtp.kept_f32") == "model.layers.61.mlp.gate.e_score_correction_bias");
    BOOST_TEST(recorded(output, "mtp.concat_order") == "embedding,hidden");
    BOOST_TEST(recorded(output, "mtp.norm_convention") == "actual");
    BOOST_TEST(recorded(output, "mtp.tool") == "skulk-weights 1.2.3");
    BOOST_TEST(recorded(output, "mtp.accepted") == "(absent)");
    BOOST_TEST(recorded(output, "mtp.shared_omitted") == "(absent)");
}

BOOST_AUTO_TEST_CASE(extra_layers_are_renamed_on_request_and_the_file_says_so)
{
    Options options;
    options.rename_layers = true;
    const Output output = planned(options);
    BOOST_TEST(output.renamed);
    BOOST_TEST(std::ranges::all_of(output.tensors, [](const OutputTensor& tensor) {
        return tensor.name.starts_with("mtp.0.") && tensor.stored.name.starts_with("model.layers.61.");
    }));
    BOOST_TEST(recorded(output, "mtp.names") == "mtp");
    BOOST_TEST(recorded(output, "mtp.source_prefixes") == "model.layers.61.");
    BOOST_TEST(recorded(output, "mtp.kept_f32") == "mtp.0.mlp.gate.e_score_correction_bias");
}

BOOST_AUTO_TEST_CASE(copies_of_the_base_model_are_left_out_on_request_only)
{
    Options options;
    options.omit_copies = true;
    const Output output = planned(options);
    BOOST_TEST(output.tensors.size() == 7u);
    BOOST_TEST(recorded(output, "mtp.shared_omitted") ==
               "model.layers.61.embed_tokens.weight;model.layers.61.shared_head.head.weight");
    BOOST_TEST(recorded(output, "mtp.tensor_count") == "7");
}

BOOST_AUTO_TEST_CASE(all_or_none_of_the_f32_parameters_may_stay)
{
    Options options;
    options.keep_f32 = KeepF32::none;
    BOOST_TEST(planned(options).kept_f32.empty());
    BOOST_TEST(recorded(planned(options), "mtp.keep_f32") == "none");
    options.keep_f32 = KeepF32::all;
    BOOST_TEST(planned(options).kept_f32.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_was_accepted_is_recorded)
{
    Options options;
    options.accept_dspark = options.accept_nonfinite = true;
    BOOST_TEST(recorded(planned(options), "mtp.accepted") == "dspark;non-finite");
}

BOOST_AUTO_TEST_CASE(two_tensors_never_get_one_name)
{
    Head head = head_of(deepseek);
    head.stored.weights.push_back(head.stored.weights.front());
    try {
        plan_output(head, {}, {"o/m", std::string(40, 'a'), "skulk-weights 1.2.3"});
        BOOST_ERROR("nothing was thrown");
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.message().find("would both become model.layers.61.") != std::string::npos,
                   failure.message());
    }
}

BOOST_AUTO_TEST_CASE(a_list_of_names_ends_with_how_many_more_there_are)
{
    BOOST_TEST(name_list({"a", "b"}, 2) == "a, b");
    BOOST_TEST(name_list({"a", "b", "c"}, 2) == "a, b and 1 more");
    BOOST_TEST(name_list({}, 2) == "");
}

BOOST_AUTO_TEST_SUITE_END()

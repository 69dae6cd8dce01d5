// SPDX-License-Identifier: Apache-2.0
// The formulas against known models: real configurations, sizes that were worked out or published for them.
#include "vindex/estimate.hpp"

#include "vindex/json_fields.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <ostream>

using namespace skw::vindex;

namespace {

// Decimal gigabytes, one digit.
struct Figures {
    double gate, embeddings, attention, feed_forward, experts, full, slice; // 0: has none
};

struct Known {
    const char* name;
    const char* config;
    double source;
    Figures sizes;
    double disk, memory; // GB
};

std::ostream& operator<<(std::ostream& out, const Known& known)
{
    return out << known.name;
}

const Known known[] = {
    {"Llama 3.2 3B",
     R"({"model_type":"llama","hidden_size":3072,"intermediate_size":8192,"num_hidden_layers":28,
         "vocab_size":128256,"num_attention_heads":24,"num_key_value_heads":8,"head_dim":128,
         "tie_word_embeddings":true})",
     6.4,
     {1.4, 0.8, 0.4, 1.4, 0, 4.0, 0},
     10.9,
     4},
    {"Gemma 3 4B",
     R"({"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":2560,
         "intermediate_size":10240,"num_hidden_layers":34}})",
     8.6,
     {1.8, 1.3, 0.3, 1.7, 0, 5.2, 0},
     14.5,
     7},
    {"Gemma 3 27B",
     R"({"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":5376,
         "intermediate_size":21504,"num_hidden_layers":62,"num_attention_heads":32,"num_key_value_heads":16,
         "head_dim":128}})",
     54.9,
     {14.3, 2.8, 2.5, 13.9, 0, 33.7, 0},
     93,
     14},
    {"Gemma 4 26B-A4B",
     R"({"model_type":"gemma4","text_config":{"model_type":"gemma4_text","hidden_size":2816,
         "intermediate_size":2112,"num_hidden_layers":30,"vocab_size":262144,"num_attention_heads":16,
         "num_key_value_heads":8,"head_dim":256,"enable_moe_block":true,"num_experts":128,
         "moe_intermediate_size":704}})",
     51.6,
     {0.4, 1.5, 0.6, 0.4, 13.2, 16.1, 15.1},
     87,
     7},
    {"Mixtral 8x7B",
     R"({"model_type":"mixtral","hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,
         "vocab_size":32000,"num_attention_heads":32,"num_key_value_heads":8,"num_local_experts":8,
         "tie_word_embeddings":false})",
     93.4,
     {30.1, 0.3, 0.8, 0, 25.4, 56.9, 25.6},
     185,
     8},
    {"Mixtral 8x22B",
     R"({"model_type":"mixtral","hidden_size":6144,"intermediate_size":16384,"num_hidden_layers":56,
         "vocab_size":32768,"num_attention_heads":48,"num_key_value_heads":8,"num_local_experts":8,
         "tie_word_embeddings":false})",
     281,
     {90.2, 0.4, 2.9, 0, 76.1, 170.3, 76.5},
     555,
     13},
};

double gigabytes(std::uint64_t bytes)
{
    return static_cast<double>(bytes) / 1e9;
}

Model model_of(const char* config)
{
    return read_model(read_json_object(config, "config.json"));
}

void check_near(const char* what, std::uint64_t bytes, double wanted, double part)
{
    const double found = gigabytes(bytes);
    BOOST_TEST(std::fabs(found - wanted) <= std::max(0.06, wanted * part),
               what << ": " << found << " for " << wanted);
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_estimate)

BOOST_DATA_TEST_CASE(sizes_come_out_as_worked_out, boost::unit_test::data::make(known), one)
{
    const Model model = model_of(one.config);
    const Sizes sizes = estimate_sizes(model, 20'000'000);
    check_near("gate", sizes.gate, one.sizes.gate, 0.01);
    check_near("embeddings", sizes.embeddings, one.sizes.embeddings, 0.01);
    check_near("attention", sizes.attention, one.sizes.attention, 0.01);
    check_near("feed-forward", sizes.feed_forward, one.sizes.feed_forward, 0.01);
    check_near("experts", sizes.experts, one.sizes.experts, 0.01);
    check_near("full", sizes.full(), one.sizes.full, 0.01);
    const bool sliced = one.sizes.slice > 0;
    if (sliced) {
        check_near("slice", sizes.slice(), one.sizes.slice, 0.01);
    }
    check_near("disk", estimate_disk(static_cast<std::uint64_t>(one.source * 1e9), sizes, sliced), one.disk,
               0.01);
    check_near("memory", estimate_memory(model), one.memory, 0.15);
}

BOOST_AUTO_TEST_CASE(time_is_scaled_from_the_one_known_figure)
{
    const double minutes = estimate_seconds(model_of(known[1].config)) / 60;
    BOOST_TEST(minutes > 40);
    BOOST_TEST(minutes < 50);
}

BOOST_AUTO_TEST_CASE(layers_with_full_attention_count_with_their_own_heads)
{
    // Published: an attention slice of 4.8 GiB for this geometry.
    std::string types;
    for (int layer = 0; layer < 60; ++layer) {
        types += std::string(layer == 0 ? "" : ",") +
                 (layer % 6 == 5 ? "\"full_attention\"" : "\"sliding_attention\"");
    }
    const std::string config =
        R"({"model_type":"gemma4","text_config":{"model_type":"gemma4_text","hidden_size":5376,
            "intermediate_size":21504,"num_hidden_layers":60,"vocab_size":262144,"num_attention_heads":32,
            "num_key_value_heads":16,"head_dim":256,"global_head_dim":512,"num_global_key_value_heads":4,
            "layer_types":[)" +
        types + "]}}";
    const Sizes sizes = estimate_sizes(model_of(config.c_str()), 0);
    BOOST_TEST(std::fabs(gigabytes(sizes.attention) - 4.8 * 1.073741824) < 0.05);
}

BOOST_AUTO_TEST_CASE(the_largest_file_of_a_big_model_is_over_the_limit_of_an_upload)
{
    const Model large = model_of(known[2].config), small = model_of(known[1].config);
    const LargestFile gate = find_largest(large, estimate_sizes(large, 0), false);
    BOOST_TEST(gate.name == "gate_vectors.bin");
    BOOST_TEST(gate.bytes > upload_limit);
    BOOST_TEST(find_largest(small, estimate_sizes(small, 0), false).bytes < upload_limit);
    const Model hybrid = model_of(known[3].config);
    BOOST_TEST(find_largest(hybrid, estimate_sizes(hybrid, 0), true).name == "embeddings.bin");
}

BOOST_AUTO_TEST_CASE(absurd_dimensions_do_not_wrap_around)
{
    Model model;
    model.layers = 4096;
    model.hidden = model.width = model.vocabulary = model.query_heads = model.key_heads = std::uint64_t{1}
                                                                                          << 32;
    model.head_size = std::uint64_t{1} << 32;
    const Sizes sizes = estimate_sizes(model, 0);
    BOOST_TEST(sizes.full() == std::numeric_limits<std::uint64_t>::max());
    BOOST_TEST(estimate_disk(1, sizes, true) == std::numeric_limits<std::uint64_t>::max());
    BOOST_TEST(estimate_memory(model) == std::numeric_limits<std::uint64_t>::max());
}

BOOST_AUTO_TEST_SUITE_END()

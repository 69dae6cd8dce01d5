// SPDX-License-Identifier: Apache-2.0
// Shapes and names that no honest checkpoint has, and as many tensors as a head may have.
#include "mtp/storage/storage.hpp"

#include "storage/heads.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::mtp::test;

BOOST_AUTO_TEST_SUITE(mtp_storage_hostile)

BOOST_AUTO_TEST_CASE(products_beyond_64_bits_are_refused_wherever_they_stand)
{
    const std::vector<std::uint64_t> huge{1ull << 32, 1ull << 32};
    for (const Dtype dtype : {Dtype::bf16, Dtype::f8_e4m3, Dtype::i8, Dtype::f8_e5m2}) {
        const Refusal refusal = only_refusal({tensor("mtp.x.weight", dtype, huge)});
        BOOST_TEST(refusal.message.find("more elements than 64 bits can count") != std::string::npos,
                   refusal.message);
        BOOST_TEST(refusal.status == SKW_E_BAD_INPUT);
    }
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::f8_e4m3, {256, 256}),
                        tensor("mtp.x.weight_scale", Dtype::f32, huge)})
                   .find("64 bits") != std::string::npos);
    BOOST_TEST(
        outcome({tensor("mtp.x.weight", Dtype::i8, {256, 256}), tensor("mtp.x.weight_scale", Dtype::f32, {}),
                 tensor("mtp.x.weight_zero_point", Dtype::i8, huge)})
            .find("64 bits") != std::string::npos);
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::bf16, {1ull << 63, 4, 0})}).find("64 bits") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_weight_that_only_its_output_makes_too_large_is_refused)
{
    const std::uint64_t wide = 1ull << 60; // bytes as stored
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::f8_e4m3, {1, wide}),
                        tensor("mtp.x.weight_scale", Dtype::f32, {})})
                   .find("too large") != std::string::npos);
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::f8_e5m2, {1, wide})}).find("too large") !=
               std::string::npos);
    BOOST_TEST(outcome({tensor("mtp.x.weight", Dtype::i8, {1, wide}),
                        tensor("mtp.x.scale", Dtype::f8_e8m0, {1, wide / 16})})
                   .find("too large") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(zero_dimensions_and_scalars_are_weights)
{
    const StoredHead head =
        read({tensor("mtp.a", Dtype::bf16, {0}), tensor("mtp.b", Dtype::f32, {}),
              tensor("mtp.c.weight", Dtype::f8_e4m3, {0, 256}),
              tensor("mtp.c.weight_scale_inv", Dtype::f32, {0, 2}), tensor("mtp.d.weight", Dtype::i8, {4, 0}),
              tensor("mtp.d.scale", Dtype::f8_e8m0, {4, 0})},
             blocks(128, 128));
    BOOST_TEST(head.refusals.empty());
    BOOST_TEST_REQUIRE(head.weights.size() == 4u);
    BOOST_TEST(head.weights[0].elements() == 0u);
    BOOST_TEST(head.weights[1].elements() == 1u);
    BOOST_TEST(head.weights[1].rows() == 1u);
    BOOST_TEST(head.weights[1].columns() == 1u);
    BOOST_TEST(head.weights[2].elements() == 0u);
    BOOST_TEST(head.weights[3].companion_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(sixty_four_dimensions_are_a_batch_like_any_other)
{
    std::vector<std::uint64_t> weight(64, 1), scale(64, 1);
    weight[63] = weight[62] = 256;
    scale[63] = scale[62] = 2;
    const StoredHead head = read({tensor("mtp.x.weight", Dtype::f8_e4m3, weight),
                                  tensor("mtp.x.weight_scale_inv", Dtype::f32, scale)});
    BOOST_TEST_REQUIRE(head.weights.size() == 1u);
    BOOST_TEST(head.weights[0].storage.format == "F8_E4M3/128x128/F32");
    BOOST_TEST(head.weights[0].rows() == 256u);
    scale[5] = 2;
    const Refusal refusal = only_refusal({tensor("mtp.x.weight", Dtype::f8_e4m3, weight),
                                          tensor("mtp.x.weight_scale_inv", Dtype::f32, scale)});
    BOOST_TEST(refusal.message.find("(64 dimensions)") != std::string::npos);
    BOOST_TEST(refusal.message.size() < 500u);
}

BOOST_AUTO_TEST_CASE(odd_names_are_printed_safely_and_shards_out_of_range_do_no_harm)
{
    const std::string evil = "mtp.\x1b[31m'" + std::string(10'000, 'x') + ".weight";
    SourceTensor odd = tensor(evil, Dtype::f8_e4m3, {4});
    odd.shard = 99;
    const Refusal refusal = only_refusal({odd});
    BOOST_TEST(refusal.place == "");
    BOOST_TEST(refusal.message.size() < 400u);
    BOOST_TEST(refusal.message.find('\x1b') == std::string::npos);
    for (const char* name : {"", ".", "..", "scales", "_scale", ".scale", "_blocks", "weight_packed",
                             "_scale_inv", "q_scale", "k_scale"}) {
        const StoredHead head = read({tensor(name, Dtype::u8, {1})});
        BOOST_TEST(head.weights.size() + head.left_out.size() + head.refusals.size() == 1u, name);
    }
    BOOST_TEST(read({}).weights.empty());
}

BOOST_AUTO_TEST_CASE(a_head_of_50000_tensors_is_read_whole)
{
    std::vector<SourceTensor> tensors;
    for (std::size_t expert = 0; expert < 12'500; ++expert) {
        const std::string m = "mtp.0.ffn.experts." + std::to_string(expert);
        tensors.push_back(tensor(m + ".w1.weight", Dtype::i8, {64, 32}, expert % 2));
        tensors.push_back(tensor(m + ".w1.scale", Dtype::f8_e8m0, {64, 2}, (expert + 1) % 2));
        tensors.push_back(tensor(m + ".w2.weight", Dtype::f8_e4m3, {64, 32}));
        tensors.push_back(tensor(m + ".w2.input_scale", Dtype::f32, {}));
    }
    const StoredHead head = read(tensors);
    BOOST_TEST(head.weights.size() == 12'500u);
    BOOST_TEST(head.left_out.size() == 12'500u);
    BOOST_TEST_REQUIRE(head.refusals.size() == 1u);
    BOOST_TEST(head.refusals[0].message.ends_with("; and 12499 more like it"));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Samples: sizes by arithmetic at full scale, bytes at a small one.
#include "localhub/seed.hpp"

#include "localhub/store.hpp"
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <set>

using namespace skw::localhub;

namespace {

SampleRepo sample(std::uint64_t scale, SampleType type = SampleType::bf16, bool single = false)
{
    return plan_sample(
        {.sample = "qwen-mtp", .repo = {}, .scale = scale, .mtp_type = type, .single_file = single});
}

const SampleTensor& tensor(const SampleRepo& repo, const std::string& name)
{
    for (const auto& [path, shard] : repo.shards) {
        for (const SampleTensor& one : shard.tensors()) {
            if (one.name == name) {
                return one;
            }
        }
    }
    throw std::runtime_error("no tensor " + name);
}

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_seed)

BOOST_AUTO_TEST_CASE(at_full_scale_the_sample_has_the_sizes_of_the_real_checkpoint)
{
    const SampleRepo repo = sample(1);
    BOOST_TEST(repo.mtp_bytes() == 241'199'104u);
    // The published size of both shards, within what header texts may differ.
    const double ratio = static_cast<double>(repo.bytes()) / 9'319'828'096.0;
    BOOST_TEST(ratio > 0.9999);
    BOOST_TEST(ratio < 1.0001);
    BOOST_TEST(sample(1, SampleType::f32).mtp_bytes() == 2u * 241'199'104u);
}

BOOST_AUTO_TEST_CASE(fifteen_mtp_tensors_lie_in_both_shards)
{
    std::set<std::string> names;
    for (const auto& [path, shard] : sample(16).shards) {
        for (const SampleTensor& one : shard.tensors()) {
            if (one.name.starts_with("mtp.")) {
                names.insert(one.name);
                const bool first = path == "model.safetensors-00001-of-00002.safetensors";
                BOOST_TEST(first == (one.name.find(".mlp.") != std::string::npos), one.name);
            }
        }
    }
    BOOST_TEST(names.size() == 15u);
    const std::vector<std::uint64_t> wanted{2560, 5120};
    BOOST_TEST(tensor(sample(1), "mtp.fc.weight").shape == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_header_follows_the_rules_of_the_format)
{
    for (const SampleType type : {SampleType::bf16, SampleType::f32}) {
        for (const auto& [path, shard] : sample(32, type).shards) {
            const std::string& text = shard.header();
            std::uint64_t length = 0;
            for (int i = 7; i >= 0; --i) {
                length = 256 * length + static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
            }
            BOOST_TEST(length + 8 == text.size());
            BOOST_TEST(length % 8 == 0u);
            const auto header = skw::parse_json(std::string_view(text).substr(8), path).as_object();
            std::map<std::uint64_t, std::uint64_t> places;
            for (const auto& [name, entry] : header) {
                if (name != "__metadata__") {
                    const auto& offsets = entry.at("data_offsets").as_array();
                    places[offsets[0].to_number<std::uint64_t>()] = offsets[1].to_number<std::uint64_t>();
                    const std::uint64_t size = entry.at("dtype") == "F32" ? 4 : 2;
                    BOOST_TEST(offsets[0].to_number<std::uint64_t>() % size == 0u);
                }
            }
            std::uint64_t end = 0;
            for (const auto& [begin, next] : places) {
                BOOST_TEST(begin == end);
                end = next;
            }
            std::uint64_t written = 0;
            shard.write([&](std::span<const std::byte> bytes) { written += bytes.size(); });
            BOOST_TEST(written == shard.bytes());
            BOOST_TEST(written == text.size() + end);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_index_names_every_tensor_and_the_total)
{
    const SampleRepo repo = sample(32);
    const auto index = skw::parse_json(repo.texts.at("model.safetensors.index.json"), "index").as_object();
    std::uint64_t total = 0;
    std::size_t count = 0;
    for (const auto& [path, shard] : repo.shards) {
        for (const SampleTensor& one : shard.tensors()) {
            BOOST_TEST(std::string(index.at("weight_map").at(one.name).as_string()) == path);
            total += one.bytes();
            ++count;
        }
    }
    BOOST_TEST(index.at("metadata").at("total_size").to_number<std::uint64_t>() == total);
    BOOST_TEST(index.at("weight_map").as_object().size() == count);
    BOOST_TEST(!sample(32, SampleType::bf16, true).texts.contains("model.safetensors.index.json"));
}

BOOST_AUTO_TEST_CASE(values_are_finite_small_and_the_same_number_in_every_type)
{
    const std::uint64_t seed = sample_seed("mtp.fc.weight");
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const std::uint32_t bits = sample_f32_bits(seed, i);
        const float value = std::bit_cast<float>(bits);
        BOOST_REQUIRE(std::fabs(value) < 0.5f && std::fabs(value) >= 0.0078125f);
        BOOST_REQUIRE(sample_bf16_bits(seed, i) == bits >> 16);
        const std::uint16_t half = sample_f16_bits(seed, i);
        const float of_half =
            std::ldexp(1.0f + static_cast<float>(half & 0x3ff) / 1024.0f, ((half >> 10) & 31) - 15) *
            ((half >> 15) != 0 ? -1.0f : 1.0f);
        BOOST_REQUIRE(of_half == std::bit_cast<float>(bits & 0xffffe000u));
    }
    BOOST_TEST(sample_f32_bits(seed, 0) != sample_f32_bits(sample_seed("mtp.norm.weight"), 0));
}

BOOST_AUTO_TEST_CASE(seeding_twice_makes_one_commit)
{
    const skw::TempFolder root;
    const Seeded first = seed(root.path(), sample(64));
    const Seeded second = seed(root.path(), sample(64));
    BOOST_TEST(!first.unchanged);
    BOOST_TEST(second.unchanged);
    BOOST_TEST(second.commit == first.commit);
    BOOST_TEST(!seed(root.path(), sample(64, SampleType::f16)).unchanged);
    const Store store(root.path());
    const RepoPtr repo = store.find("models", "Qwen/Qwen3.5-4B");
    for (const auto& [path, file] : *repo->tree(*repo->find_commit("main"))) {
        BOOST_TEST(std::filesystem::file_size(store.objects().place_of(file.sha256)) == file.size, path);
        BOOST_TEST((!file.lfs || repo->has_lfs(file.sha256)));
    }
    BOOST_CHECK_THROW(seed(root.path(), sample(64)), skw::Error); // a server holds the root
}

BOOST_AUTO_TEST_CASE(an_unknown_sample_scale_or_repo_is_refused)
{
    BOOST_CHECK_THROW(plan_sample({.sample = "qwen", .repo = {}}), skw::UsageError);
    for (const std::uint64_t scale : {0u, 3u, 128u}) {
        BOOST_CHECK_THROW(sample(scale), skw::UsageError);
    }
    BOOST_CHECK_THROW(plan_sample({.sample = "qwen-mtp", .repo = "../x"}), skw::UsageError);
}

BOOST_AUTO_TEST_SUITE_END()

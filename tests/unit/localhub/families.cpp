// SPDX-License-Identifier: Apache-2.0
// Samples of MTP families: sizes of the released heads by arithmetic, files by the reader of the format,
// bytes by their roles.
#include "localhub/samples.hpp"

#include "localhub/families/families.hpp"
#include "safetensors/reader.hpp"
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <set>

using namespace skw::localhub;
namespace safetensors = skw::safetensors;

namespace {

SampleRepo family(const std::string& name, bool single = false)
{
    SeedOptions options{.sample = name, .repo = {}};
    options.single_file = single;
    return plan_sample(options);
}

SampleRepo released(const std::string& name)
{
    SeedOptions options{.sample = name, .repo = {}};
    options.scale = 1;
    return plan_sample(options);
}

std::set<std::string> tensor_names(const SampleRepo& repo, bool mtp_only = false)
{
    std::set<std::string> out;
    for (const auto& [path, shard] : repo.shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            if (tensor.mtp || !mtp_only) {
                BOOST_TEST(out.insert(tensor.name).second, tensor.name << " is there twice");
            }
        }
    }
    return out;
}

std::vector<std::byte> content(const SampleShard& shard)
{
    std::vector<std::byte> out;
    shard.write([&](std::span<const std::byte> bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); });
    return out;
}

skw::json::object config(const SampleRepo& repo)
{
    return skw::parse_json(repo.texts.at("config.json"), "config.json").as_object();
}

std::vector<std::uint8_t> codes(SampleType type, SampleRole role, std::size_t count)
{
    std::vector<std::byte> bytes(count);
    fill_words(type, role, sample_seed("codes"), 3, bytes);
    std::vector<std::uint8_t> out;
    for (const std::byte byte : bytes) {
        out.push_back(std::to_integer<std::uint8_t>(byte));
    }
    return out;
}

std::set<std::uint8_t> kinds(SampleType type, SampleRole role)
{
    const std::vector<std::uint8_t> all = codes(type, role, 65'536);
    return {all.begin(), all.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_families)

BOOST_AUTO_TEST_CASE(heads_of_the_released_dimensions_have_the_published_number_of_tensors_and_bytes)
{
    struct Row {
        const char* sample;
        std::uint64_t tensors, bytes;
    };
    for (const Row& row : {Row{"qwen-mtp", 15, 241'199'104}, Row{"deepseek-v3.2", 1571, 15'438'725'568},
                           Row{"deepseek-v4", 1575, 3'593'787'756}, Row{"mimo", 16, 421'580'800},
                           Row{"mimo-v2", 48, 1'189'400'448}, Row{"nemotron", 1040, 5'884'651'520},
                           Row{"glm", 404, 7'233'147'392}, Row{"qwen3-next", 1553, 3'300'942'848}}) {
        const SampleRepo repo = released(row.sample);
        BOOST_TEST(repo.mtp_tensors() == row.tensors, row.sample);
        BOOST_TEST(repo.mtp_bytes() == row.bytes, row.sample);
    }
}

BOOST_AUTO_TEST_CASE(the_released_deepseek_v3_has_163_shards_and_its_head_in_the_last_four)
{
    const SampleRepo repo = released("deepseek-v3");
    BOOST_TEST(repo.mtp_tensors() == 1564u);
    BOOST_TEST(repo.mtp_bytes() == 15'424'227'552u);
    BOOST_REQUIRE(repo.shards.size() == 163u);
    BOOST_TEST(repo.bytes() > 688'000'000'000u);
    BOOST_TEST(repo.bytes() < 690'000'000'000u);
    std::size_t number = 0;
    for (const auto& [path, shard] : repo.shards) {
        ++number;
        bool mtp = false, trunk = false;
        for (const SampleTensor& tensor : shard.tensors()) {
            (tensor.mtp ? mtp : trunk) = true;
        }
        BOOST_TEST(mtp == (number >= 160), path);
        BOOST_TEST((number != 160 || trunk));
    }
}

BOOST_AUTO_TEST_CASE(the_released_deepseek_v4_has_its_head_alone_in_the_last_of_46_shards)
{
    const SampleRepo repo = released("deepseek-v4");
    BOOST_REQUIRE(repo.shards.size() == 46u);
    const auto& [path, shard] = *repo.shards.rbegin();
    BOOST_TEST(path == "model-00046-of-00046.safetensors");
    BOOST_TEST(shard.tensors().size() == 1575u);
    BOOST_TEST(shard.bytes() - shard.header().size() == 3'593'787'756u);
}

BOOST_AUTO_TEST_CASE(every_file_of_every_family_is_valid_and_described_by_the_index)
{
    for (const SampleFamily& row : sample_families()) {
        const SampleRepo repo = family(row.name);
        BOOST_TEST(repo.bytes() < (24u << 20), row.name);
        BOOST_TEST((repo.mtp_tensors() == 0) == (std::string_view(row.name) == "minimax"), row.name);
        const auto index =
            skw::parse_json(repo.texts.at("model.safetensors.index.json"), "index").as_object();
        const auto& places = index.at("weight_map").as_object();
        std::size_t named = 0;
        for (const auto& [path, shard] : repo.shards) {
            const std::string& text = shard.header();
            const safetensors::Header header =
                safetensors::parse_header(std::string_view(text).substr(8), shard.bytes());
            BOOST_TEST(safetensors::header_length(std::as_bytes(std::span(text)), shard.bytes()) + 8 ==
                       text.size());
            BOOST_TEST(header.tensors.size() == shard.tensors().size());
            std::map<std::string, std::uint64_t> begins;
            for (std::size_t i = 0; i < shard.tensors().size(); ++i) {
                begins[shard.tensors()[i].name] = shard.begin_of(i);
            }
            const bool in_index = std::string_view(row.name) != "qwen-mtp-fp8" || path != "mtp.safetensors";
            for (const safetensors::Tensor& tensor : header.tensors) {
                BOOST_TEST(begins.at(tensor.name) == header.data_begin + tensor.begin, tensor.name);
                const skw::json::value* place = places.if_contains(tensor.name);
                BOOST_TEST((place != nullptr && place->as_string() == path) == in_index, tensor.name);
                named += in_index ? 1 : 0;
            }
        }
        BOOST_TEST(named == places.size(), row.name);
        BOOST_TEST(repo.texts.contains("README.md"));
        BOOST_TEST(config(repo).contains("model_type"));
    }
}

BOOST_AUTO_TEST_CASE(a_range_read_by_itself_has_the_bytes_that_are_written)
{
    std::uint64_t dice = 1;
    const auto roll = [&](std::uint64_t below) {
        dice = dice * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        return (dice >> 33) % below;
    };
    std::vector<std::string> names{"qwen-mtp", "vision"};
    for (const SampleFamily& row : sample_families()) {
        names.emplace_back(row.name);
    }
    for (const std::string& name : names) {
        SeedOptions options{.sample = name, .repo = {}};
        if (name == "qwen-mtp") {
            options.scale = 64;
        }
        const SampleRepo repo = plan_sample(options), again = plan_sample(options);
        for (const auto& [path, shard] : repo.shards) {
            const std::vector<std::byte> whole = content(shard);
            BOOST_REQUIRE(whole.size() == shard.bytes());
            BOOST_TEST((content(again.shards.at(path)) == whole), name << " is another one the second time");
            const auto check = [&](std::uint64_t offset, std::size_t length) {
                std::vector<std::byte> part(length, std::byte{0xa5});
                const std::size_t got = shard.read(offset, part);
                const std::size_t wanted =
                    offset >= whole.size() ? 0 : std::min<std::size_t>(length, whole.size() - offset);
                BOOST_REQUIRE(got == wanted);
                BOOST_REQUIRE(std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got),
                                         whole.begin() + static_cast<std::ptrdiff_t>(offset)));
            };
            for (int i = 0; i < 60; ++i) {
                check(roll(whole.size()), roll(i < 30 ? 40 : 70'000));
            }
            for (std::size_t i = 0; i < shard.tensors().size(); i += 7) { // about the borders of tensors
                for (const std::uint64_t before : {0u, 1u, 7u, 9u}) {
                    check(shard.begin_of(i) - before, 19);
                }
            }
            check(whole.size(), 5);
            check(whole.size() - 3, 5);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_single_file_holds_the_same_tensors_in_every_family)
{
    for (const SampleFamily& row : sample_families()) {
        const SampleRepo many = family(row.name), one = family(row.name, true);
        BOOST_TEST(one.shards.size() == 1u);
        BOOST_TEST(one.shards.contains("model.safetensors"));
        BOOST_TEST(!one.texts.contains("model.safetensors.index.json"));
        BOOST_TEST(tensor_names(one) == tensor_names(many), boost::test_tools::per_element());
        BOOST_TEST(one.mtp_bytes() == many.mtp_bytes());
    }
}

BOOST_AUTO_TEST_CASE(a_weight_and_its_scale_lie_in_two_shards_somewhere_in_the_small_deepseek_v3)
{
    std::map<std::string, std::string> places;
    std::set<std::string> with_head;
    const SampleRepo repo = family("deepseek-v3");
    for (const auto& [path, shard] : repo.shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            places[tensor.name] = path;
            if (tensor.mtp) {
                with_head.insert(path);
            }
        }
    }
    BOOST_TEST(with_head.size() == 2u);
    bool apart = false;
    for (const auto& [name, path] : places) {
        const auto scale = places.find(name + "_scale_inv");
        apart = apart || (scale != places.end() && scale->second != path);
    }
    BOOST_TEST(apart);
}

BOOST_AUTO_TEST_CASE(codes_take_every_value_but_those_that_are_no_numbers)
{
    const std::set<std::uint8_t> e4m3 = kinds(SampleType::f8_e4m3, SampleRole::weight);
    BOOST_TEST(e4m3.size() == 254u);
    BOOST_TEST((!e4m3.contains(0x7f) && !e4m3.contains(0xff)));
    const std::set<std::uint8_t> e5m2 = kinds(SampleType::f8_e5m2, SampleRole::weight);
    BOOST_TEST(e5m2.size() == 248u);
    for (const std::uint8_t code : e5m2) {
        BOOST_TEST((code & 0x7c) != 0x7c);
    }
    BOOST_TEST(kinds(SampleType::i8, SampleRole::weight).size() == 256u);
    BOOST_TEST(kinds(SampleType::u8, SampleRole::weight).size() == 256u);
    const std::set<std::uint8_t> e8m0 = kinds(SampleType::f8_e8m0, SampleRole::scale);
    BOOST_TEST((e8m0.size() == 16u && *e8m0.begin() == 0x70 && *e8m0.rbegin() == 0x7f));
    const std::set<std::uint8_t> wide = kinds(SampleType::f8_e8m0, SampleRole::wide_scale);
    BOOST_TEST((wide.size() == 18u && *wide.begin() == 0x00 && *wide.rbegin() == 0xf6));
    const std::set<std::uint8_t> fp4 = kinds(SampleType::u8, SampleRole::wide_fp4_scale);
    BOOST_TEST((fp4.size() == 18u && *fp4.begin() == 0x00 && *fp4.rbegin() == 0xfc));
    const std::set<std::uint8_t> scales = kinds(SampleType::f8_e4m3, SampleRole::scale);
    BOOST_TEST((scales.size() == 127u && *scales.rbegin() == 0x7e));
    const std::set<std::uint8_t> zeros = kinds(SampleType::i8, SampleRole::zero_point);
    BOOST_TEST((zeros.size() == 16u && *zeros.begin() == 0 && zeros.contains(0xf8) && zeros.contains(7)));
    BOOST_TEST(std::ldexp(448.0, 0xf6 - 127) < 3.38e38); // below the largest BF16
    BOOST_TEST(std::ldexp(6.0, 0xfc - 127) < 3.38e38);
}

BOOST_AUTO_TEST_CASE(floats_are_finite_and_in_the_range_of_their_role)
{
    const auto words = [](SampleType type, SampleRole role, auto check) {
        for (std::uint64_t i = 0; i < 20'000; ++i) {
            const std::uint64_t word = sample_word(type, role, sample_seed("floats"), i);
            for (int shift = 0; shift < 64; shift += static_cast<int>(8 * bytes_of(type))) {
                check(static_cast<std::uint32_t>(word >> shift));
            }
        }
    };
    const auto f32 = [](std::uint32_t bits) { return std::bit_cast<float>(bits); };
    const auto bf16 = [](std::uint32_t bits) { return std::bit_cast<float>(bits << 16); };
    const auto inside = [](float value, double least, double beyond) {
        BOOST_REQUIRE((value >= static_cast<float>(least) && value < static_cast<float>(beyond)));
    };
    const double tiny = std::ldexp(1.0, -7), low = std::ldexp(1.0, -12), high = std::ldexp(1.0, -4);
    std::set<std::uint32_t> mantissas;
    words(SampleType::f32, SampleRole::weight, [&](std::uint32_t b) { inside(std::fabs(f32(b)), tiny, 2); });
    words(SampleType::bf16, SampleRole::weight,
          [&](std::uint32_t b) { inside(std::fabs(bf16(b & 0xffff)), tiny, 2); });
    words(SampleType::f16, SampleRole::weight, [&](std::uint32_t b) { // exponents 8 to 15 of a bias of 15
        BOOST_REQUIRE(((b >> 10 & 31) >= 8 && (b >> 10 & 31) <= 15));
    });
    words(SampleType::f32, SampleRole::scale, [&](std::uint32_t b) {
        inside(f32(b), low, high);
        mantissas.insert(b & 0x7fffff);
    });
    BOOST_TEST(mantissas.size() > 35'000u);
    words(SampleType::bf16, SampleRole::scale, [&](std::uint32_t b) { inside(bf16(b & 0xffff), low, high); });
    words(SampleType::f32, SampleRole::power_of_two, [&](std::uint32_t b) {
        inside(f32(b), low, high);
        BOOST_REQUIRE((b & 0x7fffff) == 0u);
    });
    words(SampleType::f32, SampleRole::global_divisor, [&](std::uint32_t b) { inside(f32(b), 512, 8192); });
}

BOOST_AUTO_TEST_CASE(a_described_shard_is_the_same_file)
{
    for (const char* name : {"deepseek-v4", "qwen-mlx", "vision"}) {
        const SampleRepo repo = family(name);
        for (const auto& [path, shard] : repo.shards) {
            const SampleShard again = SampleShard::described(shard.description(), path);
            BOOST_TEST((content(again) == content(shard)), path);
            BOOST_TEST(again.description() == shard.description());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_description_that_is_none_is_refused)
{
    const std::string good = family("mimo").shards.begin()->second.description();
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        BOOST_REQUIRE(text.find(from) != std::string::npos);
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), with("skulk-hub.shard/1", "skulk-hub.shard/9"),
          with("\"BF16\"", "\"F4\""), with("\"weight\"", "\"fun\""), with("[320]", "[-1]"),
          with("[320]", "[9223372036854775807,9223372036854775807]"), with("[320]", "[321]"),
          with("[320]", "7"), with("\"padding\":0", "\"padding\":99999999999")}) {
        BOOST_CHECK_THROW(SampleShard::described(text, "x"), skw::Error);
    }
}

BOOST_AUTO_TEST_CASE(options_that_a_family_does_not_have_are_refused)
{
    const auto refused = [](const char* name, std::optional<std::uint64_t> scale, std::uint64_t experts) {
        SeedOptions options{.sample = name, .repo = {}};
        options.scale = scale;
        options.experts = experts;
        BOOST_CHECK_THROW(plan_sample(options), skw::UsageError);
    };
    refused("deepseek-v3", 2, 0);
    refused("deepseek-v3", 0, 0);
    refused("ernie", 1, 0);
    refused("mimo", std::nullopt, 4);
    refused("deepseek-v3", std::nullopt, 5000);
    SeedOptions fewer{.sample = "deepseek-v3", .repo = {}};
    fewer.scale = 1;
    fewer.experts = 4;
    BOOST_TEST(plan_sample(fewer).mtp_tensors() == 1564u - 6 * 252);
    BOOST_TEST(plan_sample(fewer).shards.size() == 163u);
}

BOOST_AUTO_TEST_CASE(heads_stand_where_their_family_keeps_them)
{
    for (const auto& [sample, name] :
         {std::pair("glm-5", "model.layers.78.self_attn.indexer.weights_proj.weight"),
          {"glm-5", "model.layers.78.embed_tokens.weight"},
          {"glm5-next", "model.language_model.layers.40.hc_ffn_scale"},
          {"openpangu", "model.layers.61.shared_head.head.weight"},
          {"hy-v4", "model.mtp_layers.0.mlp.experts.gate_up_proj"},
          {"inkling", "model.mtp.layers.2.transformer_block.mlp.up_proj.weight"}}) {
        BOOST_TEST(tensor_names(family(sample), true).contains(name), sample << " has no " << name);
    }
    for (const char* sample : {"glm5-next", "openpangu", "hy-v4", "inkling"}) {
        const std::string page = family(sample).texts.at("README.md");
        BOOST_TEST(page.find("follow the loaders") != std::string::npos, sample);
    }
}

BOOST_AUTO_TEST_CASE(configurations_declare_what_the_released_ones_declare)
{
    BOOST_TEST(config(family("deepseek-v3")).at("num_nextn_predict_layers") == 1);
    BOOST_TEST(config(family("deepseek-v4")).at("expert_dtype") == "fp4");
    BOOST_TEST(config(family("kimi-k3")).at("text_config").at("num_hidden_layers") == 61);
    BOOST_TEST(!config(family("longcat")).contains("num_hidden_layers"));
    BOOST_TEST(config(family("nemotron")).at("mtp_hybrid_override_pattern") == "*E");
    BOOST_TEST(config(family("minimax")).at("num_mtp_modules") == 3);
    BOOST_TEST(config(family("glm-5")).at("num_hidden_layers") == 78);
    BOOST_TEST(config(family("glm5-next")).at("text_config").at("num_nextn_predict_layers") == 1);
    BOOST_TEST(config(family("inkling")).at("mtp_config").at("num_nextn_predict_layers") == 3);
    BOOST_TEST(config(family("step-3.5")).at("architectures").as_array().size() == 1u);
    const auto quantised = config(family("glm-fp8")).at("quantization_config").as_object();
    BOOST_TEST(quantised.at("config_groups").at("group_0").at("weights").at("strategy") == "channel");
    BOOST_TEST(quantised.at("config_groups").at("group_0").at("targets").as_array().size() == 1u);
    BOOST_TEST(config(family("qwen-mtp-fp8"))
                   .at("quantization_config")
                   .at("modules_to_not_convert")
                   .as_array()
                   .size() == 2u);
    BOOST_TEST(tensor_names(family("qwen-flash-next"), true).size() == 31u);
}

BOOST_AUTO_TEST_SUITE_END()

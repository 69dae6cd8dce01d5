// SPDX-License-Identifier: Apache-2.0
// The samples for mirrors and vindexes: exact sizes, complete checkpoints, and what a kill leaves of a
// seeding.
#include "localhub/seed.hpp"

#include "localhub/store.hpp"
#include "support/error.hpp"
#include "support/json.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <map>
#include <set>

using namespace skw::localhub;

namespace {

SampleRepo vision(std::uint64_t bytes, std::uint64_t files = 2)
{
    return plan_sample({.sample = "vision", .repo = {}, .bytes = bytes, .files = files});
}

SampleRepo vindex(bool moe = false, bool untied = false)
{
    return plan_sample({.sample = "vindex-source", .repo = {}, .moe = moe, .untied = untied});
}

std::string content(const SampleShard& shard)
{
    std::string out;
    shard.write([&](std::span<const std::byte> bytes) {
        out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return out;
}

// The shape of each tensor of all shards, as text.
std::map<std::string, std::string> shapes(const SampleRepo& repo)
{
    std::map<std::string, std::string> out;
    for (const auto& [path, shard] : repo.shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            std::string text;
            for (const std::uint64_t dimension : tensor.shape) {
                text += (text.empty() ? "" : "x") + std::to_string(dimension);
            }
            BOOST_TEST(out.emplace(tensor.name, text).second, tensor.name);
        }
    }
    return out;
}

skw::json::object parsed(const SampleRepo& repo, const std::string& path)
{
    return skw::parse_json(repo.texts.at(path), path).as_object();
}

std::uint64_t number(const skw::json::object& object, const char* name)
{
    return object.at(name).to_number<std::uint64_t>();
}

bool holds_whole(const Store& store, const std::string& id)
{
    const RepoPtr repo = store.find("models", id);
    const auto tree = repo->tree(*repo->find_commit("main"));
    bool whole = tree->size() > 1;
    for (const auto& [path, file] : *tree) {
        whole = whole && std::filesystem::file_size(store.objects().place_of(file.sha256)) == file.size &&
                (!file.lfs || (repo->has_lfs(file.sha256) && repo->storage_hash(file.sha256)));
    }
    return whole;
}

} // namespace

BOOST_AUTO_TEST_SUITE(localhub_samples)

BOOST_AUTO_TEST_CASE(vision_weights_have_exactly_the_size_that_is_asked_for)
{
    for (const auto& [bytes, files] : {std::pair<std::uint64_t, std::uint64_t>{200'000, 1},
                                       {4'000'000, 2},
                                       {12'345'672, 3},
                                       {20'000'000, 40},
                                       {1'000'000'000, 2},
                                       {1u << 30, 7}}) {
        const SampleRepo repo = vision(bytes, files);
        BOOST_TEST(repo.bytes() == bytes);
        BOOST_TEST(repo.shards.size() == files);
        for (const auto& [path, shard] : repo.shards) {
            BOOST_TEST(shard.header().size() % 8 == 0u, path);
            // Blanks at the end of a header stay fewer than a row of embeddings and what offsets grew by.
            BOOST_TEST(shard.header().size() - shard.header().find_last_not_of(' ') < 32'768u, path);
        }
    }
    BOOST_TEST(vision(4'000'007).bytes() == 4'000'000u); // whole groups of 8 bytes
    BOOST_TEST(vision(0, 600).shards.size() == 600u);
    BOOST_TEST(vision(0).bytes() == 4u << 20);
}

BOOST_AUTO_TEST_CASE(a_vision_sample_is_valid_byte_by_byte_and_repeats_only_at_its_period)
{
    const SampleRepo repo = vision(9'000'000, 2);
    for (const auto& [path, shard] : repo.shards) {
        const std::string bytes = content(shard);
        BOOST_TEST(bytes.size() == shard.bytes());
        std::size_t at = shard.header().size();
        for (const SampleTensor& tensor : shard.tensors()) {
            const std::uint64_t seed = sample_seed(tensor.name);
            for (std::uint64_t i = 0; i < tensor.elements(); i += 1009) {
                const auto low = static_cast<unsigned char>(bytes[at + 2 * i]);
                const auto high = static_cast<unsigned char>(bytes[at + 2 * i + 1]);
                const std::uint16_t wanted = sample_bf16_bits(seed, i % 65'521);
                BOOST_REQUIRE((high << 8 | low) == wanted - (3 << 7)); // an eighth of it
            }
            at += tensor.bytes();
        }
        BOOST_TEST(at == bytes.size());
    }
    std::uint64_t longest = 0;
    for (const auto& [path, shard] : repo.shards) {
        for (const SampleTensor& tensor : shard.tensors()) {
            longest = std::max(longest, tensor.elements());
        }
    }
    BOOST_TEST(longest > 65'521u); // else nothing above was repeated
}

BOOST_AUTO_TEST_CASE(a_vision_sample_has_files_that_a_mirror_takes_and_files_that_it_leaves)
{
    const SampleRepo repo = vision(0, 3);
    const std::set<std::string> wanted{"LICENSE",
                                       "NOTICE",
                                       "README.md",
                                       "config.json",
                                       "figures/pixel.png",
                                       "image_processing_moonvit.py",
                                       "merges.txt",
                                       "model.safetensors.index.json",
                                       "preprocessor_config.json",
                                       "projector/config.json",
                                       "tiktoken.model"};
    std::set<std::string> found;
    for (const auto& [path, text] : repo.texts) {
        BOOST_TEST(!text.empty(), path);
        found.insert(path);
    }
    BOOST_TEST(found == wanted, boost::test_tools::per_element());
    BOOST_TEST(repo.texts.at("README.md").starts_with("---\nlibrary_name:"));
    const auto index = parsed(repo, "model.safetensors.index.json");
    BOOST_TEST(index.at("weight_map").as_object().size() == shapes(repo).size());
    for (const auto& [name, path] : index.at("weight_map").as_object()) {
        BOOST_TEST(repo.shards.contains(std::string(path.as_string())));
    }
    const auto config = parsed(repo, "config.json");
    const std::string hidden = std::to_string(number(config, "hidden_size"));
    BOOST_TEST(shapes(repo).at("vision_tower.encoder.blocks.0.wo.weight") == hidden + "x" + hidden);
    BOOST_TEST(shapes(repo).at("vision_tower.patch_embed.pos_emb.weight") ==
               std::to_string(number(config, "init_pos_emb_height")) + "x1x" + hidden);
    BOOST_TEST(shapes(repo).contains("vision_tower.encoder.blocks." +
                                     std::to_string(number(config, "num_hidden_layers") - 1) + ".wo.weight"));
    BOOST_TEST(!vision(0, 1).texts.contains("model.safetensors.index.json"));
}

BOOST_AUTO_TEST_CASE(vision_weights_that_cannot_be_are_refused_with_the_least_there_can_be)
{
    for (const auto& [bytes, files] : {std::pair<std::uint64_t, std::uint64_t>{1000, 2},
                                       {std::uint64_t{1} << 41, 2},
                                       {UINT64_MAX, 2},
                                       {0, 0},
                                       {0, 5001},
                                       {1'000'000, 600}}) {
        BOOST_CHECK_THROW(vision(bytes, files), skw::UsageError);
    }
}

BOOST_AUTO_TEST_CASE(the_vindex_source_has_the_tensors_and_shapes_of_its_configuration)
{
    const auto tied = shapes(vindex());
    BOOST_TEST(tied.size() == 2u + 2u * 9u);
    BOOST_TEST(tied.at("model.embed_tokens.weight") == "512x256");
    BOOST_TEST(tied.at("model.norm.weight") == "256");
    for (const std::string layer : {"model.layers.0.", "model.layers.1."}) {
        for (const auto& [name, shape] : {std::pair("self_attn.q_proj", "256x256"),
                                          {"self_attn.k_proj", "128x256"},
                                          {"self_attn.v_proj", "128x256"},
                                          {"self_attn.o_proj", "256x256"},
                                          {"mlp.gate_proj", "256x256"},
                                          {"mlp.up_proj", "256x256"},
                                          {"mlp.down_proj", "256x256"},
                                          {"input_layernorm", "256"},
                                          {"post_attention_layernorm", "256"}}) {
            BOOST_TEST(tied.at(layer + name + ".weight") == shape, name);
        }
    }
    const auto untied = shapes(vindex(false, true));
    BOOST_TEST(untied.at("lm_head.weight") == "512x256");
    BOOST_TEST(untied.size() == tied.size() + 1);
    BOOST_TEST(parsed(vindex(), "config.json").at("tie_word_embeddings") == true);
    BOOST_TEST(parsed(vindex(false, true), "config.json").at("tie_word_embeddings") == false);
    BOOST_TEST(parsed(vindex(), "config.json").at("architectures").as_array()[0] == "LlamaForCausalLM");
    BOOST_TEST(vindex().shards.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_moe_variant_has_a_router_and_four_experts_in_each_layer)
{
    const auto names = shapes(vindex(true));
    BOOST_TEST(names.size() == 2u + 2u * (6u + 1u + 12u));
    for (const std::string layer : {"model.layers.0.", "model.layers.1."}) {
        BOOST_TEST(names.at(layer + "block_sparse_moe.gate.weight") == "4x256");
        for (const std::string expert : {"0", "1", "2", "3"}) {
            for (const std::string part : {"w1", "w2", "w3"}) {
                BOOST_TEST(names.at(layer + "block_sparse_moe.experts." + expert + "." + part + ".weight") ==
                           "256x256");
            }
        }
        BOOST_TEST(!names.contains(layer + "mlp.gate_proj.weight"));
    }
    const auto config = parsed(vindex(true), "config.json");
    BOOST_TEST(config.at("model_type") == "mixtral");
    BOOST_TEST(number(config, "num_local_experts") == 4u);
}

BOOST_AUTO_TEST_CASE(the_values_of_the_vindex_source_are_as_large_as_those_of_trained_weights)
{
    for (const auto& [path, shard] : vindex().shards) {
        const std::string bytes = content(shard);
        double sum = 0;
        std::size_t count = 0;
        for (std::size_t at = shard.header().size(); at + 1 < bytes.size(); at += 2, ++count) {
            const auto bits = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])) |
                              static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + 1])) << 8;
            const double value = std::bit_cast<float>(bits << 16);
            BOOST_REQUIRE(std::fabs(value) < 0.0625);
            BOOST_REQUIRE(std::fabs(value) >= 0.0009765625);
            sum += value * value;
        }
        const double middle = std::sqrt(sum / static_cast<double>(count));
        BOOST_TEST(middle > 0.02, path);
        BOOST_TEST(middle < 0.025, path);
    }
}

BOOST_AUTO_TEST_CASE(the_tokenizer_has_every_id_once_and_merges_of_known_parts)
{
    const auto tokenizer = parsed(vindex(), "tokenizer.json");
    const auto& model = tokenizer.at("model").as_object();
    std::set<std::uint64_t> ids;
    for (const auto& [token, id] : model.at("vocab").as_object()) {
        ids.insert(id.to_number<std::uint64_t>());
    }
    for (const auto& token : tokenizer.at("added_tokens").as_array()) {
        ids.insert(number(token.as_object(), "id"));
    }
    BOOST_TEST(ids.size() == 512u);
    BOOST_TEST(*ids.rbegin() == 511u);
    for (const auto& merge : model.at("merges").as_array()) {
        const std::string text(merge.as_string());
        const std::size_t blank = text.find(' ');
        for (const std::string& part : {text.substr(0, blank), text.substr(blank + 1),
                                        text.substr(0, blank) + text.substr(blank + 1)}) {
            BOOST_TEST(model.at("vocab").as_object().contains(part), part);
        }
    }
    BOOST_TEST(model.at("merges").as_array().size() == 254u);
}

BOOST_AUTO_TEST_CASE(every_sample_carries_its_terms_and_is_seeded_once)
{
    const skw::TempFolder root;
    for (const SeedSample& sample : seed_samples()) {
        SeedOptions options{.sample = sample.name, .repo = {}};
        if (sample.name == "qwen-mtp") {
            options.scale = 64;
        }
        const SampleRepo repo = plan_sample(options);
        BOOST_TEST(repo.repo == sample.repo);
        BOOST_TEST(repo.texts.contains("LICENSE"), sample.name);
        BOOST_TEST(repo.texts.contains(sample.name == "vindex-source" ? "USE_POLICY.md" : "NOTICE"),
                   sample.name);
        const Seeded first = seed(root.path(), repo);
        const Seeded second = seed(root.path(), plan_sample(options));
        BOOST_TEST(!first.unchanged);
        BOOST_TEST(second.unchanged);
        BOOST_TEST(second.commit == first.commit);
        BOOST_TEST(holds_whole(Store(root.path()), sample.repo), sample.name);
    }
    const Store store(root.path());
    const RepoPtr repo = store.find("models", "lab/moonvit-encoder");
    const auto tree = repo->tree(*repo->find_commit("main"));
    BOOST_TEST(tree->at("tiktoken.model").lfs); // small, and large by its name
    BOOST_TEST(!tree->at("figures/pixel.png").lfs);
}

BOOST_AUTO_TEST_CASE(a_seeding_that_is_killed_leaves_the_old_state_and_is_made_good_by_the_next)
{
    const skw::TempFolder root;
    for (const std::uint64_t files : {3u, 70u}) { // with objects synced one by one, and together
        const SampleRepo sample = vision(0, files);
        std::string before;
        {
            Store store(root.path());
            if (const RepoPtr repo = store.find("models", sample.repo)) {
                before = *repo->find_commit("main");
            }
        }
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            std::size_t begun = 0;
            seed(root.path(), sample, [&](std::string_view, std::uint64_t) {
                if (++begun == files) {
                    ::kill(::getpid(), SIGKILL);
                }
            });
            ::_exit(0);
        }
        int status = 0;
        BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
        BOOST_REQUIRE(WIFSIGNALED(status));
        {
            const Store store(root.path());
            const RepoPtr repo = store.find("models", sample.repo);
            BOOST_REQUIRE(repo);
            const std::string head = *repo->find_commit("main");
            BOOST_TEST((before.empty() ? repo->commit(head).parent.empty() : head == before));
        }
        BOOST_TEST(!seed(root.path(), sample).unchanged);
        BOOST_TEST(seed(root.path(), sample).unchanged);
        BOOST_TEST(holds_whole(Store(root.path()), sample.repo));
    }
}

BOOST_AUTO_TEST_SUITE_END()

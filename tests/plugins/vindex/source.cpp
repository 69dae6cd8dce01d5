// SPDX-License-Identifier: Apache-2.0
// Which files of a source are taken, and that the staged copy is whole (S2, S3, S4, S6).
#include "vindex/source.hpp"

#include "sample_model.hpp"
#include "writer.hpp"

#include "support/files.hpp"
#include "vindex/stage.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

using namespace skw::test;
using namespace skw::vindex;
using skw::TempFolder;
using skw::sdk::Failure;

namespace {

std::vector<SourceFile> listing_of(const Bytes& repo)
{
    std::vector<SourceFile> listing;
    for (const auto& [path, bytes] : repo) {
        listing.push_back({path, bytes.size()});
    }
    return listing;
}

Selection select(const Bytes& repo)
{
    const std::string index = find_index(listing_of(repo));
    return select_files(listing_of(repo), index.empty() ? std::string() : repo.at(index));
}

auto says(const char* text)
{
    return [text](const Failure& failure) {
        BOOST_TEST(failure.message().find(text) != std::string::npos, failure.message());
        return failure.status() == SKW_E_BAD_INPUT;
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_source)

BOOST_AUTO_TEST_CASE(only_what_larql_reads_of_this_model_is_taken)
{
    Bytes repo = sample_of(Kind::dense).files();
    for (const char* other :
         {"consolidated.safetensors", "original/model-1.safetensors", "weights/x.safetensors",
          "onnx/config.json", "adapter/model.safetensors.index.json", "extra.bin"}) {
        repo[other] = "x";
    }
    const std::vector<std::string> wanted = {"config.json",         "model-1.safetensors",
                                             "model-2.safetensors", "model.safetensors.index.json",
                                             "tokenizer.json",      "tokenizer_config.json"};
    BOOST_TEST(select(repo).paths() == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_an_index_the_single_file_or_all_shards_count)
{
    Bytes repo = sample_of(Kind::dense).files(1);
    repo["consolidated.safetensors"] = "x";
    BOOST_TEST_REQUIRE(select(repo).shards.size() == 1u);
    BOOST_TEST(select(repo).shards[0].path == "model.safetensors");
    repo.erase("model.safetensors");
    repo["b.safetensors"] = "x";
    BOOST_TEST(select(repo).shards.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_folder_weights_counts_only_if_the_root_has_none)
{
    const Bytes files = sample_of(Kind::dense).files();
    Bytes repo;
    for (const auto& [path, bytes] : files) {
        repo[(path.starts_with("model") ? "weights/" : "") + path] = bytes;
    }
    BOOST_TEST(select(repo).shards.at(0).path == "weights/model-1.safetensors");
    BOOST_TEST(select(repo).placed.at("model.norm.weight") == "weights/model-1.safetensors");
    TempFolder folder;
    write_files(folder.path(), repo);
    BOOST_TEST(Source(folder.path(), select(repo)).tensor_count() == sample_of(Kind::dense).tensors.size());
}

BOOST_AUTO_TEST_CASE(missing_files_are_refused_from_the_listing_alone)
{
    for (const auto& [gone, text] :
         {std::pair("model-2.safetensors", "model-2.safetensors, which the repository does "
                                           "not hold"),
          std::pair("config.json", "holds no config.json"),
          std::pair("tokenizer.json", "holds no tokenizer.json")}) {
        Bytes repo = sample_of(Kind::dense).files();
        repo.erase(gone);
        BOOST_CHECK_EXCEPTION(select(repo), Failure, says(text));
    }
    BOOST_CHECK_EXCEPTION(select({{"config.json", "{}"}, {"model.bin", "x"}}), Failure,
                          says("holds no .safetensors weights"));
}

BOOST_AUTO_TEST_CASE(an_index_may_not_lead_elsewhere)
{
    Bytes repo = sample_of(Kind::dense).files();
    for (const char* name : {"../x.safetensors", "/x.safetensors", ".x.safetensors", "x.bin", ""}) {
        repo["model.safetensors.index.json"] = R"({"weight_map":{"a":")" + std::string(name) + R"("}})";
        BOOST_CHECK_EXCEPTION(select(repo), Failure, says("which is no safetensors file beside the index"));
    }
    repo["model.safetensors.index.json"] = R"({"weight_map":{"a":"x.safetensors","a":"y.safetensors"}})";
    BOOST_CHECK_EXCEPTION(select(repo), Failure, says("stands twice"));
}

BOOST_AUTO_TEST_CASE(a_shard_that_is_short_damaged_or_of_another_size_is_refused)
{
    const Bytes repo = sample_of(Kind::dense).files();
    const Selection selection = select(repo);
    const auto with = [&](const std::string& shard) {
        TempFolder folder;
        Bytes changed = repo;
        changed["model-2.safetensors"] = shard;
        write_files(folder.path(), changed);
        Selection listed = selection;
        listed.shards[1].size = shard.size();
        return Source(folder.path(), listed).tensor_count();
    };
    const std::string good = repo.at("model-2.safetensors");
    BOOST_TEST(with(good) == sample_of(Kind::dense).tensors.size());
    BOOST_CHECK_EXCEPTION(with(good.substr(0, good.size() - 1)), Failure, says("file"));
    BOOST_CHECK_EXCEPTION(with(good + "x"), Failure, says("bytes"));
    BOOST_CHECK_EXCEPTION(with("short"), Failure, says(""));
    SampleModel other;
    std::erase_if(other.tensors,
                  [](const auto& one) { return one.first.find("layers.1.") == std::string::npos; });
    other.tensors.erase("model.layers.1.mlp.up_proj.weight");
    BOOST_CHECK_EXCEPTION(with(make_shard(other.tensors)), Failure, says("it lacks the tensor"));
    BOOST_CHECK_EXCEPTION(with(repo.at("model-1.safetensors")), Failure, says("stands in two shards"));

    TempFolder folder;
    write_files(folder.path(), repo);
    Selection listed = selection;
    listed.shards[1].size += 1;
    BOOST_CHECK_EXCEPTION(Source(folder.path(), listed), Failure, says("the Hub's listing says"));
}

BOOST_AUTO_TEST_CASE(a_cache_with_another_snapshot_or_other_weights_is_refused)
{
    TempFolder folder;
    const Bytes repo = sample_of(Kind::dense).files();
    const Selection selection = select(repo);
    Job job;
    job.repo = "acme/model";
    job.commit = std::string(40, 'a');
    const auto snapshot = snapshot_folder(folder.path(), job);
    BOOST_TEST(snapshot == folder.path() / "hub/models--acme--model/snapshots" / job.commit);
    write_files(snapshot, repo);
    check_cache(folder.path(), job, selection);
    write_files(snapshot, {{"z.safetensors", "x"}});
    BOOST_CHECK_EXCEPTION(check_cache(folder.path(), job, selection), Failure,
                          says("weights that do not belong"));
    std::filesystem::remove(snapshot / "z.safetensors");
    for (const std::string& other :
         {"models--acme--model/snapshots/" + std::string(40, 'b') + "/x",
          std::string("models--acme--model/refs/main"), std::string("version.txt")}) {
        write_files(folder.path() / "hub", {{other, "x"}});
        BOOST_CHECK_EXCEPTION(check_cache(folder.path(), job, selection), Failure,
                              says("own cache also holds"));
        const auto path = folder.path() / "hub" / other;
        std::filesystem::remove_all(other == "version.txt" ? path : path.parent_path());
    }
    check_cache(folder.path(), job, selection);
}

BOOST_AUTO_TEST_CASE(an_output_folder_must_be_absent_or_empty)
{
    TempFolder folder;
    require_absent(folder.path() / "none", "S/none");
    std::filesystem::create_directory(folder.path() / "empty");
    require_absent(folder.path() / "empty", "S/empty");
    write_files(folder.path(), {{"full/x", "x"}, {"file", "x"}});
    std::filesystem::create_symlink("none", folder.path() / "link");
    for (const char* name : {"full", "file", "link"}) {
        BOOST_CHECK_EXCEPTION(require_absent(folder.path() / name, "S"), Failure, says("not empty"));
    }
}

BOOST_AUTO_TEST_CASE(tensors_are_found_without_the_prefixes_of_their_family)
{
    BOOST_TEST(short_name("model.language_model.layers.0.mlp.up_proj.weight") ==
               "layers.0.mlp.up_proj.weight");
    BOOST_TEST(short_name("language_model.model.norm.weight") == "norm.weight");
    BOOST_TEST(short_name("vision_tower.encoder.layers.0.mlp.up_proj.weight").empty());
}

BOOST_AUTO_TEST_SUITE_END()

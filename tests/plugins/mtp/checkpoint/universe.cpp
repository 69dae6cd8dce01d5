// SPDX-License-Identifier: Apache-2.0
// Listing, index and headers must tell the same story: a tensor has one home, and it is there.
#include "mtp/checkpoint/universe.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace skw::mtp;

namespace {

skw::safetensors::Tensor tensor(const std::string& name, std::uint64_t begin = 0)
{
    return {name, skw::safetensors::Dtype::bf16, {2}, begin, begin + 4};
}

CheckpointFiles files_of(const std::vector<std::string>& names)
{
    std::vector<ListedFile> listing;
    for (const std::string& name : names) {
        listing.push_back({name, 100});
    }
    return choose_files(listing);
}

Index index_of(const std::vector<IndexedName>& names)
{
    Index index;
    index.shards = {"a.safetensors", "b.safetensors"};
    index.names = names;
    index.total_names = names.size();
    return index;
}

template<class Body>
std::string refusal(Body body)
{
    try {
        body();
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.status() == SKW_E_BAD_INPUT);
        return failure.place() + ": " + failure.message();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_universe)

BOOST_AUTO_TEST_CASE(only_files_of_the_root_folder_that_hold_the_model_count)
{
    const CheckpointFiles files = files_of(
        {"config.json", "original/model.safetensors", "dflash/x.safetensors", "consolidated.safetensors",
         "consolidated-00001.safetensors", "adapter_model.safetensors", "mtp.safetensors",
         "model_pp0_ep0_shard0.safetensors", "quant_model_weights.safetensors.index.json", "README.md"});
    BOOST_TEST(files.config.has_value());
    BOOST_TEST(files.index->path == "quant_model_weights.safetensors.index.json");
    BOOST_TEST_REQUIRE(files.weights.size() == 2u);
    BOOST_TEST(files.weights[0].path == "model_pp0_ep0_shard0.safetensors");
    BOOST_TEST(files.weights[1].path == "mtp.safetensors");
    BOOST_TEST(files.find_weights("mtp.safetensors")->size == 100u);
    BOOST_TEST(files.find_weights("x.safetensors") == nullptr);
}

BOOST_AUTO_TEST_CASE(of_several_indexes_the_usual_one_counts)
{
    BOOST_TEST(files_of({"a.safetensors.index.json", "model.safetensors.index.json"}).index->path ==
               "model.safetensors.index.json");
    BOOST_TEST(refusal([] {
                   files_of({"a.safetensors.index.json", "b.safetensors.index.json"});
               }).find("several indexes") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_that_the_index_does_not_mention_are_looked_into)
{
    Universe universe(files_of({"a.safetensors", "b.safetensors", "mtp.safetensors"}),
                      index_of({{"mtp.x", 0}}), "i");
    BOOST_TEST(universe.unindexed() == std::vector<std::string>{"mtp.safetensors"},
               boost::test_tools::per_element());
    BOOST_TEST(universe.add_header("mtp.safetensors", {tensor("mtp.y")}, 8).empty());
    BOOST_TEST(universe.names().size() == 2u);
    BOOST_TEST(universe.shards().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_shard_of_the_index_must_be_in_the_listing)
{
    BOOST_TEST(refusal([] {
                   Universe(files_of({"a.safetensors"}), index_of({{"mtp.x", 1}}), "i");
               }) == "i: it names the file 'b.safetensors', which is not in the repository");
}

BOOST_AUTO_TEST_CASE(defect_15_a_tensor_in_two_files_is_refused)
{
    Universe universe(files_of({"a.safetensors", "b.safetensors", "mtp.safetensors"}),
                      index_of({{"mtp.x", 0}}), "i");
    BOOST_TEST(
        refusal([&] { universe.add_header("mtp.safetensors", {tensor("mtp.x")}, 8); }) ==
        "mtp.safetensors: it holds the tensor 'mtp.x', which is also in 'a.safetensors'; a tensor must have "
        "one home");
}

BOOST_AUTO_TEST_CASE(what_the_index_places_in_a_file_must_be_in_its_header)
{
    Universe universe(files_of({"a.safetensors", "b.safetensors"}), index_of({{"mtp.x", 0}, {"mtp.y", 0}}),
                      "i");
    BOOST_TEST(refusal([&] {
                   universe.add_header("a.safetensors", {tensor("mtp.x"), tensor("mtp.z", 4)}, 8);
               }) ==
               "a.safetensors: the index i places 'mtp.y' here, but the file's header does not have it");
}

BOOST_AUTO_TEST_CASE(the_header_has_the_last_word_on_what_a_file_holds)
{
    Universe universe(files_of({"a.safetensors", "b.safetensors"}), index_of({{"mtp.x", 0}, {"mtp.y", 1}}),
                      "i");
    BOOST_TEST(universe.add_header("b.safetensors", {tensor("mtp.y")}, 8).empty());
    const auto unknown = universe.add_header("a.safetensors", {tensor("mtp.x"), tensor("mtp.z", 4)}, 16);
    BOOST_TEST(unknown == std::vector<std::string>{"mtp.z"}, boost::test_tools::per_element());
    const auto tensors = universe.tensors();
    BOOST_TEST_REQUIRE(tensors.size() == 3u);
    BOOST_TEST(tensors[0].name == "mtp.x");
    BOOST_TEST(tensors[0].begin == 16u);
    BOOST_TEST(tensors[2].name == "mtp.z");
    BOOST_TEST(tensors[2].begin == 20u);
    BOOST_TEST(universe.shards()[tensors[1].shard] == "b.safetensors");
}

BOOST_AUTO_TEST_CASE(many_files_with_a_tensor_each_take_no_time)
{
    // As many walks over all names as there are files would take minutes.
    std::vector<std::string> listing;
    Index index;
    for (std::size_t at = 0; at < 20'000; ++at) {
        listing.push_back("m" + std::to_string(at) + ".safetensors");
        index.shards.push_back(listing.back());
        index.names.push_back({"mtp." + std::to_string(at), at});
    }
    Universe universe(files_of(listing), index, "i");
    for (std::size_t at = 0; at < listing.size(); ++at) {
        universe.add_header(listing[at], {tensor("mtp." + std::to_string(at))}, 8);
    }
    BOOST_TEST(universe.tensors().size() == 20'000u);
}

BOOST_AUTO_TEST_SUITE_END()

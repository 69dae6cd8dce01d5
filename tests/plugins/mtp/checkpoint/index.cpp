// SPDX-License-Identifier: Apache-2.0
// Indexes of any size in little memory; shards that leave their folder are refused.
#include "mtp/checkpoint/index.hpp"

#include "memory.hpp"

#include "safetensors/error.hpp"

#include <skw/failure.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace skw::mtp;

namespace {

Index read(std::string_view json, std::optional<std::uint64_t> trunk_layers = 4)
{
    IndexParser parser("model.safetensors.index.json", {trunk_layers});
    parser.feed(json);
    return parser.finish();
}

std::string refusal(std::string_view json)
{
    try {
        read(json);
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.place() == "model.safetensors.index.json");
        return failure.message();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_index)

BOOST_AUTO_TEST_CASE(only_mtp_names_are_kept_but_every_shard_is_known)
{
    const Index index = read(R"({"metadata":{"total_size":7},"weight_map":{
        "model.layers.0.x":"a.safetensors","mtp.norm.weight":"c.safetensors",
        "model.layers.4.y":"b.safetensors",
        "mtp.fc.weight":"b.safetensors"}})");
    BOOST_TEST(index.total_names == 4u);
    BOOST_TEST(index.shards.size() == 3u);
    BOOST_TEST_REQUIRE(index.names.size() == 3u);
    BOOST_TEST(index.names[0].name == "model.layers.4.y");
    BOOST_TEST(index.names[1].name == "mtp.fc.weight");
    BOOST_TEST(index.shards[index.names[1].shard] == "b.safetensors");
    BOOST_TEST(index.shards[index.names[2].shard] == "c.safetensors");
}

BOOST_AUTO_TEST_CASE(shards_that_are_no_plain_file_names_are_refused_with_the_index)
{
    for (const char* bad :
         {"../x.safetensors", "/abs/x.safetensors", "a/b.safetensors", "..", "", ".x.safetensors",
          "a\\\\b.safetensors", "c:x.safetensors", "x\\u0000.safetensors", "x\\n.safetensors"}) {
        const std::string text = refusal("{\"weight_map\":{\"m\":\"" + std::string(bad) + "\"}}");
        BOOST_TEST(text.find("plain file name") != std::string::npos, bad << ": " << text);
    }
    BOOST_TEST(refusal(R"({"weight_map":{"m":"x.bin"}})").find("not a safetensors file") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_weight_map_that_is_no_map_of_texts_is_refused)
{
    BOOST_TEST(refusal("{}") == "it has no weight_map");
    BOOST_TEST(refusal(R"({"weight_map":[]})") == "it has no weight_map");
    BOOST_TEST(refusal(R"({"metadata":{"weight_map":{}}})") == "it has no weight_map");
    BOOST_TEST(refusal(R"({"weight_map":{},"weight_map":{}})") == "it has weight_map twice");
    BOOST_TEST(refusal(R"([{"weight_map":{}}])") == "an index must be a JSON object");
    for (const char* odd : {"1", "null", "true", "{}", "[]", "0.5"}) {
        BOOST_TEST(refusal("{\"weight_map\":{\"m\":" + std::string(odd) + "}}") ==
                   "weight_map must name a file for 'm'");
    }
}

BOOST_AUTO_TEST_CASE(an_mtp_name_that_stands_twice_is_refused)
{
    BOOST_TEST(refusal(R"({"weight_map":{"mtp.x":"a.safetensors","mtp.x":"b.safetensors"}})") ==
               "the name 'mtp.x' stands twice");
}

BOOST_AUTO_TEST_CASE(a_marked_layer_does_not_count_the_rest_of_the_trunk_against_the_limit)
{
    std::string json = R"({"weight_map":{"model.layers.2.mlp.x.weight":"a.safetensors")";
    for (std::size_t number = 0; number <= head_names_limit; ++number) {
        json += ",\"model.layers.3.mlp.experts." + std::to_string(number) + ".x\":\"a.safetensors\"";
    }
    IndexParser parser("i", {60, {2}});
    parser.feed(json + "}}");
    const Index index = parser.finish();
    BOOST_TEST(index.names.size() == 1u);
    BOOST_TEST(index.total_names == head_names_limit + 2);
}

BOOST_AUTO_TEST_CASE(an_index_of_166000_names_is_read_in_less_than_one_mebibyte)
{
    skw::test::reset_memory_peak();
    const std::size_t before = skw::test::memory_in_use();
    IndexParser parser("i", {61});
    parser.feed("{\"weight_map\":{");
    std::string line;
    for (int number = 0; number < 166'000; ++number) {
        line = (number == 0 ? "\"" : ",\"") + std::string("model.layers.") + std::to_string(number % 61) +
               ".mlp.experts." + std::to_string(number) + ".down_proj.weight\":\"model-" +
               std::to_string(number / 1000) + ".safetensors\"";
        parser.feed(line);
    }
    parser.feed(",\"mtp.fc.weight\":\"model-3.safetensors\"}}");
    const Index index = parser.finish();
    BOOST_TEST(index.total_names == 166'001u);
    BOOST_TEST(index.names.size() == 1u);
    BOOST_TEST(index.shards.size() == 166u);
    BOOST_TEST(skw::test::memory_peak() - before < (1u << 20));
}

BOOST_AUTO_TEST_CASE(names_of_heads_are_bounded_in_number_and_in_bytes)
{
    const auto many = [](std::size_t count, std::size_t letters) {
        std::string json = "{\"weight_map\":{";
        for (std::size_t number = 0; number < count; ++number) {
            json += (number == 0 ? "\"mtp." : ",\"mtp.") + std::to_string(number) + "." +
                    std::string(letters, 'x') + "\":\"a.safetensors\"";
        }
        return json + "}}";
    };
    BOOST_TEST(read(many(head_names_limit, 1)).names.size() == head_names_limit);
    BOOST_TEST(refusal(many(head_names_limit + 1, 1)) == too_many_head_names());
    const std::size_t letters = 60'000;
    BOOST_TEST(refusal(many(head_names_bytes_limit / letters - 1, letters)) == "accepted");
    BOOST_TEST(refusal(many(head_names_bytes_limit / letters + 1, letters)) == too_many_head_names());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Looking into a repository: what is found, what would be refused, and every fixture of the table of
// families.
#include "mtp/inspect.hpp"

#include "checkpoint.hpp"
#include "fake_host.hpp"

#include "localhub/samples.hpp"
#include "mtp/checkpoint/index.hpp"
#include "mtp/head/families.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <span>
#include <string>
#include <vector>

using namespace skw::test;
using skw::safetensors::Dtype;
namespace json = boost::json;

namespace {

std::string request(std::string_view options = "{}")
{
    return R"({"schema":"skw.inspect_request/1","kind":"mtp","input":{"id":"source","repo":"o/m",)"
           R"("revision":"0123456789abcdef0123456789abcdef01234567"},"options":)" +
           std::string(options) + R"(,"host":{"name":"skulk-weights","version":"1.2.3"}})";
}

json::value seen(FakeHost& host, std::string_view options = "{}")
{
    const Outcome outcome = host.inspect(request(options));
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message << outcome.detail);
    BOOST_TEST(host.open_handles == 0u);
    return json::parse(outcome.document);
}

std::string value_of(const json::value& document, std::string_view label)
{
    for (const json::value& line : document.at("summary").as_array()) {
        if (line.at("label").as_string() == label) {
            return std::string(line.at("value").as_string());
        }
    }
    return "(absent)";
}

// A sample of skulk-hub as the files of the fake host.
std::map<std::string, std::string> files_of(const std::string& name, bool single_file)
{
    skw::localhub::SeedOptions options;
    options.sample = name;
    options.single_file = single_file;
    const skw::localhub::SampleRepo repo = skw::localhub::plan_sample(options);
    std::map<std::string, std::string> files(repo.texts.begin(), repo.texts.end());
    for (const auto& [path, shard] : repo.shards) {
        std::string bytes(static_cast<std::size_t>(shard.bytes()), '\0');
        shard.read(0, std::as_writable_bytes(std::span(bytes)));
        files[path] = std::move(bytes);
    }
    return files;
}

std::vector<std::string> split(std::string_view list)
{
    std::vector<std::string> out;
    while (!list.empty()) {
        const std::size_t comma = list.find(", ");
        out.emplace_back(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 2);
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_inspect)

BOOST_AUTO_TEST_CASE(an_inspection_says_what_a_publish_then_does_and_reads_no_tensor)
{
    FakeHost host;
    host.files = qwen_repo();
    const json::value document = seen(host);
    BOOST_TEST(host.opened.size() == 4u); // config, index, two headers
    BOOST_TEST(document.at("refusals").as_array().empty());
    BOOST_TEST(value_of(document, "layout") == "qwen");
    BOOST_TEST(value_of(document, "stored under") == "mtp.");
    BOOST_TEST(value_of(document, "left out") == "(absent)");

    FakeHost maker;
    maker.files = qwen_repo();
    const Outcome made = maker.execute(pinned_plan());
    BOOST_TEST_REQUIRE(made.status == SKW_OK);
    BOOST_TEST(document.at_pointer("/totals/output_bytes").to_number<std::uint64_t>() == maker.output.size());
    BOOST_TEST(document.at_pointer("/totals/fetch_bytes") ==
               json::parse(made.document).at_pointer("/metrics/tensor_bytes_read"));
    BOOST_TEST(document.at_pointer("/details/tensors").as_array().size() == qwen_head().size());
}

BOOST_AUTO_TEST_CASE(experts_are_one_row_with_their_range)
{
    FakeHost host;
    host.files = qwen_repo();
    const std::string tables = json::serialize(seen(host).at("tables"));
    BOOST_TEST(tables.find("mtp.layers.0.mlp.experts.{0..1}.") != std::string::npos, tables);
    BOOST_TEST(tables.find("experts.1.") == std::string::npos, tables);
}

BOOST_AUTO_TEST_CASE(every_reason_to_refuse_is_shown_at_once)
{
    FakeHost host;
    auto head = qwen_head();
    head[0] = make_tensor("mtp.fc.weight", {16, 16}, Dtype::f8_e4m3);
    head.push_back(make_tensor("mtp.layers.0.mlp.extra.qweight", {2, 2}, Dtype::i32));
    std::erase_if(head, [](const TestTensor& tensor) { return tensor.name == "mtp.norm.weight"; });
    host.files = qwen_repo(head);
    const json::value document = seen(host);
    const std::string refusals = json::serialize(document.at("refusals"));
    BOOST_TEST(refusals.find("mtp.fc.weight is stored as F8_E4M3") != std::string::npos, refusals);
    BOOST_TEST(refusals.find("mtp.layers.0.mlp.extra.qweight is stored as I32") != std::string::npos,
               refusals);
    BOOST_TEST(refusals.find("norm.weight' is missing") != std::string::npos, refusals);
    BOOST_TEST(document.at_pointer("/totals/fetch_bytes").is_null());
}

BOOST_AUTO_TEST_CASE(options_count_and_wrong_ones_are_refused)
{
    FakeHost host;
    host.files = files_of("deepseek-v3", false);
    const json::value document = seen(host, R"({"mtp_names":"mtp","mtp_shared_copies":"omit"})");
    BOOST_TEST(value_of(document, "copies left out") ==
               "model.layers.61.embed_tokens.weight, model.layers.61.shared_head.head.weight");
    BOOST_TEST(json::serialize(document.at("tables")).find("mtp.0.eh_proj.weight") != std::string::npos);
    BOOST_TEST(host.inspect(request(R"({"mtp_names":"x"})")).status == SKW_E_BAD_INPUT);
    BOOST_TEST(host.inspect("{}").status == SKW_E_BAD_ARGUMENT);
}

BOOST_AUTO_TEST_CASE(every_fixture_of_the_table_is_found_to_be_its_family)
{
    std::size_t fixtures = 0;
    for (const skw::mtp::Family& family : skw::mtp::families()) {
        for (const std::string& fixture : split(family.fixture)) {
            for (const bool single_file : {false, true}) {
                ++fixtures;
                FakeHost host;
                host.files = files_of(fixture, single_file);
                if (fixture == "minimax") {
                    const Outcome outcome = host.inspect(request());
                    BOOST_TEST(outcome.status == SKW_E_NOT_FOUND);
                    BOOST_TEST(outcome.detail.find("declared but not shipped") != std::string::npos);
                    continue;
                }
                const json::value details = seen(host).at("details");
                BOOST_TEST(details.at("family").as_string() == family.name, fixture);
                BOOST_TEST(details.at("layout").as_string() == family.layout, fixture);
                BOOST_TEST(seen(host).at("refusals").as_array().empty() == (fixture != "dspark"), fixture);
            }
        }
    }
    BOOST_TEST(fixtures >= 44u);
}

BOOST_AUTO_TEST_CASE(a_layer_that_only_its_header_shows_to_be_a_head_is_read_whole)
{
    const std::string file = "model.safetensors-00001-of-00001.safetensors";
    std::vector<TestTensor> tensors;
    std::map<std::string, std::string> homes{{"model.layers.0.mlp.up_proj.weight", file}};
    for (const char* name : {"eh_proj.weight", "enorm.weight", "hnorm.weight", "mlp.down_proj.weight",
                             "mlp.up_proj.weight", "self_attn.o_proj.weight"}) {
        tensors.push_back(make_tensor("model.layers.46." + std::string(name), {4}));
    }
    homes["model.layers.46.eh_proj.weight"] = file; // all that this index knows of the head
    tensors.push_back(make_tensor("model.layers.0.mlp.up_proj.weight", {4}));
    tensors.push_back(make_tensor("model.mtp.embed_tokens.weight", {4}));
    homes["model.mtp.embed_tokens.weight"] = file;
    for (const char* config : {"{}", R"({"num_hidden_layers":60})", R"({"num_hidden_layers":46})"}) {
        FakeHost host;
        host.files = {{"config.json", config},
                      {"model.safetensors.index.json", make_index(homes)},
                      {file, make_shard(tensors)}};
        const json::value document = seen(host);
        BOOST_TEST(document.at("refusals").as_array().empty(), config);
        BOOST_TEST(document.at("details").at("tensors").as_array().size() == 7u, config);
        BOOST_TEST(document.at("details").at("layout").as_string() == "nextn", config);
    }
}

BOOST_AUTO_TEST_CASE(a_head_inside_of_a_large_trunk_takes_nothing_of_it)
{
    const std::string file = "model.safetensors-00001-of-00001.safetensors";
    std::vector<TestTensor> tensors;
    for (const char* name : {"eh_proj.weight", "enorm.weight", "hnorm.weight", "mlp.up_proj.weight"}) {
        tensors.push_back(make_tensor("model.layers.2." + std::string(name), {4}));
    }
    std::map<std::string, std::string> homes;
    for (std::size_t number = 0; number <= skw::mtp::head_names_limit; ++number) {
        homes["model.layers.3.mlp.experts." + std::to_string(number) + ".up_proj.weight"] = "b.safetensors";
    }
    for (const TestTensor& tensor : tensors) {
        homes[tensor.name] = file;
    }
    FakeHost host;
    host.files = {{"config.json", R"({"num_hidden_layers":60})"},
                  {"model.safetensors.index.json", make_index(homes)},
                  {file, make_shard(tensors)},
                  {"b.safetensors", make_shard({make_tensor("model.layers.3.mlp.x.weight", {4})})}};
    const json::value document = seen(host);
    BOOST_TEST(document.at("refusals").as_array().empty());
    BOOST_TEST(document.at("details").at("tensors").as_array().size() == 4u);
    BOOST_TEST(document.at("details").at("base_layer").is_null());
}

BOOST_AUTO_TEST_SUITE_END()

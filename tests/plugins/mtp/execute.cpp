// SPDX-License-Identifier: Apache-2.0
// A whole extraction over a host in memory: the file, the lines, the requests, the memory.
#include "mtp/execute.hpp"

#include "checkpoint.hpp"
#include "fake_host.hpp"
#include "memory.hpp"

#include "mtp/kernels/decode.hpp"
#include "safetensors/reader.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <span>
#include <string>

using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

// What the plugin's output must hold for a source tensor: BF16 little-endian, from the same bytes.
std::string expected_bytes(const TestTensor& tensor)
{
    if (tensor.dtype != Dtype::f32 && tensor.dtype != Dtype::f16) {
        return tensor.bytes;
    }
    const std::size_t width = tensor.dtype == Dtype::f32 ? 4 : 2;
    std::string out;
    for (std::size_t at = 0; at < tensor.bytes.size(); at += width) {
        std::uint32_t bits = 0;
        for (std::size_t byte = width; byte-- > 0;) {
            bits = bits << 8 | static_cast<unsigned char>(tensor.bytes[at + byte]);
        }
        const std::uint16_t made = skw::mtp::bf16_from_f32(
            width == 4 ? bits : skw::mtp::f32_from_f16(static_cast<std::uint16_t>(bits)));
        out += static_cast<char>(made & 0xff);
        out += static_cast<char>(made >> 8);
    }
    return out;
}

void check_output(const FakeHost& host, const std::vector<TestTensor>& head)
{
    const auto length =
        skw::safetensors::header_length(std::as_bytes(std::span(host.output)), host.output.size());
    const auto header = skw::safetensors::parse_header(
        std::string_view(host.output).substr(8, static_cast<std::size_t>(length)), host.output.size());
    std::map<std::string, const TestTensor*> wanted;
    for (const TestTensor& tensor : head) {
        wanted[tensor.name] = &tensor;
    }
    BOOST_TEST_REQUIRE(header.tensors.size() == wanted.size());
    for (const auto& tensor : header.tensors) {
        BOOST_TEST_REQUIRE(wanted.count(tensor.name) == 1u, tensor.name);
        const TestTensor& source = *wanted.at(tensor.name);
        BOOST_TEST((tensor.shape == source.shape), tensor.name);
        BOOST_TEST((tensor.dtype == (source.dtype == Dtype::i64 ? Dtype::i64 : Dtype::bf16)), tensor.name);
        BOOST_TEST((host.output.substr(static_cast<std::size_t>(header.data_begin + tensor.begin),
                                       static_cast<std::size_t>(tensor.bytes())) == expected_bytes(source)),
                   tensor.name);
    }
    BOOST_TEST(header.metadata.at("mtp.source_repo") == "o/m");
    BOOST_TEST(header.metadata.at("mtp.source_revision") == "0123456789abcdef0123456789abcdef01234567");
    BOOST_TEST(header.metadata.at("mtp.tool") == "skulk-weights 1.2.3");
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_execute)

BOOST_AUTO_TEST_CASE(a_sharded_qwen_head_becomes_one_bf16_file)
{
    FakeHost host;
    host.files = qwen_repo();
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message << outcome.detail);
    check_output(host, qwen_head());
    BOOST_TEST(host.finished);
    BOOST_TEST(host.open_handles == 0u);
    BOOST_TEST(host.progress.back().first == host.progress.back().second);

    const auto result = boost::json::parse(outcome.document);
    BOOST_TEST(result.at("schema").as_string() == "skw.result/1");
    BOOST_TEST(result.at("outputs").at(0).at("size").to_number<std::uint64_t>() == host.output.size());
    BOOST_TEST(result.at("metrics").at("tensors").to_number<std::uint64_t>() == qwen_head().size());
    BOOST_TEST(result.at("metrics").at("requests").to_number<std::size_t>() == host.opened.size());
}

BOOST_AUTO_TEST_CASE(the_operator_reads_the_lines_of_the_contract)
{
    FakeHost host;
    host.files = qwen_repo();
    BOOST_TEST_REQUIRE(host.execute(pinned_plan()).status == SKW_OK);
    const std::vector<std::string> expected{
        "3:found MTP tensors in 2 shard(s) (prefix: 'mtp.')",
        "3:downloading shard 1/2: model.safetensors-00001-of-00002.safetensors",
        "3:shard 1/2 ready",
        "3:downloading shard 2/2: model.safetensors-00002-of-00002.safetensors",
        "3:shard 2/2 ready",
        "3:streaming tensors to disk (bf16, unquantized)...",
        "3:saved 21 tensor(s) at bf16 (unquantized) to S/acme--m-mtp-mtp.safetensors",
    };
    BOOST_TEST(host.log == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_ranges_are_read_and_neighbours_share_a_request)
{
    FakeHost host;
    host.files = qwen_repo();
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST(host.opened.size() == 6u); // config, index, two headers; then what each shard has, in one
    std::uint64_t tensor_bytes = 0;
    for (const TestTensor& tensor : qwen_head()) {
        tensor_bytes += tensor.bytes.size();
    }
    const std::uint64_t read =
        boost::json::parse(outcome.document).at("metrics").at("bytes_read").to_number<std::uint64_t>();
    const std::uint64_t small =
        host.files["config.json"].size() + host.files["model.safetensors.index.json"].size();
    BOOST_TEST(read == tensor_bytes + small + 2 * (64u << 10) + 0u, "read " << read);
}

BOOST_AUTO_TEST_CASE(a_single_file_without_an_index_works_and_sub_folders_are_ignored)
{
    FakeHost host;
    auto tensors = qwen_head();
    // One gap that is too wide to be read over, and one that is not.
    tensors.insert(tensors.begin() + 3, make_tensor("model.layers.0.x.weight", {64, 1024}));
    tensors.insert(tensors.begin() + 9, make_tensor("model.layers.0.y.weight", {11}));
    host.files = {{"config.json", std::string(qwen_config)},
                  {"model.safetensors", make_shard(tensors)},
                  {"dflash/model.safetensors", "garbage"},
                  {"consolidated.safetensors", "garbage"}};
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    check_output(host, qwen_head());
    BOOST_TEST(host.logged("downloading shard 1/1: model.safetensors"));
    BOOST_TEST(host.opened.size() == 4u); // config, header, before the wide gap, behind it
}

BOOST_AUTO_TEST_CASE(a_head_in_a_file_of_its_own_that_no_index_mentions_is_found)
{
    FakeHost host;
    host.files = {
        {"config.json", std::string(qwen_config)},
        {"model.safetensors.index.json", make_index({{"model.embed.weight", "model-1.safetensors"}})},
        {"model-1.safetensors", make_shard({make_tensor("model.embed.weight", {9})})},
        {"mtp.safetensors", make_shard(qwen_head())}};
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    check_output(host, qwen_head());
    for (const std::string& part : host.opened) {
        BOOST_TEST(!part.starts_with("model-1.safetensors"), part);
    }
}

BOOST_AUTO_TEST_CASE(a_header_longer_than_the_first_request_is_completed_exactly)
{
    FakeHost host;
    auto tensors = qwen_head();
    for (int number = 0; number < 1500; ++number) {
        tensors.push_back(make_tensor("model.layers.0.mlp.experts." + std::to_string(number) + ".w", {1}));
    }
    host.files = {{"config.json", std::string(qwen_config)}, {"model.safetensors", make_shard(tensors)}};
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    check_output(host, qwen_head());
    const auto length =
        skw::safetensors::header_length(std::as_bytes(std::span(host.files["model.safetensors"])), 1u << 30);
    BOOST_TEST_REQUIRE(length > 65536u);
    BOOST_TEST(host.opened[1] == "model.safetensors@0+65536");
    BOOST_TEST(host.opened[2] == "model.safetensors@65536+" + std::to_string(length + 8 - 65536));
}

BOOST_AUTO_TEST_CASE(index_tables_keep_their_dtype_and_come_first)
{
    FakeHost host;
    auto head = qwen_head();
    head.push_back(make_tensor("mtp.tid2eid", {3, 5}, Dtype::i64));
    head.push_back(make_tensor("mtp.layers.0.empty", {0, 8}));
    host.files = qwen_repo(head);
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    check_output(host, head);
    BOOST_TEST(host.output.find("\"mtp.tid2eid\"") < host.output.find("\"mtp.fc.weight\""));
}

BOOST_AUTO_TEST_CASE(a_trunk_layer_with_one_nextn_word_is_no_part_of_the_head)
{
    FakeHost host;
    auto all = qwen_head();
    all.push_back(make_tensor("model.layers.1.enorm.weight", {8}));
    host.files = qwen_repo(all);
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    check_output(host, qwen_head());
}

BOOST_AUTO_TEST_CASE(reads_of_any_length_give_the_same_file)
{
    std::string whole;
    for (const std::size_t cap : {0u, 1u, 7u, 4093u}) {
        FakeHost host;
        host.files = qwen_repo();
        host.read_cap = cap;
        BOOST_TEST_REQUIRE(host.execute(pinned_plan()).status == SKW_OK);
        whole = whole.empty() ? host.output : whole;
        BOOST_TEST((host.output == whole), "cap " << cap);
    }
}

BOOST_AUTO_TEST_CASE(memory_does_not_follow_the_size_of_a_tensor)
{
    FakeHost host;
    auto head = qwen_head();
    head[0] = make_tensor("mtp.fc.weight", {12288, 4096}, Dtype::f32); // 192 MiB
    host.files = qwen_repo(head);
    host.keep_output = false;
    const std::string plan = pinned_plan();
    reset_memory_peak();
    const std::size_t before = memory_in_use();
    const Outcome outcome = host.execute(plan);
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK, outcome.message);
    BOOST_TEST(memory_peak() - before < (40u << 20), "peak " << memory_peak() - before);
    BOOST_TEST(host.output_bytes > (96u << 20));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Checkpoints that lie: each is refused with the file and the reason, and nothing is finished.
#include "mtp/execute.hpp"

#include "checkpoint.hpp"
#include "fake_host.hpp"

#include "mtp/checkpoint/index.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

const std::string second = "model.safetensors-00002-of-00002.safetensors";

std::string entry(std::string_view name, std::string_view dtype, std::string_view shape,
                  std::string_view offsets)
{
    return "\"" + std::string(name) + "\":{\"dtype\":\"" + std::string(dtype) +
           "\",\"shape\":" + std::string(shape) + ",\"data_offsets\":" + std::string(offsets) + "}";
}

// Runs an extraction from the sample repository after `spoil` changed it.
Outcome spoiled(const std::function<void(FakeHost&)>& spoil)
{
    FakeHost host;
    host.files = qwen_repo();
    spoil(host);
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST(outcome.status < 0);
    BOOST_TEST(outcome.messages == 1u);
    BOOST_TEST(outcome.document.empty());
    BOOST_TEST(!host.finished);
    BOOST_TEST(host.open_handles == 0u);
    return outcome;
}

void expect(const Outcome& outcome, std::string_view place, std::string_view reason)
{
    BOOST_TEST(outcome.detail.find("\"place\":\"" + std::string(place) + "\"") != std::string::npos,
               outcome.detail);
    BOOST_TEST(outcome.message.find(reason) != std::string::npos, outcome.message);
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_hostile)

BOOST_AUTO_TEST_CASE(hostile_headers_are_refused_with_file_and_reason)
{
    struct Row {
        std::string file, reason;
    };
    const std::string a = entry("mtp.a", "U8", "[4]", "[0,4]");
    const std::vector<Row> rows{
        {std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10), "above the limit of 100000000"},
        {std::string("\x40\0\0\0\0\0\0\0{}", 10), "it claims a header of 64 bytes, but the file has only 10"},
        {"abc", "too few for a header"},
        {"", "too few for a header"},
        {make_file("{" + a + "," + entry("mtp.b", "U8", "[4]", "[3,7]") + "}", "1234567"),
         "tensor 'mtp.b': begins at 3, inside of the tensor before it"},
        {make_file("{" + a + "," + entry("mtp.b", "U8", "[4]", "[5,9]") + "}", "123456789"),
         "tensor 'mtp.b': begins at 5, but the data before it end at 4"},
        {make_file("{" + a + "," + entry("mtp.a", "U8", "[4]", "[4,8]") + "}", "12345678"),
         "tensor 'mtp.a': stands twice"},
        {make_file("{" + entry("mtp.a", "F32", "[4]", "[0,4]") + "}", "1234"),
         "tensor 'mtp.a': shape and dtype make 16 bytes, data_offsets span 4"},
        {make_file("{" + entry("mtp.a", "F32", "[4294967296,4294967296]", "[0,0]") + "}", ""),
         "tensor 'mtp.a': the size of its shape does not fit into 64 bits"},
        {make_file("{" + a + "}", "12345"), "1 bytes stand behind the last tensor"},
        {make_file("{" + a + "}", "123"), "tensor 'mtp.a': ends at 4, but the file holds 3 bytes of data"},
        {make_file("{\"mtp.\xff\":{}}", ""), "not UTF-8 at byte 6"},
        {make_file("{" + a + "} x", "1234"), "something stands behind the JSON"},
        {make_file("{" + entry("mtp.a", "U8", "[4]", "[0,18446744073709551616]") + "}", "1234"),
         "data_offsets must hold whole numbers"},
    };
    for (const Row& row : rows) {
        expect(spoiled([&](FakeHost& host) { host.files[second] = row.file; }), second, row.reason);
    }
}

BOOST_AUTO_TEST_CASE(shard_names_that_leave_the_repository_are_refused_naming_the_index)
{
    for (const char* name : {"../x.safetensors", "/abs.safetensors", "sub/x.safetensors"}) {
        const Outcome outcome = spoiled([&](FakeHost& host) {
            host.files["model.safetensors.index.json"] = make_index({{"mtp.fc.weight", name}});
            host.files[name] = "x";
        });
        expect(outcome, "model.safetensors.index.json", "which is not a plain file name");
    }
}

BOOST_AUTO_TEST_CASE(a_shard_that_is_not_listed_is_refused_before_anything_is_read_of_the_others)
{
    expect(spoiled([](FakeHost& host) { host.files.erase(second); }), "model.safetensors.index.json",
           "it names the file '" + second + "', which is not in the repository");
}

BOOST_AUTO_TEST_CASE(index_and_headers_must_agree)
{
    expect(spoiled([](FakeHost& host) {
               auto head = qwen_head();
               head.pop_back();
               const std::string index = host.files["model.safetensors.index.json"];
               host.files = qwen_repo(head);
               host.files["model.safetensors.index.json"] = index;
           }),
           second, "places 'mtp.pre_fc_norm_hidden.weight' here, but the file's header does not have it");
    expect(spoiled([](FakeHost& host) {
               host.files["extra.safetensors"] = make_shard({make_tensor("mtp.fc.weight", {1})});
           }),
           "extra.safetensors", "a tensor must have one home");
}

BOOST_AUTO_TEST_CASE(a_name_that_only_the_header_knows_is_taken_with_a_warning)
{
    FakeHost host;
    auto head = qwen_head();
    head.push_back(make_tensor("mtp.layers.0.late.weight", {2}));
    const std::string index = qwen_repo()["model.safetensors.index.json"];
    host.files = qwen_repo(head);
    host.files["model.safetensors.index.json"] = index;
    BOOST_TEST(host.execute(pinned_plan()).status == SKW_OK);
    BOOST_TEST(host.log[2] == "3:shard 1/2 ready");
    BOOST_TEST(host.log[4] == "2:the index does not know 'mtp.layers.0.late.weight' in " + second +
                                  "; it is taken all the same");
    BOOST_TEST(host.output.find("mtp.layers.0.late.weight") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(config_and_index_are_bounded_and_must_be_json)
{
    expect(spoiled([](FakeHost& host) { host.listed_sizes["config.json"] = (16u << 20) + 1; }), "config.json",
           "larger than 16 MiB");
    expect(
        spoiled([](FakeHost& host) { host.listed_sizes["model.safetensors.index.json"] = (64u << 20) + 1; }),
        "model.safetensors.index.json", "larger than 64 MiB");
    expect(spoiled([](FakeHost& host) { host.files["config.json"] = "{\"a\":"; }), "config.json",
           "ends too early");
    expect(spoiled([](FakeHost& host) { host.files["model.safetensors.index.json"] = "\xfe"; }),
           "model.safetensors.index.json", "not UTF-8");
}

BOOST_AUTO_TEST_CASE(a_file_shorter_than_listed_is_noticed)
{
    const Outcome outcome = spoiled(
        [](FakeHost& host) { host.listed_sizes["config.json"] = host.files["config.json"].size() + 1; });
    expect(outcome, "config.json", "it ended before its listed size");
    BOOST_TEST(outcome.status == SKW_E_NETWORK);
}

BOOST_AUTO_TEST_CASE(an_eight_bit_weight_without_its_scale_is_refused_before_a_byte_of_it_is_read)
{
    FakeHost host;
    auto head = qwen_head();
    head[0] = make_tensor("mtp.fc.weight", {256, 256}, Dtype::f8_e4m3);
    host.files = qwen_repo(head);
    const Outcome outcome = host.execute(pinned_plan());
    expect(outcome, second, "mtp.fc.weight is stored as F8_E4M3");
    BOOST_TEST(outcome.status == SKW_E_UNSUPPORTED);
    BOOST_TEST(host.opened.size() == 4u); // config, index, two headers
    BOOST_TEST(!host.finished);
}

BOOST_AUTO_TEST_CASE(a_packed_head_is_refused_for_its_format_although_its_weights_are_missing)
{
    const Outcome outcome = spoiled([](FakeHost& host) {
        auto head = qwen_head();
        head[0] = make_tensor("mtp.fc.qweight", {2, 2}, Dtype::u32);
        host.files = qwen_repo(head);
    });
    expect(outcome, second, "mtp.fc.qweight is stored as U32, part of GPTQ or AWQ packed integers");
    BOOST_TEST(outcome.status == SKW_E_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(headers_with_more_names_of_a_head_than_the_limit_are_refused)
{
    const Outcome outcome = spoiled([](FakeHost& host) {
        auto head = qwen_head();
        const std::string index = host.files["model.safetensors.index.json"];
        for (std::size_t number = 0; number < skw::mtp::head_names_limit; ++number) {
            head.push_back(make_tensor("mtp.more." + std::to_string(number), {0}));
        }
        host.files = qwen_repo(head);
        host.files["model.safetensors.index.json"] = index;
    });
    BOOST_TEST(outcome.status == SKW_E_BAD_INPUT);
    BOOST_TEST(outcome.message.find(skw::mtp::too_many_head_names()) != std::string::npos, outcome.message);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_without_a_head_costs_no_shard)
{
    FakeHost host;
    host.files = qwen_repo({});
    const Outcome outcome = host.execute(pinned_plan());
    BOOST_TEST(outcome.message == "no MTP head tensors found in o/m; confirm this model has native MTP heads "
                                  "(checked for mtp.* keys and "
                                  "model.layers.{N}.* via config.json)");
    BOOST_TEST(outcome.detail.find("declared but not shipped") != std::string::npos);
    BOOST_TEST(host.opened.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_repository_without_safetensors_is_told_so)
{
    const Outcome outcome = spoiled([](FakeHost& host) {
        std::erase_if(host.files, [](const auto& file) { return file.first.ends_with(".safetensors"); });
        host.files.erase("model.safetensors.index.json");
    });
    BOOST_TEST(outcome.status == SKW_E_NOT_FOUND);
    BOOST_TEST(outcome.message.starts_with("no MTP head tensors found in o/m"));
    BOOST_TEST(outcome.detail.find("has no *.safetensors file") != std::string::npos, outcome.detail);
}

BOOST_AUTO_TEST_CASE(values_that_no_weight_may_have_name_the_tensor)
{
    const auto with = [](std::string_view name, Dtype dtype, std::string bytes) {
        return spoiled([&](FakeHost& host) {
            auto head = qwen_head();
            TestTensor odd = make_tensor(name, {8}, dtype);
            odd.bytes.replace(odd.bytes.size() - bytes.size(), bytes.size(), bytes);
            std::erase_if(head, [&](const TestTensor& tensor) { return tensor.name == name; });
            head.push_back(odd);
            host.files = qwen_repo(head);
        });
    };
    expect(with("mtp.norm.weight", Dtype::bf16, "\xc0\x7f"), second,
           "mtp.norm.weight holds 1 value(s) that are not a number");
    expect(with("mtp.norm.weight", Dtype::f16, "\x01\x7c"), second, "not a number");
    expect(with("mtp.norm.weight", Dtype::f32, "\xff\xff\x7f\x7f"), second,
           "mtp.norm.weight holds 1 finite value(s) beyond the range of BF16");
}

BOOST_AUTO_TEST_CASE(several_indexes_without_the_usual_one_are_ambiguous)
{
    const Outcome outcome = spoiled([](FakeHost& host) {
        host.files["a.safetensors.index.json"] = host.files["model.safetensors.index.json"];
        host.files["b.safetensors.index.json"] = host.files["model.safetensors.index.json"];
        host.files.erase("model.safetensors.index.json");
    });
    expect(outcome, "a.safetensors.index.json, b.safetensors.index.json", "several indexes");
}

BOOST_AUTO_TEST_SUITE_END()

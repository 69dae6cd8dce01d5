// SPDX-License-Identifier: Apache-2.0
// Every rule of the header: what is accepted, and the reason of each refusal.
#include "safetensors/reader.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

using namespace skw::safetensors;

namespace {

// The header of a file whose data has data_bytes bytes.
Header parse(std::string_view json, std::uint64_t data_bytes)
{
    return parse_header(json, 8 + json.size() + data_bytes);
}

std::string tensor(std::string_view name, std::string_view dtype, std::string_view shape, std::uint64_t begin,
                   std::uint64_t end)
{
    return "\"" + std::string(name) + "\":{\"dtype\":\"" + std::string(dtype) +
           "\",\"shape\":" + std::string(shape) + ",\"data_offsets\":[" + std::to_string(begin) + "," +
           std::to_string(end) + "]}";
}

std::vector<std::byte> length_of(std::uint64_t length)
{
    std::vector<std::byte> out;
    for (int at = 0; at < 8; ++at) {
        out.push_back(static_cast<std::byte>(length >> (8 * at) & 0xff));
    }
    return out;
}

struct Refused {
    Reason reason;
    std::string tensor;
    std::string text;
};

template<class Body>
Refused refused(Body body)
{
    try {
        body();
    } catch (const Error& error) {
        return {error.reason(), error.tensor(), error.what()};
    }
    throw std::logic_error("it was accepted");
}

} // namespace

BOOST_AUTO_TEST_SUITE(safetensors_reader)

BOOST_AUTO_TEST_CASE(tensors_come_sorted_by_offset_whatever_their_order_in_the_text)
{
    const Header header = parse("{\"__metadata__\":{\"format\":\"pt\"}," + tensor("b", "F32", "[2]", 4, 12) +
                                    "," + tensor("a", "BF16", "[1,2]", 0, 4) + "}",
                                12);
    BOOST_TEST_REQUIRE(header.tensors.size() == 2u);
    BOOST_TEST(header.tensors[0].name == "a");
    BOOST_TEST((header.tensors[0].dtype == Dtype::bf16));
    BOOST_TEST(header.tensors[0].shape == (std::vector<std::uint64_t>{1, 2}),
               boost::test_tools::per_element());
    BOOST_TEST(header.tensors[1].name == "b");
    BOOST_TEST(header.tensors[1].bytes() == 8u);
    BOOST_TEST(header.metadata.at("format") == "pt");
}

BOOST_AUTO_TEST_CASE(white_space_on_both_sides_scalars_and_empty_tensors_are_accepted)
{
    const std::string json = " \t\n\r{" + tensor("s", "F32", "[]", 0, 4) + "," +
                             tensor("z", "F32", "[3,0]", 4, 4) + "," + tensor("y", "F32", "[0]", 0, 0) +
                             "}  \n\t  ";
    const Header header = parse(json, 4);
    BOOST_TEST(header.tensors.size() == 3u);
    BOOST_TEST(header.data_begin == 8 + json.size());
    BOOST_TEST(parse("{}", 0).tensors.empty());
}

BOOST_AUTO_TEST_CASE(names_may_be_any_utf8_also_in_escapes)
{
    const Header header = parse("{" + tensor("\\u00fc/..\\\"\\u0000", "U8", "[1]", 0, 1) + "}", 1);
    BOOST_TEST(header.tensors[0].name == std::string("\xc3\xbc/..\"\0", 7));
}

BOOST_AUTO_TEST_CASE(the_length_is_checked_against_limit_and_file_before_anything_is_read)
{
    BOOST_TEST(header_length(length_of(2), 10) == 2u);
    BOOST_TEST(header_length(length_of(header_limit), header_limit + 8) == header_limit);
    BOOST_TEST((refused([] { return header_length({}, 0); }).reason == Reason::file_too_small));
    BOOST_TEST((refused([] { return header_length(length_of(0), 7); }).reason == Reason::file_too_small));
    BOOST_TEST(
        (refused([] { return header_length(length_of(3), 10); }).reason == Reason::header_beyond_file));
    BOOST_TEST((refused([] {
                    return header_length(length_of(header_limit + 1),
                                         std::numeric_limits<std::uint64_t>::max());
                }).reason == Reason::header_too_large));
    BOOST_TEST((refused([] {
                    return header_length(length_of(std::numeric_limits<std::uint64_t>::max()), 1000);
                }).reason == Reason::header_too_large));
}

BOOST_AUTO_TEST_CASE(each_hostile_header_is_refused_for_its_own_reason)
{
    struct Case {
        std::string json;
        std::uint64_t data;
        Reason reason;
        std::string tensor;
    };
    const std::string good = tensor("a", "U8", "[4]", 0, 4);
    const std::string meta = "\"__metadata__\":";
    const std::vector<Case> cases{
        {"{" + good + "}x", 4, Reason::bad_json, ""},
        {"{" + good + "}{}", 4, Reason::bad_json, ""},
        {"{" + good, 4, Reason::bad_json, ""},
        {"", 0, Reason::bad_json, ""},
        {"[]", 0, Reason::bad_structure, ""},
        {"7", 0, Reason::bad_structure, ""},
        {"{\"a\":1}", 0, Reason::bad_structure, "a"},
        {"{\"a\":null}", 0, Reason::bad_structure, "a"},
        {"{\"a\xff\":{}}", 0, Reason::bad_utf8, ""},
        {"{" + good + "," + tensor("a", "U8", "[1]", 4, 5) + "}", 5, Reason::duplicate_name, "a"},
        {"{" + good + "," + tensor("\\u0061", "U8", "[1]", 4, 5) + "}", 5, Reason::duplicate_name, "a"},
        {"{" + meta + "{}," + meta + "{}}", 0, Reason::duplicate_name, ""},
        {"{" + meta + "{\"k\":\"1\",\"k\":\"2\"}}", 0, Reason::duplicate_name, ""},
        {"{" + meta + "{\"k\":1}}", 0, Reason::bad_metadata, ""},
        {"{" + meta + "{\"k\":{}}}", 0, Reason::bad_metadata, ""},
        {"{" + meta + "{\"k\":null}}", 0, Reason::bad_metadata, ""},
        {"{" + meta + "[]}", 0, Reason::bad_metadata, ""},
        {"{" + meta + "\"x\"}", 0, Reason::bad_metadata, ""},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
         Reason::duplicate_member, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
         Reason::duplicate_member, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"data_offsets\":[0,1]}}", 1,
         Reason::duplicate_member, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, Reason::missing_member, "a"},
        {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, Reason::missing_member, "a"},
        {"{\"a\":{}}", 0, Reason::missing_member, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1, Reason::unknown_member,
         "a"},
        {"{" + tensor("a", "F7", "[4]", 0, 4) + "}", 4, Reason::unknown_dtype, "a"},
        {"{\"a\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, Reason::unknown_dtype, "a"},
        {"{" + tensor("a", "U8", "[-1]", 0, 1) + "}", 1, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[1.0]", 0, 1) + "}", 1, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[1e0]", 0, 1) + "}", 1, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[-0]", 0, 0) + "}", 0, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[18446744073709551616]", 0, 0) + "}", 0, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[\"1\"]", 0, 1) + "}", 1, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[true]", 0, 1) + "}", 1, Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[[1]]", 0, 1) + "}", 1, Reason::bad_json, ""},
        {"{" + tensor("a", "U8", "7", 0, 1) + "}", 1, Reason::bad_shape, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, Reason::bad_offsets, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}", 1, Reason::bad_offsets, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":{}}}", 1, Reason::bad_offsets, "a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}", 1,
         Reason::bad_number, "a"},
        {"{" + tensor("a", "U8", "[4]", 4, 0) + "}", 4, Reason::bad_offsets, "a"},
        {"{" + tensor("a", "U8", "[4294967296,4294967296]", 0, 0) + "}", 0, Reason::overflow, "a"},
        {"{" + tensor("a", "F64", "[2305843009213693952]", 0, 0) + "}", 0, Reason::overflow, "a"},
        {"{" + tensor("a", "F4", "[3]", 0, 2) + "}", 2, Reason::partial_byte, "a"},
        {"{" + tensor("a", "F6_E2M3", "[2]", 0, 2) + "}", 2, Reason::partial_byte, "a"},
        {"{" + tensor("a", "F32", "[1]", 0, 5) + "}", 5, Reason::wrong_size, "a"},
        {"{" + tensor("a", "F32", "[2]", 0, 4) + "}", 4, Reason::wrong_size, "a"},
        {"{" + tensor("a", "U8", "[4]", 1, 5) + "}", 5, Reason::hole, "a"},
        {"{" + good + "," + tensor("b", "U8", "[1]", 5, 6) + "}", 6, Reason::hole, "b"},
        {"{" + good + "," + tensor("b", "U8", "[4]", 3, 7) + "}", 7, Reason::overlap, "b"},
        {"{" + good + "," + tensor("b", "U8", "[4]", 0, 4) + "}", 4, Reason::overlap, "b"},
        {"{" + good + "," + tensor("z", "U8", "[0]", 2, 2) + "}", 4, Reason::overlap, "z"},
        {"{" + good + "}", 3, Reason::beyond_file, "a"},
        {"{" + tensor("a", "U8", "[18446744073709551615]", 0, 18446744073709551615ull) + "}", 4,
         Reason::overflow, "a"},
        {"{" + tensor("a", "U8", "[1152921504606846976]", 0, 1152921504606846976ull) + "}", 4,
         Reason::beyond_file, "a"},
        {"{" + good + "}", 5, Reason::trailing_bytes, ""},
        {"{}", 1, Reason::trailing_bytes, ""},
    };
    for (const Case& one : cases) {
        const Refused got = refused([&] { return parse(one.json, one.data); });
        BOOST_TEST(static_cast<int>(got.reason) == static_cast<int>(one.reason),
                   one.json << " -> " << got.text);
        BOOST_TEST(got.tensor == one.tensor, one.json);
        BOOST_TEST((one.tensor.empty() || got.text.find("'" + one.tensor + "'") != std::string::npos),
                   got.text);
    }
}

BOOST_AUTO_TEST_CASE(a_text_longer_than_the_file_is_refused)
{
    BOOST_TEST((refused([] { return parse_header("{}", 9); }).reason == Reason::header_beyond_file));
}

BOOST_AUTO_TEST_CASE(more_dimensions_than_the_limit_are_refused)
{
    std::string shape = "[1";
    for (std::size_t at = 1; at < dimension_limit; ++at) {
        shape += ",1";
    }
    BOOST_TEST(parse("{" + tensor("a", "U8", shape + "]", 0, 1) + "}", 1).tensors[0].shape.size() == 64u);
    const auto got = refused([&] { return parse("{" + tensor("a", "U8", shape + ",1]", 0, 1) + "}", 1); });
    BOOST_TEST((got.reason == Reason::bad_shape));
}

BOOST_AUTO_TEST_CASE(names_are_escaped_and_cut_before_they_are_printed)
{
    const auto got =
        refused([] { return parse("{" + tensor("a\\u001b[2J\\n\xc3\xa9", "F9", "[1]", 0, 1) + "}", 1); });
    BOOST_TEST(got.text == "tensor 'a\\x1b[2J\\x0a\\xc3\\xa9': unknown dtype 'F9'");
    BOOST_TEST(printable_name(std::string(5000, 'n')).size() < 220u);
}

BOOST_AUTO_TEST_CASE(the_result_does_not_depend_on_where_the_text_is_cut)
{
    const std::string json = " {\"__metadata__\":{\"k\\n\":\"v\xc3\xa9\"}," +
                             tensor("m\\u00e9.x", "F16", "[2,3]", 0, 12) + "," +
                             tensor("b", "I64", "[]", 12, 20) + "}   ";
    const Header whole = parse(json, 20);
    for (std::size_t cut = 0; cut <= json.size(); ++cut) {
        HeaderParser parser;
        parser.feed(std::string_view(json).substr(0, cut));
        parser.feed(std::string_view(json).substr(cut));
        const Header header = parser.finish(8 + json.size() + 20);
        BOOST_TEST((header.tensors == whole.tensors && header.metadata == whole.metadata), "cut at " << cut);
    }
}

BOOST_AUTO_TEST_CASE(no_truncation_of_a_header_is_accepted)
{
    const std::string json =
        "{" + tensor("a", "F16", "[2]", 0, 4) + "," + tensor("b", "U8", "[3]", 4, 7) + "}";
    for (std::size_t length = 0; length < json.size(); ++length) {
        BOOST_TEST((refused([&] { return parse(json.substr(0, length), 7); }).reason == Reason::bad_json));
    }
}

BOOST_AUTO_TEST_CASE(a_header_changed_in_one_byte_is_refused_or_still_tiles_its_file)
{
    const std::string json =
        "{" + tensor("a", "F16", "[2]", 0, 4) + "," + tensor("b", "U8", "[3]", 4, 7) + "}";
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < json.size(); ++at) {
        for (const char letter : {'0', '9', '"', '{', ']', ',', ' ', 'x', '\0', '\xff', '-'}) {
            std::string changed = json;
            changed[at] = letter;
            try {
                std::uint64_t end = 0;
                for (const Tensor& one : parse(changed, 7).tensors) {
                    BOOST_TEST(one.begin == end);
                    BOOST_TEST(*tensor_bytes(one.dtype, one.shape) == one.bytes());
                    end = one.end;
                }
                BOOST_TEST(end == 7u);
                ++accepted;
            } catch (const Error&) {
                continue;
            }
        }
    }
    BOOST_TEST(accepted > 0u); // changes of a name's letter, for one
}

BOOST_AUTO_TEST_CASE(a_large_header_costs_memory_for_its_tensors_only_and_its_count_is_bounded)
{
    HeaderParser parser;
    parser.feed("{");
    std::string piece;
    for (std::size_t number = 0; number <= tensor_limit; ++number) {
        piece = (number == 0 ? "" : ",") + tensor(std::to_string(number), "U8", "[0]", 0, 0);
        try {
            parser.feed(piece);
        } catch (const Error& error) {
            BOOST_TEST((error.reason() == Reason::too_many_tensors));
            BOOST_TEST(number == tensor_limit);
            return;
        }
    }
    BOOST_ERROR("no bound on the number of tensors");
}

BOOST_AUTO_TEST_CASE(names_shapes_and_metadata_are_bounded_together)
{
    const std::string name(kept_limit / 4, 'n');
    const auto header = [&](int names) {
        std::string json = "{";
        for (int number = 0; number < names; ++number) {
            json += (number == 0 ? "" : ",") + tensor(std::to_string(number) + name, "U8", "[0]", 0, 0);
        }
        return json + "}";
    };
    BOOST_TEST(parse(header(3), 0).tensors.size() == 3u);
    const Refused names = refused([&] { parse(header(4), 0); });
    BOOST_TEST((names.reason == Reason::header_too_large));
    BOOST_TEST(names.text == "its names, shapes and metadata take more than 16 MiB");

    std::string json = "{\"__metadata__\":{";
    for (int number = 0; number < 200'000; ++number) {
        json += (number == 0 ? "\"" : ",\"") + std::to_string(number) + "\":\"\"";
    }
    BOOST_TEST((refused([&] { parse(json + "}}", 0); }).reason == Reason::header_too_large));

    std::string shape = "[0";
    for (std::size_t dimension = 1; dimension < dimension_limit; ++dimension) {
        shape += ",1";
    }
    json = "{";
    for (int number = 0; number < 50'000; ++number) {
        json += (number == 0 ? "" : ",") + tensor(std::to_string(number), "U8", shape + "]", 0, 0);
    }
    BOOST_TEST((refused([&] { parse(json + "}", 0); }).reason == Reason::header_too_large));
}

BOOST_AUTO_TEST_SUITE_END()

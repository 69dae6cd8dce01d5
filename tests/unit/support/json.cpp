// SPDX-License-Identifier: Apache-2.0
// JSON from outside is read with limits; JSON of ours has one order.
#include "support/json.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

using skw::parse_json;

namespace {

std::string reason_of(std::string_view text, const skw::JsonLimits& limits = {})
{
    try {
        parse_json(text, "here", limits);
    } catch (const skw::Error& error) {
        BOOST_TEST(error.place() == "here");
        BOOST_TEST((error.code() == skw::ErrorCode::bad_input));
        return std::string(error.reason());
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(support_json)

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_refused_at_any_depth)
{
    BOOST_TEST(reason_of(R"({"a":1,"a":2})") == R"(the key "a" stands twice in one object)");
    BOOST_TEST(reason_of(R"({"x":[{"a":1,"b":{"c":1,"c":2}}]})") ==
               R"(the key "c" stands twice in one object)");
    BOOST_TEST(reason_of(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})") == "accepted");
}

BOOST_AUTO_TEST_CASE(an_escaped_key_equals_its_plain_spelling)
{
    BOOST_TEST(reason_of(R"({"a":1,"\u0061":2})") == R"(the key "a" stands twice in one object)");
}

BOOST_AUTO_TEST_CASE(what_a_refusal_quotes_is_printable_and_short)
{
    BOOST_TEST(reason_of(R"({"\u001b[2J":1,"\u001b[2J":2})") ==
               R"(the key "\x1b[2J" stands twice in one object)");
    const std::string key = '"' + std::string(5000, 'k') + '"';
    BOOST_TEST(reason_of("{" + key + ":1," + key + ":2}").size() < 300u);
    BOOST_TEST(reason_of(std::string(5000, '9')).size() < 200u);
}

BOOST_AUTO_TEST_CASE(integers_beyond_64_bits_do_not_become_doubles)
{
    BOOST_TEST(reason_of("18446744073709551616") == "the number 18446744073709551616 is too large");
    BOOST_TEST(reason_of("[-9223372036854775809]") == "the number -9223372036854775809 is too large");
    BOOST_TEST(parse_json("18446744073709551615", "").as_uint64() == 18446744073709551615u);
    BOOST_TEST(parse_json("1e3", "").as_double() == 1000.0);
}

BOOST_AUTO_TEST_CASE(limits_hold_before_memory_is_used)
{
    skw::JsonLimits limits;
    limits.bytes = 10;
    BOOST_TEST(reason_of("[1,2,3,4,5,6]", limits).starts_with("the JSON text has 13 bytes"));
    limits = {};
    limits.values = 3;
    BOOST_TEST(reason_of("[1,2,3]", limits) == "more than 3 values");
    BOOST_TEST(reason_of("[1,2]", limits) == "accepted");
    BOOST_TEST(
        reason_of(std::string(100, '[') + std::string(100, ']')).starts_with("not valid JSON at byte"));
    BOOST_TEST(reason_of(std::string(60, '[') + std::string(60, ']')) == "accepted");
}

BOOST_AUTO_TEST_CASE(text_around_or_after_the_document_is_refused)
{
    BOOST_TEST(reason_of("{} x") == "more text after the JSON document, at byte 3");
    BOOST_TEST(reason_of("{}\n ") == "accepted");
    BOOST_TEST(reason_of("{\"a\":") == "the JSON text ends too early");
    BOOST_TEST(reason_of("") == "the JSON text ends too early");
    BOOST_TEST(reason_of("\"\xff\"") == "the JSON text is not UTF-8");
}

BOOST_AUTO_TEST_CASE(equal_documents_give_equal_bytes)
{
    const auto a = parse_json(R"({"b": [1, {"z": 0, "y": ""}], "a": null})", "");
    const auto b = parse_json(R"({"a":null,"b":[1,{"y":"","z":0}]})", "");
    BOOST_TEST(skw::canonical_json(a) == R"({"a":null,"b":[1,{"y":"","z":0}]})");
    BOOST_TEST(skw::canonical_json(a) == skw::canonical_json(b));
    BOOST_TEST(skw::pretty_json(b) == "{\n  \"a\": null,\n  \"b\": [\n    1,\n    {\n      \"y\": \"\",\n"
                                      "      \"z\": 0\n    }\n  ]\n}\n");
}

BOOST_AUTO_TEST_CASE(ascii_strings_escape_all_but_printable_ascii)
{
    BOOST_TEST(skw::ascii_json_string("a/\"\n\x7f\xc3\xa9\xf0\x9f\x98\x80") ==
               "\"a/\\\"\\n\\u007f\\u00e9\\ud83d\\ude00\"");
}

BOOST_AUTO_TEST_CASE(the_reader_reports_every_fault_with_its_pointer)
{
    const auto value = parse_json(R"({"files":[{"path":"a","size":1},{"path":2,"size":-1}],"on":"yes"})", "");
    skw::Findings findings("tree");
    const skw::Reader in(value, findings);
    const auto sizes = in.each("files", [](const skw::Reader& file) {
        static_cast<void>(file.string("path"));
        return file.size("size");
    });
    static_cast<void>(in.string("commit"));
    static_cast<void>(in.boolean("on", false));
    BOOST_TEST(sizes.size() == 2u);
    BOOST_TEST(findings.lines() ==
                   (std::vector<std::string>{"/files/1/path: must be a string",
                                             "/files/1/size: must be a whole number, 0 or more",
                                             "/commit: is missing", "/on: must be true or false"}),
               boost::test_tools::per_element());
    BOOST_CHECK_EXCEPTION(findings.throw_if_any(), skw::Error, [](const skw::Error& error) {
        return std::string_view(error.what()) == "tree: /files/1/path: must be a string (and 3 more)";
    });
}

BOOST_AUTO_TEST_CASE(sizes_above_what_a_file_can_have_are_faults)
{
    const auto value = parse_json(R"({"a":9223372036854775808,"b":9223372036854775807,"c":1.0})", "");
    skw::Findings findings("x");
    const skw::Reader in(value, findings);
    BOOST_TEST(in.size("a") == 0u);
    BOOST_TEST(in.size("b") == 9223372036854775807u);
    BOOST_TEST(in.size("c") == 0u);
    BOOST_TEST(findings.lines().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

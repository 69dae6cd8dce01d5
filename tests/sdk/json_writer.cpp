// SPDX-License-Identifier: Apache-2.0
// The writer for authors gives valid JSON whatever text it is given.
#include <skw/json_writer.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace {

using skw::sdk::append_json_string;
using skw::sdk::JsonWriter;

std::string quoted(std::string_view text)
{
    std::string out;
    append_json_string(out, text);
    return out;
}

template<class Value>
std::string written(const Value& value)
{
    JsonWriter json;
    json.value(value);
    return json.take();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sdk_json_writer)

BOOST_AUTO_TEST_CASE(members_stand_in_the_order_of_the_calls)
{
    JsonWriter json;
    json.begin_object().member("schema", "x/1").member("yes", true).member("none", nullptr);
    json.key("list").begin_array().value(1).value(-2).value(1.5).begin_object().end_object().end_array();
    json.raw_member("raw", "[1]").member("texts", std::vector<std::string>{"a", "b"}).end_object();
    BOOST_TEST(json.take() == R"({"schema":"x/1","yes":true,"none":null,"list":[1,-2,1.5,{}],"raw":[1],)"
                              R"("texts":["a","b"]})");
}

BOOST_AUTO_TEST_CASE(every_single_byte_gives_a_string_that_a_parser_reads)
{
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text = "a" + std::string(1, static_cast<char>(byte)) + "b";
        const boost::json::value parsed = boost::json::parse(quoted(text));
        const std::string expected = byte < 0x80 ? text
                                                 : "a\xEF\xBF\xBD"
                                                   "b";
        BOOST_TEST(std::string(parsed.as_string()) == expected, byte);
    }
}

BOOST_AUTO_TEST_CASE(well_formed_text_stays_and_broken_text_is_replaced)
{
    BOOST_TEST(quoted("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") == "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
    for (const char* broken : {"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",
                               "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
        BOOST_CHECK_NO_THROW(boost::json::parse(quoted(broken)));
        BOOST_TEST(quoted(broken).find("\xEF\xBF\xBD") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(numbers_beyond_a_doubles_whole_numbers_become_strings)
{
    constexpr std::int64_t exact = (std::int64_t{1} << 53) - 1;
    BOOST_TEST(written(exact) == "9007199254740991");
    BOOST_TEST(written(exact + 1) == "\"9007199254740992\"");
    BOOST_TEST(written(-exact) == "-9007199254740991");
    BOOST_TEST(written(-exact - 1) == "\"-9007199254740992\"");
    BOOST_TEST(written(std::numeric_limits<std::uint64_t>::max()) == "\"18446744073709551615\"");
    BOOST_TEST(written(std::numeric_limits<std::int64_t>::min()) == "\"-9223372036854775808\"");
}

BOOST_AUTO_TEST_CASE(what_json_cannot_hold_is_null)
{
    BOOST_TEST(written(std::nan("")) == "null");
    BOOST_TEST(written(std::numeric_limits<double>::infinity()) == "null");
    BOOST_TEST(written(0.1) == "0.1");
}

BOOST_AUTO_TEST_CASE(a_wrong_order_of_calls_is_a_logic_error)
{
    BOOST_CHECK_THROW(JsonWriter().key("a"), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().begin_object().value(1), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().begin_object().key("a").end_object(), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().begin_object().key("a").key("b"), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().begin_array().end_object(), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().begin_array().take(), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().take(), std::logic_error);
    BOOST_CHECK_THROW(JsonWriter().value(1).value(2), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

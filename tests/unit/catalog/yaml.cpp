// SPDX-License-Identifier: Apache-2.0
// YAML 1.1 as the contract's section 4.4 reads it, positions, warnings, and hostile texts.
#include "catalog/yaml.hpp"

#include "../error_of.hpp"
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>

#include <chrono>

using namespace skw;
using catalog::parse_yaml;

namespace {

std::string read(std::string_view text)
{
    try {
        return canonical_json(parse_yaml(text, "t").value);
    } catch (const Error& error) {
        return error.what();
    }
}

// The peak of this process in MiB; it only grows.
long peak()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

std::string repeated(std::string_view piece, std::size_t times)
{
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += piece;
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(catalog_yaml)

BOOST_AUTO_TEST_CASE(plain_scalars_have_the_types_of_yaml_1_1)
{
    const std::pair<const char*, const char*> rows[] = {
        {"123", "123"},
        {"0x1f", "31"},
        {"017", "15"},
        {"0b11", "3"},
        {"1_000", "1000"},
        {"12:30", "750"},
        {"+1", "1"},
        {"-12", "-12"},
        {"0", "0"},
        {"18446744073709551615", "18446744073709551615"},
        {"99999999999999999999", R"({"!!int":"99999999999999999999"})"},
        {"1.5", "1.5E0"},
        {".5", "5E-1"},
        {"5.", "5E0"},
        {"1.0e+3", "1E3"},
        {"09.1", "9.1E0"},
        {"1:30.5", "9.05E1"},
        {".inf", R"({"!!float":".inf"})"},
        {".nan", R"({"!!float":".nan"})"},
        {"-.INF", R"({"!!float":"-.INF"})"},
        {"1e3", R"("1e3")"},
        {"1.0e3", R"("1.0e3")"},
        {"0o17", R"("0o17")"},
        {"08", R"("08")"},
        {"1.2.3", R"("1.2.3")"},
        {"1,000", R"("1,000")"},
        {"2024-1-1", R"("2024-1-1")"},
        {"2024-01-01", R"({"!!timestamp":"2024-01-01"})"},
        {"2024-01-01T00:00:00Z", R"({"!!timestamp":"2024-01-01T00:00:00Z"})"},
        {"yes", "true"},
        {"True", "true"},
        {"ON", "true"},
        {"no", "false"},
        {"Off", "false"},
        {"FALSE", "false"},
        {"y", R"("y")"},
        {"n", R"("n")"},
        {"yEs", R"("yEs")"},
        {"~", "null"},
        {"null", "null"},
        {"Null", "null"},
        {"NULL", "null"},
        {"", "null"},
        {"nULL", R"("nULL")"},
        {"\"123\"", R"("123")"},
        {"'yes'", R"("yes")"},
        {"!!str 123", R"("123")"},
        {"! 3", "3"},
        {"!!int \"3\"", "3"},
        {"|\n  a\n", R"("a\n")"},
        {"\"\\_\\N\"", "\"\xc2\xa0\xc2\x85\""},
    };
    for (const auto& [text, value] : rows) {
        BOOST_TEST(read("k: " + std::string(text)) == "{\"k\":" + std::string(value) + "}");
    }
    BOOST_TEST(read("key:value") == "\"key:value\"");
    BOOST_TEST(read("") == "null");
}

BOOST_AUTO_TEST_CASE(what_stands_for_a_special_value_is_no_mapping)
{
    for (const char* text : {"2024-01-01", ".inf", "99999999999999999999", "!!binary aGk=", "!!set {a, b}",
                             "!!omap [a: b]", "[]", "a", "~"}) {
        BOOST_TEST(!catalog::is_mapping(parse_yaml(text, "t").value));
    }
    BOOST_TEST(catalog::is_mapping(parse_yaml("{}", "t").value));
    BOOST_TEST(catalog::is_mapping(parse_yaml("a: 2024-01-01", "t").value));
}

BOOST_AUTO_TEST_CASE(line_ends_marks_and_markers_do_not_matter)
{
    for (const char* text : {"a: yes\r\nb: c\r\n",
                             "\xef\xbb\xbf"
                             "a: yes\nb: c",
                             "%YAML 1.2\n---\na: yes\nb: c\n...\n", "--- {a: yes, b: c}", "a: yes\rb: c"}) {
        BOOST_TEST(read(text) == R"({"a":true,"b":"c"})");
    }
}

BOOST_AUTO_TEST_CASE(merge_keys_take_a_mapping_or_a_list_and_own_keys_win)
{
    BOOST_TEST(read("{<<: {a: 1, b: 2}, a: 3}") == R"({"a":3,"b":2})");
    BOOST_TEST(read("{a: 3, <<: [{a: 1, b: 2}, {b: 4, c: 5}]}") == R"({"a":3,"b":2,"c":5})");
    BOOST_TEST(read("{<<: 1}") == "t:1:6: '<<' takes a mapping or a list of mappings");
    BOOST_TEST(parse_yaml("{<<: {a: 1}, a: 2}", "t").warnings.empty());
}

BOOST_AUTO_TEST_CASE(aliases_stand_for_their_anchors_and_cycles_for_nothing)
{
    BOOST_TEST(read("a: &x [1]\nb: [*x, *x]\n") == R"({"a":[1],"b":[[1],[1]]})");
    BOOST_TEST(read("&a {k: *a, b: c}") == R"({"b":"c","k":null})");
    BOOST_TEST(read("a: &x 1\nb: &x 2\n") == "t:2:4: the anchor 'x' is used twice");
    BOOST_TEST(read("a: *x\n").starts_with("t:1:4: "));
    BOOST_TEST(read("&x k: v\nb: *x\n") == R"({"b":"k","k":"v"})");
}

BOOST_AUTO_TEST_CASE(keys_that_are_no_text_are_marked_and_collections_as_keys_refused)
{
    BOOST_TEST(read("{1: a, yes: b, ~: c, 0x1: d}") == R"({"!!bool true":"b","!!int 1":"d","!!null":"c"})");
    for (const char* text : {"{[a]: b}", "? [a]\n: b", "{{a: b}: c}", "a: &x [1]\n*x : c\n"}) {
        BOOST_TEST(read(text).ends_with("a list or mapping cannot be a key"));
    }
}

BOOST_AUTO_TEST_CASE(what_pyyaml_refuses_is_refused_with_a_place)
{
    const std::pair<const char*, const char*> rows[] = {
        {"a: 1\n---\nb: 2\n", "t:2:1: "},
        {"a:\n\t- b\n", "t:2:1: "},
        {"a:\tb\n", "t:1:3: "},
        {"a: !foo b\n", "t:1:4: "},
        {"!!python/name:os.system ''", "t:1:1: "},
        {"a: !!python/object/apply:os.system [ls]", "t:1:4: "},
        {"a: =\n", "t:1:4: "},
        {"a: <<\n", "t:1:4: "},
        {"a: b\x01\n", "t:1:5: "},
        {"a: b\x7f\n", "t:1:5: "},
        {"\xc3\xa9: \xff", "t:1:4: "},
        {"a: 'b\n", "t:1:4: "},
        {"a: \"b\\q\"\n", "t:1:6: "},
        {"a: 2024-13-01\n", "t:1:4: "},
        {"a: b: c\n", "t:1:5: "},
        {"a: 1\nb\n", "t:2:1: "},
        {"a: [b,, c]\n", "t:1:7: "},
        {"a: [b\n", "t:"},
        {": a\n", "t:1:1: "},
        {"a: @b\n", "t:1:4: "},
        {"%YAML 1.1\na: b\n", "t:2:1: "},
        {"\xff\xfe"
         "a",
         "t:1:1: "},
        {"a: !!int x", "t:1:4: "},
        {"\xc3\xa9\xc3\xa9: @", "t:1:5: "},
        {"a: \"--\n--- b\"", "t:2:1: "},
    };
    for (const auto& [text, place] : rows) {
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(read(text).substr(0, std::string_view(place).size()) == place);
        }
    }
    BOOST_TEST(read(std::string_view("a: \0b", 5)).starts_with("t:1:4: "));
}

BOOST_AUTO_TEST_CASE(tabs_are_allowed_in_quotes_comments_and_block_scalars_only)
{
    BOOST_TEST(read("a: 'b\tc'\nd: \"e\tf\" #\tg\nh: |\n  i\tj\n") ==
               R"({"a":"b\tc","d":"e\tf","h":"i\tj\n"})");
    BOOST_TEST(read("a: it's\tb\n").starts_with("t:1:8: "));
    BOOST_TEST(read("a: b\n  'c\td'\n").starts_with("t:2:5: ")); // the quote is part of a plain scalar
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_is_a_warning_with_its_place)
{
    const catalog::YamlDocument document = parse_yaml("a: 1\nb:\n  k: 1\n  'k': 2\n", "t");
    BOOST_REQUIRE(document.warnings.size() == 1u);
    BOOST_TEST(document.warnings[0] == "4:3: duplicate key 'k', the last one counts");
    BOOST_TEST(document.value.at("b").at("k") == 2);
}

BOOST_AUTO_TEST_CASE(positions_are_those_of_keys_and_elements_in_characters)
{
    const catalog::YamlDocument document = parse_yaml("\xc3\xa9: {a/b: 1}\nlist:\n  - x\n  - k~: v\n", "t");
    const auto at = [&](const char* pointer) {
        const catalog::Position found = document.positions.find(pointer).value();
        return std::to_string(found.line) + ':' + std::to_string(found.column);
    };
    BOOST_TEST(at("") == "1:1");
    BOOST_TEST(at("/\xc3\xa9/a~1b") == "1:5");
    BOOST_TEST(at("/list") == "2:1");
    BOOST_TEST(at("/list/0") == "3:5");
    BOOST_TEST(at("/list/1/k~0") == "4:5");
}

BOOST_AUTO_TEST_CASE(limits_hold_before_memory_is_used)
{
    const long before = peak();
    const auto started = std::chrono::steady_clock::now();
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char name = 'b'; name < 'l'; ++name) {
        bomb += std::string(1, name) + ": &" + name + " [";
        bomb += repeated("*" + std::string(1, static_cast<char>(name - 1)) + ", ", 9);
        bomb += "*" + std::string(1, static_cast<char>(name - 1)) + "]\n";
    }
    BOOST_TEST(read(bomb).ends_with("more than 1000000 values, aliases counted by what they stand for"));
    const std::string wide = "a: &a '" + std::string(400'000, 'x') + "'\nb:\n" + repeated("- *a\n", 1000);
    BOOST_TEST(read(wide).ends_with("bytes of text, aliases counted by what they stand for"));
    const std::string merges =
        "a: &a {" + repeated("b: c, ", 1) + "}\nb:\n" + repeated("- {<<: [*a, *a, *a]}\n", 1000);
    BOOST_TEST(read(merges).starts_with("{"));
    BOOST_TEST(read(repeated("[", 1'000'000)) == "t:1:65: nested deeper than 64 levels");
    BOOST_TEST(read(repeated("{", 100'000)) == "t:1:65: nested deeper than 64 levels");
    BOOST_TEST(read(repeated("- ", 100'000)) == "t:1:129: nested deeper than 64 levels");
    BOOST_TEST(read(repeated("? ", 100'000)) == "t:1:129: nested deeper than 64 levels");
    BOOST_TEST(read("[" + repeated("a, ", 2'000'000)) ==
               "t:1:1: one value or flow collection is longer than 524288 bytes");
    BOOST_TEST(read(repeated("'a' ", 300'000)).starts_with("t:1:"));
    BOOST_TEST(read(std::string((16u << 20) + 1, 'x')) ==
               "t:1:1: the text has 16777217 bytes; at most 16777216 are allowed");
    // No clock is asserted: quadratic work here would run into the time limit of the test.
    BOOST_TEST_MESSAGE(
        "took " << std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() << " s");
#ifdef __SANITIZE_ADDRESS__
    const long most = 600; // freed memory is kept in quarantine
#else
    const long most = 160;
#endif
    BOOST_TEST(peak() - before < most);
}

// What a key is shown as is longer than what stood there; only the latter is given back with an entry.
BOOST_AUTO_TEST_CASE(entries_with_keys_that_are_no_text_make_no_room_for_more_text)
{
    catalog::YamlLimits limits;
    limits.scalars = 1; // the size of the text counts
    const catalog::YamlItems items{"models", [](json::value&&, std::size_t, const catalog::Positions&) {},
                                   [] {}};
    const std::string text = "x: &x " + std::string(1000, 'x') + "\nmodels:\n" +
                             repeated("- {1: 2}\n", 1000) + "b: [" + repeated("*x, ", 12) + "a]\n";
    const Error error = testing::error_of([&] { parse_yaml(text, "t", limits, &items); });
    BOOST_TEST(error.what() == "t:1003:37: more than " + std::to_string(text.size()) +
                                   " bytes of text, aliases counted by what they stand for");
}

BOOST_AUTO_TEST_CASE(limits_can_be_set_lower)
{
    catalog::YamlLimits limits;
    limits.depth = 2;
    limits.nodes = 4;
    BOOST_CHECK_THROW(parse_yaml("[[[a]]]", "t", limits), Error);
    BOOST_CHECK_THROW(parse_yaml("[a, b, c, d]", "t", limits), Error);
    BOOST_CHECK_NO_THROW(parse_yaml("[[a, b]]", "t", limits));
}

BOOST_AUTO_TEST_SUITE_END()

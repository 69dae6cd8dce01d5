// SPDX-License-Identifier: Apache-2.0
// The JSON events: the same whatever the pieces, exact integers, and refusals that name the byte.
#include "safetensors/json_stream.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace skw::safetensors;

namespace {

struct Recorder : JsonEvents {
    std::string seen;
    void begin_object() override { seen += '{'; }
    void end_object() override { seen += '}'; }
    void begin_array() override { seen += '['; }
    void end_array() override { seen += ']'; }
    void key(std::string_view name) override { seen += "k(" + std::string(name) + ")"; }
    void text(std::string_view value) override { seen += "t(" + std::string(value) + ")"; }
    void whole(std::uint64_t value) override { seen += "w(" + std::to_string(value) + ")"; }
    void other_number() override { seen += "o"; }
    void boolean(bool value) override { seen += value ? "T" : "F"; }
    void null() override { seen += "N"; }
};

std::string events(std::string_view json, std::size_t cut)
{
    Recorder recorder;
    JsonStream stream(recorder);
    stream.feed(json.substr(0, cut));
    stream.feed(json.substr(cut));
    stream.finish();
    return recorder.seen;
}

Reason reason_of(std::string_view json, const JsonStreamLimits& limits = {})
{
    Recorder recorder;
    JsonStream stream(recorder, limits);
    try {
        stream.feed(json);
        stream.finish();
    } catch (const Error& error) {
        BOOST_TEST_MESSAGE(error.what());
        return error.reason();
    }
    BOOST_ERROR("accepted: " << json);
    return Reason::bad_metadata;
}

} // namespace

BOOST_AUTO_TEST_SUITE(safetensors_json_stream)

BOOST_AUTO_TEST_CASE(events_do_not_depend_on_where_the_text_is_cut)
{
    const std::string json = " {\"a\\u00e9\": [1, 18446744073709551615, \"x\xc3\xa9y\\\"\"], \"b\":{\"c\":"
                             "[true,false,null,-7,0.5,-0,1e2]}} \n";
    const std::string expected =
        "{k(a\xc3\xa9)[w(1)w(18446744073709551615)t(x\xc3\xa9y\")]k(b){k(c)[TFNoooo]}}";
    for (std::size_t cut = 0; cut <= json.size(); ++cut) {
        BOOST_TEST(events(json, cut) == expected, "cut at " << cut);
    }
}

BOOST_AUTO_TEST_CASE(an_integer_beyond_64_bits_is_not_rounded_into_one)
{
    BOOST_TEST(events("[18446744073709551616, 1.0, 9e99]", 3) == "[ooo]");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_refused)
{
    for (const char* bad : {"[\"\xff\"]", "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]", "[\"\xf4\x90\x80\x80\"]",
                            "[\"\xe2\x82\"]", "\xef\xbb\xbf[1]\x80"}) {
        const Reason reason = reason_of(bad);
        BOOST_TEST((reason == Reason::bad_utf8 || reason == Reason::bad_json), bad);
    }
    BOOST_TEST((reason_of("[\"\xff\"]") == Reason::bad_utf8));
}

BOOST_AUTO_TEST_CASE(what_is_no_single_json_document_is_refused)
{
    for (const char* bad : {"", " ", "{", "[1", "{} {}", "{}x", "{'a':1}", "[01]", "[1,]", "nul",
                            "[\"\\ud800\"]", "{\"a\" 1}", "[\"\n\"]", "// c\n[]"}) {
        BOOST_TEST((reason_of(bad) == Reason::bad_json), bad);
    }
}

BOOST_AUTO_TEST_CASE(depth_and_length_of_texts_are_bounded)
{
    BOOST_TEST((reason_of("[[[[]]]]", {.depth = 3, .text_bytes = 100}) == Reason::bad_json));
    const std::string long_text = "[\"" + std::string(101, 'x') + "\"]";
    BOOST_TEST((reason_of(long_text, {.depth = 3, .text_bytes = 100}) == Reason::bad_json));
    Recorder recorder;
    JsonStream stream(recorder, {.depth = 3, .text_bytes = 101});
    stream.feed(long_text);
    stream.finish();
}

BOOST_AUTO_TEST_SUITE_END()

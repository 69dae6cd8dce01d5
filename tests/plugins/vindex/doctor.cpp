// SPDX-License-Identifier: Apache-2.0
// What the plugin says of a machine's larql.
#include "fake_host.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace json = boost::json;
using skw::test::FakeHost;

namespace {

std::string answer(const std::string& text, int exit = 0)
{
    return json::serialize(json::object{
        {"found", true}, {"path", "/usr/bin/larql"}, {"exit", exit}, {"signal", nullptr}, {"text", text}});
}

struct Machine : FakeHost {
    Machine()
    {
        said["--version"] = answer("larql 0.2.0\n");
        said["extract --help"] = answer("  --quant <Q>  none, q4k or kquant\n");
        said["publish --help"] = answer("  --slices <S>\n  --collections <C>\n");
        said["slice --help"] = answer("  --preset <P>\n");
    }

    // "id status" a line.
    std::string check(const std::string& entries = "[]")
    {
        const skw::test::Outcome outcome =
            doctor(R"({"schema":"skw.doctor_request/1","kind":"vindex","entries":)" + entries + "}");
        BOOST_TEST(outcome.status == SKW_OK);
        document = json::parse(outcome.document);
        std::string out;
        for (const json::value& item : document.at("items").as_array()) {
            out += std::string(item.at("id").as_string()) + " " + std::string(item.at("status").as_string()) + "\n";
        }
        return out;
    }

    std::string text(std::size_t item)
    {
        return std::string(document.at("items").at(item).at("message").as_string());
    }

    json::value document;
};

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_doctor)

BOOST_FIXTURE_TEST_CASE(a_larql_with_all_flags_is_fine_and_slices_are_asked_for_only_if_an_entry_has_one, Machine)
{
    BOOST_TEST(check() == "larql-version ok\nlarql-extract ok\nlarql-publish ok\n");
    BOOST_TEST(check(R"([{"slices":["full"]},{"slices":["expert-server"]}])") ==
               "larql-version ok\nlarql-extract ok\nlarql-publish ok\nlarql-slice ok\n");
}

BOOST_FIXTURE_TEST_CASE(each_missing_flag_is_named, Machine)
{
    said["extract --help"] = answer("  --quantize  q4k\n");
    said["publish --help"] = answer("nothing\n");
    BOOST_TEST(check() == "larql-version ok\nlarql-extract fail\nlarql-publish fail\n");
    BOOST_TEST(text(1).find("does not tell of --quant,") != std::string::npos);
    BOOST_TEST(text(2).find("--slices, --collections") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_larql_that_is_not_there_is_left_to_the_host_to_tell, Machine)
{
    said["--version"] = R"({"found":false})";
    BOOST_TEST(check() == "larql skip\n");
}

BOOST_FIXTURE_TEST_CASE(what_does_not_answer_as_larql_does_fails, Machine)
{
    said["--version"] = answer("error while loading shared libraries\n", 127);
    BOOST_TEST(check() == "larql-version fail\n");
    BOOST_TEST(text(0).find("127") != std::string::npos);
    said["--version"] = answer("");
    BOOST_TEST(check() == "larql-version fail\n");
    said["--version"] = answer("larql 9\n");
    said["publish --help"] = R"({"found":true,"path":"/l","exit":null,"signal":11,"text":""})";
    BOOST_TEST(check() == "larql-version ok\nlarql-extract ok\nlarql-publish fail\n");
}

BOOST_FIXTURE_TEST_CASE(a_probe_that_fails_is_reported_and_fails_nothing, Machine)
{
    said.clear();
    BOOST_TEST(check() == "larql fail\n");
    probe_status = SKW_E_UNSUPPORTED;
    BOOST_TEST(check() == "larql skip\n");
    probe_status = SKW_E_TIMED_OUT;
    BOOST_TEST(check() == "larql fail\n");
    BOOST_TEST(text(0).find("hangs") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// What a vindex of a repository would take, told before anything is fetched.
#include "fake_host.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace json = boost::json;
using namespace skw::test;

namespace {

json::value inspect(FakeHost& host, const std::string& options = "{}")
{
    const Outcome outcome = host.inspect(
        R"({"schema":"skw.inspect_request/1","kind":"vindex","input":{"id":"source","repo":"tiny/m","revision":")" +
        std::string(40, 'a') + R"("},"options":)" + options + "}");
    BOOST_TEST_REQUIRE(outcome.status == SKW_OK);
    return json::parse(outcome.document);
}

std::uint64_t total(const json::value& document, std::string_view name)
{
    return document.at("totals").at(name).to_number<std::uint64_t>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(vindex_inspect)

BOOST_AUTO_TEST_CASE(fetched_bytes_are_those_of_the_files_that_larql_reads_and_the_disk_holds_both)
{
    FakeHost host;
    host.source = sample_of(Kind::dense).files();
    host.source["README.md"] = std::string(1000, 'x');
    std::uint64_t all = 0;
    for (const auto& [path, bytes] : host.source) {
        all += path == "README.md" ? 0 : bytes.size();
    }
    const json::value document = inspect(host);
    BOOST_TEST(document.at("refusals").as_array().empty());
    BOOST_TEST(total(document, "fetch_bytes") == all);
    BOOST_TEST(total(document, "scratch_bytes") >= all + total(document, "output_bytes"));
    BOOST_TEST(host.fetched.empty());
}

BOOST_AUTO_TEST_CASE(what_larql_cannot_extract_is_a_refusal_and_no_failure)
{
    FakeHost host;
    host.source = sample_of(Kind::dense).files();
    json::value refused = inspect(host, R"({"slices":["expert-server"]})"); // it has no experts
    BOOST_TEST(refused.at("refusals").as_array().size() == 1u);
    BOOST_TEST(refused.at("totals").at("fetch_bytes").is_null());
    host.source.erase("tokenizer.json");
    refused = inspect(host);
    BOOST_TEST(refused.at("refusals").as_array().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

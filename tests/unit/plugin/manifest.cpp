// SPDX-License-Identifier: Apache-2.0
// A hostile manifest is refused with the reason.
#include "plugin/manifest.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace skw::plugin {
namespace {

using testing::error_of;
using testing::make_manifest;

std::string complaint(json::object manifest, const std::function<void(json::object&)>& edit)
{
    edit(manifest);
    return std::string(error_of([&] { parse_manifest(canonical_json(manifest), "manifest"); }).reason());
}

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_manifest)

BOOST_AUTO_TEST_CASE(a_manifest_gives_its_facts_and_the_library_for_this_platform)
{
    const Manifest manifest = parse_manifest(pretty_json(make_manifest("acme.make", "make", "bytes")), "m");
    BOOST_TEST(manifest.id == "acme.make");
    BOOST_TEST(manifest.kinds.at(0).name == "make");
    BOOST_TEST_REQUIRE(manifest.library.has_value());
    BOOST_TEST(manifest.library->path == "plugin.so");
    BOOST_TEST(manifest.library->size == 5u);
}

BOOST_AUTO_TEST_CASE(only_a_manifest_that_asks_for_the_token_asks_for_it)
{
    json::object manifest = make_manifest("acme.make", "make", "bytes");
    BOOST_TEST(!parse_manifest(canonical_json(manifest), "m").asks_for_token);
    manifest["needs"].as_object()["token"] = true;
    BOOST_TEST(parse_manifest(canonical_json(manifest), "m").asks_for_token);
    manifest["needs"].as_object()["token"] = false;
    BOOST_TEST(!parse_manifest(canonical_json(manifest), "m").asks_for_token);
    manifest["needs"].as_object()["token"] = "yes";
    BOOST_CHECK_THROW(parse_manifest(canonical_json(manifest), "m"), Error);
}

BOOST_AUTO_TEST_CASE(a_manifest_for_other_platforms_only_gives_no_library)
{
    json::object manifest = make_manifest("acme.make", "make", "bytes");
    manifest["artifacts"].at(0).as_object()["os"] = "plan9";
    const Manifest parsed = parse_manifest(canonical_json(manifest), "m");
    BOOST_TEST(!parsed.library.has_value());
    BOOST_TEST(parsed.platforms.at(0).starts_with("plan9-"));
}

struct Hostile {
    const char* pointer; // member to replace, as JSON Pointer
    const char* value;   // as JSON; "" removes it
    const char* said;    // part of the complaint
};

std::ostream& operator<<(std::ostream& out, const Hostile& hostile)
{
    return out << hostile.pointer << " = " << hostile.value;
}

const Hostile hostile_manifests[] = {
    {"/schema", "\"skw.plan/1\"", "/schema"},
    {"/schema", "", "/schema"},
    {"/id", "\"ab\"", "/id"},
    {"/id", "\"noDots\"", "/id"},
    {"/id", "\"nodots\"", "/id"},
    {"/id", "\"Acme.make\"", "/id"},
    {"/id", "\"acme..make\"", "/id"},
    {"/id", "\".acme.make\"", "/id"},
    {"/id", "\"acme.make.\"", "/id"},
    {"/id", "\"../../evil.so\"", "/id"},
    {"/id", "\"con.acme\"", "/id"},
    {"/id", "\"lpt1.acme\"", "/id"},
    {"/id", "\"acme.make\\n\"", "/id"},
    {"/id", "7", "/id"},
    {"/version", "\"1.0\"", "/version"},
    {"/version", "\"01.0.0\"", "/version"},
    {"/version", "\"1.0.0-01\"", "/version"},
    {"/version", "\"1.0.0 \"", "/version"},
    {"/name", "\"line\\nbreak\"", "/name"},
    {"/name", "\"\\u001b[31mred\"", "/name"},
    {"/license", "", "/license"},
    {"/abi", "3", "/abi"},
    {"/abi/major", "-1", "/abi/major"},
    {"/abi/minor", "70000", "/abi/minor"},
    {"/abi/min_host_minor", "1", "/abi/min_host_minor"},
    {"/kinds", "[]", "/kinds"},
    {"/kinds", "{}", "/kinds"},
    {"/kinds/0/name", "\"all\"", "/kinds/0/name"},
    {"/kinds/0/name", "\"-x\"", "/kinds/0/name"},
    {"/kinds/0/name", "\"a b\"", "/kinds/0/name"},
    {"/kinds/0/title", "\"\\u0007\"", "/kinds/0/title"},
    {"/kinds", R"([{"name":"a","title":"t"},{"name":"a","title":"t"}])", "twice"},
    {"/artifacts", "[]", "/artifacts"},
    {"/artifacts/0/library", "\"../plugin.so\"", "/artifacts/0/library"},
    {"/artifacts/0/library", "\"/etc/passwd\"", "/artifacts/0/library"},
    {"/artifacts/0/library", "\"a/../../b.so\"", "/artifacts/0/library"},
    {"/artifacts/0/library", "\"\"", "/artifacts/0/library"},
    {"/artifacts/0/library", "\"a\\u0000b\"", "/artifacts/0/library"},
    {"/artifacts/0/size", "0", "/artifacts/0/size"},
    {"/artifacts/0/size", "-5", "/artifacts/0/size"},
    {"/artifacts/0/size", "1.5", "/artifacts/0/size"},
    {"/artifacts/0/sha256", "\"00\"", "/artifacts/0/sha256"},
    {"/artifacts/0/companions", R"([{"path":"../x","sha256":"00"}])", "/artifacts/0/companions/0/path"},
    {"/needs/tools", R"(["a/b"])", "/needs/tools"},
};

BOOST_DATA_TEST_CASE(a_hostile_member_is_refused_and_named, boost::unit_test::data::make(hostile_manifests),
                     hostile)
{
    const std::string reason = complaint(make_manifest("acme.make", "make", "bytes"), [&](json::object& top) {
        json::value whole(top);
        const std::string pointer = hostile.pointer;
        const std::size_t cut = pointer.rfind('/');
        json::value& parent = cut == 0 ? whole : whole.at_pointer(pointer.substr(0, cut));
        const std::string name = pointer.substr(cut + 1);
        if (*hostile.value == '\0') {
            parent.as_object().erase(name);
        } else {
            parent.as_object()[name] = json::parse(hostile.value);
        }
        top = whole.as_object();
    });
    BOOST_TEST(reason.find(hostile.said) != std::string::npos, reason);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_bounded_json_is_refused)
{
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[]"), std::string(300u << 10, ' '),
          std::string(1000, '['), std::string(R"({"id":"a.b","id":"c.d"})"), std::string("\xff\xfe")}) {
        BOOST_CHECK_THROW(parse_manifest(text, "m"), Error);
    }
}

BOOST_AUTO_TEST_CASE(semantic_versions_are_told_from_others)
{
    for (const char* good :
         {"0.0.0", "1.2.3", "10.20.30", "1.0.0-rc.1", "1.0.0-0a", "1.0.0+build.007", "1.0.0-a+b-c"}) {
        BOOST_TEST(is_semver(good), good);
    }
    for (const char* bad : {"", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1.2.3-", "1.2.3+", "1.2.3-a..b",
                            "1.02.3", "1.2.3-\xc3\xa4", "1234567890.0.0"}) {
        BOOST_TEST(!is_semver(bad), bad);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Fields decided for one run are held to the rules of the catalog.
#include "publish/settings.hpp"

#include "support/error.hpp"
#include "unit/error_of.hpp"

#include <boost/test/unit_test.hpp>

#include <span>

namespace {

using skw::Error;
using skw::publish::apply_settings;
using skw::publish::Kinds;
using skw::publish::options_of;
using skw::publish::parse_setting;
using skw::publish::Setting;
using skw::testing::error_of;

const Kinds& shipped()
{
    static const Kinds kinds(
        skw::plugin::discover({{SKW_BUILD_DIR "/lib/skulk-weights/plugins", "builtin"}}));
    return kinds;
}

skw::catalog::Entry entry()
{
    skw::catalog::Entry out;
    out.key = "acme/a";
    out.fields = skw::parse_json(R"({"key":"acme/a","source_model":"o/m","quant":"q4k","tier":"smoke",
        "slices":["full"],"output_name":"a.vindex","hf_repo":"acme/a","mtp_source_repo":"o/m",
        "mtp_sidecar_repo":"acme/m-mtp"})",
                                 "")
                     .as_object();
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_settings)

BOOST_AUTO_TEST_CASE(a_word_is_text_and_json_is_itself)
{
    BOOST_TEST(parse_setting("mtp_names=mtp", shipped()).value == skw::json::value("mtp"));
    BOOST_TEST(parse_setting("mtp_names=", shipped()).value == skw::json::value(""));
    BOOST_TEST(parse_setting("mtp_names=null", shipped()).value.is_null());
    BOOST_TEST(parse_setting("mtp_names=\"quoted\"", shipped()).value == skw::json::value("quoted"));
    BOOST_TEST(parse_setting("mtp_accept=[\"dspark\"]", shipped()).value.is_array());
    BOOST_TEST(parse_setting("mtp_names=3", shipped()).value == skw::json::value(3));
    BOOST_TEST(parse_setting("quant=a=b", shipped()).value == skw::json::value("a=b"));
}

BOOST_AUTO_TEST_CASE(what_is_no_setting_is_refused_with_a_near_field)
{
    BOOST_TEST(error_of([] { parse_setting("mtp_names", shipped()); }).reason().find("FIELD=VALUE") !=
               std::string_view::npos);
    BOOST_TEST(error_of([] { parse_setting("=mtp", shipped()); }).reason().find("FIELD=VALUE") !=
               std::string_view::npos);
    BOOST_TEST(error_of([] { parse_setting("mtp_name=mtp", shipped()); }).hint() ==
               "did you mean mtp_names?");
    // The core's own fields are not decided on a command line: they say what is published where.
    BOOST_CHECK_THROW(parse_setting("hf_repo=a/b", shipped()), Error);
    BOOST_CHECK_THROW(parse_setting("artifacts.acme=3", shipped()), Error);
    BOOST_CHECK_THROW(parse_setting("artifacts..x=3", shipped()), Error);
}

// A field under a kind that reads its fields elsewhere, or that is not there, would be ignored without a
// word.
BOOST_AUTO_TEST_CASE(a_field_below_artifacts_needs_a_kind_that_reads_it_there)
{
    const Error own = error_of([] { parse_setting("artifacts.mtp.mtp_names=mtp", shipped()); });
    BOOST_TEST(own.hint() == "write --set mtp_names=VALUE");
    const Error unknown = error_of([] { parse_setting("artifacts.visoin.x=1", shipped()); });
    BOOST_TEST(unknown.reason() == "there is no artifact kind 'visoin'");
    BOOST_TEST(unknown.hint() == "did you mean vision?");
}

BOOST_AUTO_TEST_CASE(a_setting_replaces_the_entrys_field_and_is_checked_like_it)
{
    skw::catalog::Entry changed = entry();
    const std::vector<Setting> good{parse_setting("mtp_names=mtp", shipped()),
                                    {"artifacts.acme.level", skw::json::value(3)}};
    apply_settings(good, changed, shipped());
    BOOST_TEST(changed.fields.at("mtp_names").as_string() == "mtp");
    BOOST_TEST(changed.fields.at("artifacts").at("acme").at("level").as_int64() == 3);

    const std::vector<Setting> bad{parse_setting("mtp_names=other", shipped())};
    const Error error = error_of([&] { apply_settings(bad, changed, shipped()); });
    BOOST_TEST(error.what() == "--set mtp_names: mtp_names must be one of: stored, mtp; not \"other\"");
}

BOOST_AUTO_TEST_CASE(the_options_of_a_kind_are_its_own_fields_and_checked_by_it)
{
    skw::plugin::Artifact& mtp = shipped().artifact("mtp");
    const std::vector<Setting> own{parse_setting("mtp_names=mtp", shipped())};
    BOOST_TEST(options_of(own, mtp).at("mtp_names").as_string() == "mtp");
    const std::vector<Setting> foreign{parse_setting("quant=q4k", shipped())};
    BOOST_TEST(error_of([&] { options_of(foreign, mtp); }).reason() ==
               "quant is not a field of the kind mtp");
    const std::vector<Setting> wrong{parse_setting("mtp_names=x", shipped())};
    BOOST_TEST(error_of([&] { options_of(wrong, mtp); }).place() == "--set mtp_names");
}

BOOST_AUTO_TEST_CASE(a_field_is_set_once)
{
    const std::vector<Setting> twice{parse_setting("mtp_accept=dspark", shipped()),
                                     parse_setting("mtp_accept=non-finite", shipped())};
    BOOST_TEST(error_of([&] { skw::publish::check_distinct(twice); }).reason() ==
               "mtp_accept is given twice");
    skw::publish::check_distinct(std::span(twice).first(1));
}

BOOST_AUTO_TEST_SUITE_END()

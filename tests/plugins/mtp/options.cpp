// SPDX-License-Identifier: Apache-2.0
// The four fields: every word, every default, and what is refused.
#include "mtp/options.hpp"

#include <skw/failure.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace skw::mtp;

namespace {

Options options_of(std::string_view fields)
{
    return read_options(boost::json::parse(fields).as_object());
}

std::string refusal(std::string_view fields)
{
    try {
        options_of(fields);
    } catch (const skw::sdk::Failure& failure) {
        return failure.place() + ": " + failure.message();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_options)

BOOST_AUTO_TEST_CASE(absent_and_null_fields_are_the_defaults)
{
    for (const char* fields :
         {"{}", R"({"mtp_names":null,"mtp_keep_f32":null,"mtp_shared_copies":null,"mtp_accept":null})",
          R"({"mtp_names":"stored","mtp_keep_f32":"routing","mtp_shared_copies":"keep","mtp_accept":[]})"}) {
        const Options options = options_of(fields);
        BOOST_TEST(!options.rename_layers);
        BOOST_TEST((options.keep_f32 == KeepF32::routing));
        BOOST_TEST(!options.omit_copies);
        BOOST_TEST(!(options.accept_dspark || options.accept_unknown || options.accept_nonfinite));
        BOOST_TEST(options_json(options).empty());
        BOOST_TEST(options_text(options) == "");
    }
}

BOOST_AUTO_TEST_CASE(what_differs_comes_back_as_it_went_in)
{
    const std::string all = R"({"mtp_names":"mtp","mtp_keep_f32":"none","mtp_shared_copies":"omit",)"
                            R"("mtp_accept":["dspark","unknown-block","fewer-layers","non-finite"]})";
    BOOST_TEST(boost::json::serialize(options_json(options_of(all))) == all);
    BOOST_TEST(options_text(options_of(all)) == "mtp_names=mtp mtp_keep_f32=none mtp_shared_copies=omit "
                                                "mtp_accept=dspark,unknown-block,fewer-layers,non-finite");
    BOOST_TEST((options_of(R"({"mtp_keep_f32":"all"})").keep_f32 == KeepF32::all));
    // One word needs no list: it is how a command line says it.
    BOOST_TEST(options_of(R"({"mtp_accept":"dspark"})").accept_dspark);
    BOOST_TEST(options_text(options_of(R"({"mtp_accept":"non-finite, dspark"})")) ==
               "mtp_accept=dspark,non-finite");
}

BOOST_AUTO_TEST_CASE(other_words_and_types_are_refused_with_the_words_there_are)
{
    BOOST_TEST(refusal(R"({"mtp_names":"x"})") ==
               "mtp_names: mtp_names must be one of: stored, mtp; not \"x\"");
    BOOST_TEST(refusal(R"({"mtp_names":true})") ==
               "mtp_names: mtp_names must be one of: stored, mtp; not true");
    BOOST_TEST(refusal(R"({"mtp_keep_f32":""})") ==
               "mtp_keep_f32: mtp_keep_f32 must be one of: routing, none, all; not \"\"");
    BOOST_TEST(refusal(R"({"mtp_shared_copies":"drop"})") ==
               "mtp_shared_copies: mtp_shared_copies must be one of: keep, omit; not \"drop\"");
    for (const char* fields : {R"({"mtp_accept":"all"})", R"({"mtp_accept":"dspark,"})",
                               R"({"mtp_accept":["dspark",1]})", R"({"mtp_accept":3})"}) {
        BOOST_TEST(refusal(fields).starts_with("mtp_accept: mtp_accept must be a list of, or one of: dspark, "
                                               "unknown-block, fewer-layers, non-finite; not "));
    }
}

BOOST_AUTO_TEST_SUITE_END()

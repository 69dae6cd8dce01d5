// SPDX-License-Identifier: Apache-2.0
// The plan of the shipped artifact kinds prints as scripts read it, byte for byte.
#include "publish/plan.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using skw::publish::Kinds;
using skw::publish::plan_publish;
using skw::publish::plan_text;
using skw::publish::Request;

Kinds shipped()
{
    return Kinds(skw::plugin::discover({{SKW_BUILD_DIR "/lib/skulk-weights/plugins", "builtin"}}));
}

Request everything()
{
    Request request;
    request.entry.key = "acme/a";
    request.entry.source_model = "o/m";
    request.entry.tier = "smoke";
    request.entry.hf_repo = "acme/a";
    request.entry.fields =
        skw::parse_json(R"({"key":"acme/a","source_model":"o/m","quant":"q4k","tier":"smoke",
        "slices":["full"],"output_name":"a.vindex","hf_repo":"acme/a","mtp_source_repo":"o/m",
        "mtp_sidecar_repo":"acme/m-mtp","vision_source_repo":"third/v","vision_sidecar_repo":"acme/v-vision"})",
                        "")
            .as_object();
    request.scratch = "S";
    request.collection.slug = "acme/col-1";
    return request;
}

constexpr const char* head =
    "model key: acme/a\ntier: smoke\nartifact: all\nsource model: o/m\noutput path: S/a.vindex\n"
    "target repo: hf://acme/a\nvindex collection: https://huggingface.co/collections/acme/col-1\n"
    "publish slices: none\nforce overwrite: 0\n";

} // namespace

BOOST_AUTO_TEST_SUITE(publish_plan)

// The contract's section 2; the options behind "--slices none" are what is run besides.
BOOST_AUTO_TEST_CASE(an_entry_with_every_field_prints_the_contracts_example)
{
    BOOST_TEST(
        plan_text(plan_publish(everything(), shipped())) ==
        std::string(head) +
            "extract command: larql extract o/m -o S/a.vindex --quant q4k\n"
            "publish command: larql publish S/a.vindex --repo acme/a --slices none --collections none\n"
            "mtp source repo:  hf://o/m\n"
            "mtp sidecar repo: hf://acme/m-mtp/mtp.safetensors\n"
            "mtp precision:    bf16 (unquantized)\n"
            "mtp output path:  S/acme--m-mtp-mtp.safetensors\n"
            "mtp collection:   MTP Sidecars\n"
            "vision source repo:  hf://third/v\n"
            "vision sidecar repo: hf://acme/v-vision\n"
            "vision step:         mirror weights + configs (no quantization)\n"
            "vision collection:   Vision Sidecars\n");
}

BOOST_AUTO_TEST_CASE(without_a_collection_no_artifact_names_one)
{
    Request request = everything();
    request.collection = {};
    const std::string text = plan_text(plan_publish(request, shipped()));
    BOOST_TEST(text.find("collection: disabled\n") != std::string::npos);
    BOOST_TEST(text.find("Sidecars") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_entry_does_not_ask_for_is_said_in_one_line)
{
    Request request = everything();
    for (const char* field :
         {"mtp_source_repo", "mtp_sidecar_repo", "vision_source_repo", "vision_sidecar_repo"}) {
        request.entry.fields.erase(field);
    }
    request.force = true;
    const std::string text = plan_text(plan_publish(request, shipped()));
    BOOST_TEST(text.ends_with(
        "mtp step: not configured for this entry\nvision step: not configured for this entry\n"));
    BOOST_TEST(text.find("force overwrite: 1\n") != std::string::npos);
    request.artifacts = {"mtp"};
    const auto plan = plan_publish(request, shipped());
    BOOST_TEST(plan.artifacts.at(0).message == "no MTP sidecar configured for acme/a; add mtp_source_repo "
                                               "and mtp_sidecar_repo to the catalog entry");
}

BOOST_AUTO_TEST_CASE(one_artifact_prints_its_own_lines_only)
{
    Request request = everything();
    request.artifacts = {"vision"};
    const std::string text = plan_text(plan_publish(request, shipped()));
    BOOST_TEST(text.find("larql") == std::string::npos);
    BOOST_TEST(text.find("mtp ") == std::string::npos);
    BOOST_TEST(text.find("artifact: vision\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(words_of_commands_are_quoted_for_a_shell)
{
    Request request = everything();
    request.artifacts = {"vindex"};
    request.scratch = "/tmp/my room";
    const std::string text = plan_text(plan_publish(request, shipped()));
    BOOST_TEST(text.find("larql extract o/m -o '/tmp/my room/a.vindex' --quant q4k\n") != std::string::npos,
               text);
    BOOST_TEST(text.find("output path: /tmp/my room/a.vindex\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(the_same_request_gives_the_same_bytes)
{
    const auto once = skw::canonical_json(skw::publish::plan_json({plan_publish(everything(), shipped())}));
    BOOST_TEST(once == skw::canonical_json(skw::publish::plan_json({plan_publish(everything(), shipped())})));
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_is_refused_with_a_near_one)
{
    Request request = everything();
    request.artifacts = {"mpt"};
    BOOST_CHECK_EXCEPTION(plan_publish(request, shipped()), skw::Error,
                          [](const skw::Error& error) { return error.hint() == "did you mean mtp?"; });
}

BOOST_AUTO_TEST_SUITE_END()

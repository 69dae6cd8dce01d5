// SPDX-License-Identifier: Apache-2.0
// One target is one entry's, or that of several which would make the same thing of it.
#include "publish/shared_target.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

namespace json = skw::json;

struct One {
    skw::publish::Request request;
    skw::publish::ArtifactPlan artifact;
};

One one(const char* key, const char* source = "lab/model", const char* kind = "mtp")
{
    One out;
    out.request.entry.key = key;
    out.request.entry.fields = {{"key", key}, {"mtp_source_repo", source}, {"mtp_sidecar_repo", "acme/m"}};
    out.artifact.kind = {kind, "", "", {"mtp_source_repo", "mtp_sidecar_repo", "mtp_names"}};
    out.artifact.document =
        json::object{{"inputs", {json::object{{"id", "source"}, {"repo", source}, {"revision", nullptr}}}},
                     {"target", {{"repo", "acme/m"}}}};
    return out;
}

// What is said of the second, which comes after the first; the entry that came before where nothing is wrong.
std::string said(const One& first, const One& second)
{
    skw::publish::SharedTargets targets;
    BOOST_TEST(targets.claim(first.request, first.artifact) == "");
    try {
        return targets.claim(second.request, second.artifact);
    } catch (const skw::Error& error) {
        BOOST_TEST((error.code() == skw::ErrorCode::bad_input));
        return error.what();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_shared_target)

BOOST_AUTO_TEST_CASE(the_same_work_is_shared_and_another_target_is_nobodys)
{
    BOOST_TEST(said(one("a"), one("b")) == "a");
    One other = one("b");
    other.artifact.document.at("target").at("repo") = "acme/n";
    BOOST_TEST(said(one("a"), other) == "");
}

BOOST_AUTO_TEST_CASE(another_source_revision_kind_or_option_is_refused_with_both_entries)
{
    const auto ends = [](const char* subject) {
        return ", which do not say the same: " + std::string(subject) +
               " differs, so the second would replace the first";
    };
    const std::string begin = "hf://acme/m: is the target of mtp of the entry a and of ";
    BOOST_TEST(said(one("a"), one("b", "lab/other")) == begin + "mtp of the entry b" + ends("the source"));
    BOOST_TEST(said(one("a"), one("a", "lab/model", "vision")) ==
               begin + "vision of the entry a" + ends("the kind"));
    One later = one("b");
    later.artifact.document.at("inputs").at(0).at("revision") = "v2";
    BOOST_TEST(said(one("a"), later) == begin + "mtp of the entry b" + ends("the source"));
    One option = one("b");
    option.request.entry.fields["mtp_names"] = "mtp";
    BOOST_TEST(said(one("a"), option) == begin + "mtp of the entry b" + ends("mtp_names"));
    BOOST_TEST(said(option, one("a")).ends_with(ends("mtp_names")));
    One own = one("b");
    own.request.entry.fields["artifacts"] = json::object{{"mtp", {{"size", 2}}}};
    BOOST_TEST(said(one("a"), own) == begin + "mtp of the entry b" + ends("artifacts.mtp"));
}

BOOST_AUTO_TEST_CASE(a_source_that_is_named_by_one_and_known_to_the_other_is_the_same)
{
    One silent = one("b");
    silent.request.entry.fields.erase("mtp_source_repo");
    BOOST_TEST(said(one("a"), silent) == "a");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Nothing of somebody else's is published over.
#include "publish/target_guard.hpp"

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using skw::publish::TargetState;

skw::json::object plan()
{
    return skw::parse_json(
               R"({"outputs":[{"path":"mtp.safetensors"}],"card":{"artifact_type":"mtp-sidecar"}})", "")
        .as_object();
}

TargetState target(std::initializer_list<const char*> paths, const char* card = nullptr)
{
    TargetState state{skw::RepoId::parse("acme/x").value(), {}, false, {}, {}};
    for (const char* path : paths) {
        state.files.push_back({skw::RepoPath::parse(path).value(), 1, "", {}, {}});
    }
    if (card != nullptr) {
        state.card = skw::parse_json(card, "").as_object();
    }
    return state;
}

bool is_refused(const TargetState& state, const skw::json::object& plan = ::plan(), bool force = false)
{
    try {
        skw::publish::refuse_foreign_target(state, plan, force);
    } catch (const skw::Error& error) {
        return error.code() == skw::ErrorCode::bad_input;
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_target_guard)

BOOST_AUTO_TEST_CASE(an_empty_repo_and_one_of_our_kind_are_fine)
{
    BOOST_TEST(!is_refused(target({})));
    BOOST_TEST(!is_refused(target({".gitattributes", "README.md"})));
    BOOST_TEST(!is_refused(target({"mtp.safetensors", "README.md"})));
    BOOST_TEST(!is_refused(
        target({"mtp.safetensors", "config.json"}, R"({"foxlight":{"artifact_type":"mtp-sidecar"}})")));
}

BOOST_AUTO_TEST_CASE(another_kind_and_a_model_of_somebody_are_refused)
{
    BOOST_TEST(is_refused(target({}, R"({"foxlight":{"artifact_type":"vision-sidecar"}})")));
    BOOST_TEST(is_refused(target({"config.json"})));
    BOOST_TEST(is_refused(target({"model.safetensors"}, R"({"license":"mit"})")));
}

BOOST_AUTO_TEST_CASE(a_plan_that_takes_the_whole_repo_refuses_whatever_is_not_ours)
{
    const auto mirror = skw::parse_json(
                            R"({"outputs":[],"mirrors":[{"input":"source","prune":["*"]}],"steps":[],
                                "card":{"artifact_type":"vision-sidecar"}})",
                            "")
                            .as_object();
    const auto tool = skw::parse_json(R"({"outputs":[],"steps":[{"id":"up","uploads":"made"}],
                                          "card":{"artifact_type":"vindex"}})",
                                      "")
                          .as_object();
    for (const auto& plan : {mirror, tool}) {
        BOOST_TEST(is_refused(target({"model.gguf"}), plan));
        BOOST_TEST(is_refused(target({"README.md", "notes.md"}), plan));
        BOOST_TEST(!is_refused(target({"README.md", ".gitattributes", "LICENSE"}), plan));
    }
    BOOST_TEST(!is_refused(target({"x.json"}, R"({"foxlight":{"artifact_type":"vindex"}})"), tool));
    // forced: beside what is there, but never by a tool that removes what it does not know
    BOOST_TEST(!is_refused(target({"model.gguf"}), mirror, true));
    BOOST_TEST(is_refused(target({"model.gguf"}), tool, true));
    BOOST_TEST(is_refused(target({}, R"({"foxlight":{"artifact_type":"mtp-sidecar"}})"), tool, true));
}

BOOST_AUTO_TEST_CASE(a_repo_that_somebody_filled_meanwhile_is_a_conflict)
{
    skw::hub::Tree tree{
        skw::RepoId::parse("acme/x").value(), skw::CommitId::parse(std::string(40, '0')).value(), {}};
    skw::publish::refuse_if_filled(tree);
    tree.files.push_back({skw::RepoPath::parse(".gitattributes").value(), 1, "", {}, {}});
    skw::publish::refuse_if_filled(tree);
    tree.files.push_back({skw::RepoPath::parse("a").value(), 1, "", {}, {}});
    BOOST_CHECK_THROW(skw::publish::refuse_if_filled(tree), skw::Error);
}

BOOST_AUTO_TEST_SUITE_END()

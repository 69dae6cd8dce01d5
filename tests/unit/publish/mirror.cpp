// SPDX-License-Identifier: Apache-2.0
// A mirror is decided by listings: what stands there stays, what is gone goes, terms travel along.
#include "publish/mirror.hpp"

#include "support/digest.hpp"
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using skw::hub::RemoteFile;
using skw::publish::Facts;
using skw::publish::Mirror;

RemoteFile small(const char* path, const std::string& content)
{
    return {skw::RepoPath::parse(path).value(), content.size(), skw::git_blob_id(content), {}, {}};
}

RemoteFile large(const char* path, const std::string& content)
{
    return {skw::RepoPath::parse(path).value(), content.size(), "pointer", skw::sha256_of(content), {}};
}

skw::json::object plan()
{
    return skw::parse_json(R"({"outputs":[],"mirrors":[{"input":"source","prune":["*.safetensors","*.json"]}],
                               "card":{"source_repo":"lab/v","artifact_type":"vision-sidecar"}})",
                           "")
        .as_object();
}

skw::hub::Tree tree(const char* repo, std::vector<RemoteFile> files)
{
    return {skw::RepoId::parse(repo).value(), skw::CommitId::parse(std::string(40, '1')).value(),
            std::move(files)};
}

std::optional<skw::json::object> ours()
{
    return skw::parse_json(R"({"foxlight":{"artifact_type":"vision-sidecar"}})", "").as_object();
}

// Small files are asked for where one side has no SHA-256: here their content is always "weights".
skw::Sha256 hash_small(const skw::RepoId&, const skw::CommitId&, const RemoteFile&)
{
    return skw::sha256_of("weights");
}

Facts facts(std::vector<RemoteFile> source, std::vector<RemoteFile> target)
{
    const skw::RepoId repo = skw::RepoId::parse("lab/v").value();
    skw::hub::RepoInfo info{repo, skw::CommitId::parse(std::string(40, '1')).value(), {}, {}, false, false};
    std::vector<RemoteFile> terms = {small("LICENSE", "terms")};
    skw::publish::TargetState state{
        skw::RepoId::parse("acme/v").value(), info.head, false, std::move(target), ours()};
    return {{{"source", info, tree("lab/v", std::move(source)), std::move(terms)}}, std::move(state), {}};
}

Mirror compare(const Facts& facts)
{
    std::vector<skw::plugin::MirroredFile> declared;
    for (const RemoteFile& file : facts.inputs[0].tree.files) {
        declared.push_back({"source", {file.path.text(), file.size, file.sha256, file.blob_id}});
    }
    return compare_mirror(plan(), facts, declared, hash_small);
}

std::vector<std::string> texts(const Mirror& mirror)
{
    std::vector<std::string> out;
    for (const auto& piece : mirror.pieces) {
        out.push_back(piece.file.path.text() + (piece.at_target ? " there" : " comes"));
    }
    for (const skw::RepoPath& path : mirror.removals) {
        out.push_back(path.text() + " goes");
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(publish_mirror)

BOOST_AUTO_TEST_CASE(each_file_comes_stays_or_goes)
{
    const Facts state =
        facts({small("config.json", "new"), large("model.safetensors", "weights")},
              {small(".gitattributes", "x"), small("README.md", "card"), small("config.json", "old"),
               large("model.safetensors", "weights"), large("old.safetensors", "gone"),
               small("notes.md", "somebody's"), small("sub/extra.json", "stale")});
    const Mirror mirror = compare(state);
    BOOST_TEST(texts(mirror) ==
                   (std::vector<std::string>{"LICENSE comes", "config.json comes", "model.safetensors there",
                                             "old.safetensors goes", "sub/extra.json goes"}),
               boost::test_tools::per_element());
    BOOST_TEST(!mirror.changes_nothing());
}

BOOST_AUTO_TEST_CASE(the_same_content_changes_nothing)
{
    const Facts state = facts({large("model.safetensors", "weights")},
                              {small("LICENSE", "terms"), large("model.safetensors", "weights")});
    BOOST_TEST(compare(state).changes_nothing());
    // once inside git and once beside it, with one content and with another
    BOOST_TEST(compare(facts({large("model.safetensors", "weights")},
                             {small("LICENSE", "terms"), small("model.safetensors", "weights")}))
                   .changes_nothing());
    BOOST_TEST(!compare(facts({large("model.safetensors", "heights")},
                              {small("LICENSE", "terms"), small("model.safetensors", "weights")}))
                    .changes_nothing());
    // one size, other content
    BOOST_TEST(!compare(facts({large("model.safetensors", "weights")},
                              {small("LICENSE", "terms"), large("model.safetensors", "weighty")}))
                    .changes_nothing());
}

BOOST_AUTO_TEST_CASE(a_target_that_differs_afterwards_is_named_file_by_file)
{
    const Facts state = facts({small("config.json", "c"), large("model.safetensors", "weights")},
                              {large("old.safetensors", "x")});
    const Mirror mirror = compare(state);
    check_mirror(mirror, tree("acme/v", {small("LICENSE", "terms"), small("config.json", "c"),
                                         large("model.safetensors", "weights")}));
    BOOST_CHECK_EXCEPTION(
        check_mirror(mirror, tree("acme/v", {small("LICENSE", "terms"), small("config.json", "d"),
                                             large("old.safetensors", "x")})),
        skw::Error, [](const skw::Error& error) {
            return error.reason().find("config.json has other content") != std::string_view::npos &&
                   error.reason().find("model.safetensors is missing") != std::string_view::npos &&
                   error.reason().find("old.safetensors is still there") != std::string_view::npos;
        });
}

BOOST_AUTO_TEST_CASE(nothing_is_removed_from_a_repo_that_is_not_ours)
{
    Facts state = facts({large("model.safetensors", "weights")}, {large("old.safetensors", "theirs")});
    state.target.card.reset();
    BOOST_TEST(compare(state).removals.empty());
}

BOOST_AUTO_TEST_CASE(a_file_the_input_does_not_have_is_the_plugins_fault)
{
    const Facts state = facts({}, {});
    BOOST_CHECK_EXCEPTION(compare_mirror(plan(), state, {{"source", {"ghost", 1, {}, {}}}}, hash_small),
                          skw::Error,
                          [](const skw::Error& error) { return error.code() == skw::ErrorCode::contract; });
}

BOOST_AUTO_TEST_SUITE_END()

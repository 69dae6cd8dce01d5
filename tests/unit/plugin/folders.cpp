// SPDX-License-Identifier: Apache-2.0
// What lies where a plan's folder goes is refused in the contract's words, or removed without following
// links.
#include "plugin/folders.hpp"

#include "plugin/scratch.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/unit_test.hpp>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::tree_of;

struct Root {
    Root()
    {
        fs::create_directory(root);
        fs::create_directory(victim);
        write_file_atomically(victim / "precious", "p");
        rights.folders = {"a.vindex", "b.vindex"};
    }
    TempFolder folder;
    const fs::path root = folder.path() / "root";
    const fs::path victim = folder.path() / "victim";
    const json::value plan = {{"kind", "vindex"},
                              {"target", {{"repo", "acme/x"}}},
                              {"folders", json::array{"a.vindex", "b.vindex"}}};
    Rights rights;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_folders, Root)

BOOST_AUTO_TEST_CASE(an_existing_folder_is_refused_in_the_words_of_the_contract)
{
    BOOST_CHECK_NO_THROW(refuse_existing_folders(plan, "org.example.x", root, "scratch"));
    fs::create_directory(root / "b.vindex");
    const Error error = error_of([&] { refuse_existing_folders(plan, "org.example.x", root, "scratch"); });
    BOOST_TEST((error.code() == ErrorCode::bad_input));
    // cli-contract 8, byte for byte.
    BOOST_TEST(error.what() == "output path already exists: scratch/b.vindex\n"
                               "remove it manually or rerun with --force to replace it");
    BOOST_TEST(error_of([&] { prepare_folders(rights, {}, root, {}, false); }).reason() ==
               "output path already exists: " + (root / "b.vindex").native() +
                   "\nremove it manually or rerun with --force to replace it");
    BOOST_TEST(error_of([&] { refuse_existing_folders(plan, "org.example.x", root, "/"); })
                   .reason()
                   .starts_with("output path already exists: /b.vindex\n"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_this_very_plan_has_kept_may_be_there)
{
    fs::create_directory(root / "a.vindex");
    {
        ScratchRoom room(root, "org.example.x", name_of_plan(plan), std::nullopt);
        room.path();
        room.keep_folder("a.vindex");
    } // failed
    BOOST_CHECK_NO_THROW(refuse_existing_folders(plan, "org.example.x", root, "s"));
    BOOST_CHECK_NO_THROW(prepare_folders(rights, read_kept_folders(root, "org.example.x", name_of_plan(plan)),
                                         root, {}, false));
    BOOST_TEST(fs::exists(root / "a.vindex"));
    // not by another plugin or plan
    BOOST_CHECK_THROW(refuse_existing_folders(plan, "org.example.y", root, "s"), Error);
    json::value other = plan;
    other.as_object()["inputs"] = "another commit";
    BOOST_CHECK_THROW(refuse_existing_folders(other, "org.example.x", root, "s"), Error);
    {
        ScratchRoom room(root, "org.example.x", name_of_plan(plan), std::nullopt);
        room.forget_folders();
        room.path();
    }
    BOOST_CHECK_THROW(refuse_existing_folders(plan, "org.example.x", root, "s"), Error);
}

BOOST_AUTO_TEST_CASE(files_and_broken_links_are_in_the_way_too)
{
    fs::create_symlink("nowhere", root / "a.vindex");
    BOOST_CHECK_THROW(refuse_existing_folders(plan, "org.example.x", root, "s"), Error);
    fs::remove(root / "a.vindex");
    write_file_atomically(root / "a.vindex", "file");
    BOOST_CHECK_THROW(refuse_existing_folders(plan, "org.example.x", root, "s"), Error);
}

BOOST_AUTO_TEST_CASE(a_plan_without_folders_and_a_root_that_is_not_there_are_fine)
{
    BOOST_CHECK_NO_THROW(refuse_existing_folders(json::object(), "org.example.x", root, "s"));
    BOOST_CHECK_NO_THROW(refuse_existing_folders(plan, "org.example.x", root / "not-there", "s"));
}

BOOST_AUTO_TEST_CASE(replacing_removes_the_folder_and_of_a_link_only_the_link)
{
    fs::create_directories(root / "a.vindex/deep");
    fs::create_directory_symlink(victim, root / "a.vindex/deep/link");
    fs::create_directory_symlink(victim, root / "b.vindex");
    const std::vector<fs::path> folders = prepare_folders(rights, {}, root, "s", true);
    BOOST_TEST(folders == (std::vector<fs::path>{root / "a.vindex", root / "b.vindex"}),
               boost::test_tools::per_element());
    BOOST_TEST(tree_of(root).empty());
    BOOST_TEST(fs::exists(victim / "precious"));
}

BOOST_AUTO_TEST_CASE(removing_leaves_what_is_beside)
{
    fs::create_directories(root / "a.vindex/deep");
    write_file_atomically(root / "other", "o");
    remove_folders({root / "a.vindex", root / "never-made"});
    BOOST_TEST(tree_of(root) == std::vector<std::string>{"other"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// What lies in a plugin folder is found, explained and never run.
#include "plugin/host.hpp"

#include "plugin/manifest.hpp"
#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::PluginTree;

std::string status_of(const Inventory& inventory, std::string_view id)
{
    const Candidate* found = inventory.find(id);
    return found == nullptr ? "absent" : found->status;
}

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_discover)

BOOST_AUTO_TEST_CASE(plugins_are_listed_by_id_with_their_facts)
{
    PluginTree tree;
    tree.add("raw");
    tree.add("behaving");
    fs::create_directories(tree.root() / "not-a-plugin");
    const Inventory inventory = tree.discover();
    BOOST_TEST_REQUIRE(inventory.plugins.size() == 2u);
    BOOST_TEST(inventory.plugins[0].id == "test.behaving");
    BOOST_TEST(inventory.plugins[1].id == "test.raw");
    BOOST_TEST(inventory.plugins[1].status == "ok");
    BOOST_TEST(inventory.plugins[1].trust == "built-in");
    BOOST_TEST(inventory.plugins[1].library_sha256.size() == 64u);
    BOOST_TEST(inventory.find_kind("raw") == &inventory.plugins[1]);
    BOOST_TEST(inventory.find("test.raw") == &inventory.plugins[1]);
    BOOST_TEST(inventory.find("raw") == &inventory.plugins[1]);
    BOOST_TEST(inventory.find("nothing") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_plugin_that_asks_for_the_token_is_listed_as_such)
{
    PluginTree tree;
    tree.add("raw");
    tree.add("behaving", {}, {}, [](json::object& manifest) {
        manifest["needs"].as_object()["token"] = true;
    });
    BOOST_TEST(!tree.candidate("test.raw").asks_for_token);
    BOOST_TEST(tree.candidate("test.behaving").asks_for_token);
}

BOOST_AUTO_TEST_CASE(listing_runs_no_plugin_code)
{
    PluginTree tree;
    tree.add("behaving");
    const fs::path mark = tree.root() / "mark";
    BOOST_TEST_REQUIRE(::setenv("SKW_TEST_MARK", mark.c_str(), 1) == 0);
    const Inventory inventory = tree.discover();
    BOOST_TEST(inventory.plugins.size() == 1u);
    BOOST_TEST(!fs::exists(mark));
    load_artifact(inventory.plugins[0], "behaving"); // the fixture would have told
    ::unsetenv("SKW_TEST_MARK");
    BOOST_TEST(fs::exists(mark));
}

BOOST_AUTO_TEST_CASE(a_place_that_does_not_exist_has_no_plugins)
{
    const Inventory inventory = discover({Place{.folder = "/nonexistent/plugins", .source = "builtin"}});
    BOOST_TEST(inventory.plugins.empty());
    BOOST_TEST(inventory.searched.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_changed_library_is_bad_hash)
{
    PluginTree tree;
    const fs::path folder = tree.add("raw");
    std::string bytes = read_file(folder / "plugin.so", 256u << 20);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write_file_atomically(folder / "plugin.so", bytes);
    BOOST_TEST(status_of(tree.discover(), "test.raw") == "bad-hash");
    bytes.pop_back();
    write_file_atomically(folder / "plugin.so", bytes);
    BOOST_TEST(status_of(tree.discover(), "test.raw") == "bad-hash");
}

BOOST_AUTO_TEST_CASE(links_on_the_way_to_the_library_are_refused)
{
    PluginTree tree;
    PluginTree elsewhere;
    const fs::path real = elsewhere.add("raw");

    const fs::path library = tree.add("raw", "test.one") / "plugin.so";
    fs::remove(library);
    fs::create_symlink(real / "plugin.so", library);
    const fs::path manifest = tree.add("raw", "test.two") / manifest_name;
    fs::rename(manifest, manifest.parent_path() / "real.json");
    fs::create_symlink("real.json", manifest);
    fs::create_directory_symlink(real, tree.root() / "test.three");
    const fs::path inner = tree.add("raw", "test.four", "raw", [](json::object& top) {
        top["artifacts"].at(0).as_object()["library"] = "inner/plugin.so";
    });
    fs::create_directory_symlink(real, inner / "inner");

    const Inventory inventory = tree.discover();
    BOOST_TEST(inventory.plugins.size() == 4u);
    for (const Candidate& candidate : inventory.plugins) {
        BOOST_TEST(candidate.status == "bad-manifest", candidate.folder.string());
    }
}

BOOST_AUTO_TEST_CASE(a_library_that_is_missing_or_no_file_is_bad_manifest)
{
    PluginTree tree;
    fs::remove(tree.add("raw", "test.missing") / "plugin.so");
    const fs::path folder = tree.add("raw", "test.folder") / "plugin.so";
    fs::remove(folder);
    fs::create_directory(folder);
    BOOST_TEST(status_of(tree.discover(), "test.missing") == "bad-manifest");
    BOOST_TEST(status_of(tree.discover(), "test.folder") == "bad-manifest");
}

BOOST_AUTO_TEST_CASE(an_unreadable_manifest_keeps_the_others_usable)
{
    PluginTree tree;
    tree.add("raw");
    fs::create_directories(tree.root() / "broken");
    write_file_atomically(tree.root() / "broken" / manifest_name, "{\x1b");
    const Inventory inventory = tree.discover();
    BOOST_TEST(status_of(inventory, "broken") == "bad-manifest");
    BOOST_TEST(status_of(inventory, "test.raw") == "ok");
    BOOST_TEST(inventory.find("broken")->reason.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_this_host_cannot_run_is_incompatible)
{
    PluginTree tree;
    tree.add("raw", "test.major", "raw", [](json::object& top) { top["abi"].as_object()["major"] = 2; });
    tree.add("raw", "test.minor", "raw", [](json::object& top) {
        top["abi"] = {{"major", 1}, {"minor", 9}, {"min_host_minor", 9}};
    });
    tree.add("raw", "test.platform", "raw",
             [](json::object& top) { top["artifacts"].at(0).as_object()["arch"] = "m68k"; });
    const Inventory inventory = tree.discover();
    for (const Candidate& candidate : inventory.plugins) {
        BOOST_TEST(candidate.status == "incompatible", candidate.id);
    }
    BOOST_TEST(inventory.kinds().empty());
}

BOOST_AUTO_TEST_CASE(a_newer_minor_is_fine_if_it_asks_for_none)
{
    PluginTree tree;
    tree.add("raw", "test.newer", "raw", [](json::object& top) {
        top["abi"] = {{"major", 1}, {"minor", 9}, {"min_host_minor", 0}};
    });
    BOOST_TEST(status_of(tree.discover(), "test.newer") == "ok");
}

BOOST_AUTO_TEST_CASE(the_same_id_twice_in_one_place_is_a_conflict)
{
    PluginTree tree;
    tree.add("raw", "test.raw", "raw", {}, "first");
    tree.add("raw", "test.raw", "raw", {}, "second");
    const Inventory inventory = tree.discover();
    BOOST_TEST(inventory.plugins.at(0).status == "conflict");
    BOOST_TEST(inventory.plugins.at(1).status == "conflict");
}

BOOST_AUTO_TEST_CASE(the_first_place_wins_and_a_built_in_always_does)
{
    PluginTree user;
    PluginTree system;
    PluginTree builtin;
    user.add("raw", "test.raw");
    system.add("raw", "test.raw");
    const Place user_place{.folder = user.root(), .source = "user"};
    const Place system_place{.folder = system.root(), .source = "system"};
    const Inventory two = discover({user_place, system_place});
    BOOST_TEST(two.find("test.raw")->source == "user");
    BOOST_TEST(two.plugins.at(1).status == "shadowed");

    builtin.add("raw", "test.raw");
    const Inventory three =
        discover({user_place, system_place, Place{.folder = builtin.root(), .source = "builtin"}});
    BOOST_TEST(three.find("test.raw")->source == "builtin");
    BOOST_TEST(three.find_kind("raw")->source == "builtin");
}

BOOST_AUTO_TEST_CASE(two_plugins_for_one_kind_are_a_conflict_unless_one_is_built_in)
{
    PluginTree user;
    PluginTree builtin;
    user.add("raw", "test.one");
    user.add("raw", "test.two");
    const Place user_place{.folder = user.root(), .source = "user"};
    const Inventory rivals = discover({user_place});
    BOOST_TEST(status_of(rivals, "test.one") == "conflict");
    BOOST_TEST(status_of(rivals, "test.two") == "conflict");
    builtin.add("raw", "test.three");
    const Inventory with = discover({user_place, Place{.folder = builtin.root(), .source = "builtin"}});
    BOOST_TEST(with.find_kind("raw")->id == "test.three");
}

BOOST_AUTO_TEST_CASE(outsiders_may_not_use_our_ids_or_own_top_level_fields)
{
    PluginTree tree;
    tree.add("raw", "skw.evil");
    tree.add("raw", "test.fields", "fields",
             [](json::object& top) { top["kinds"].at(0).as_object()["entry_fields"] = {"quant"}; });
    const Inventory inventory = tree.discover("user");
    BOOST_TEST(status_of(inventory, "skw.evil") == "bad-manifest");
    BOOST_TEST(status_of(inventory, "test.fields") == "bad-manifest");
}

BOOST_AUTO_TEST_CASE(files_that_others_may_write_are_refused_outside_of_the_built_in_place)
{
    PluginTree tree;
    const fs::path library = tree.add("raw") / "plugin.so";
    fs::permissions(library, fs::perms::group_write, fs::perm_options::add);
    BOOST_TEST(status_of(tree.discover("user"), "test.raw") == "bad-permissions");
    BOOST_TEST(status_of(tree.discover("builtin"), "test.raw") == "ok");
}

BOOST_AUTO_TEST_CASE(kinds_come_in_publishing_order)
{
    PluginTree tree;
    for (const char* kind : {"aaa", "vision", "mtp", "vindex"}) {
        tree.add("raw", "test." + std::string(kind), kind);
    }
    const std::vector<std::string> order = {"vindex", "mtp", "vision", "aaa"};
    BOOST_TEST(tree.discover().kinds() == order, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

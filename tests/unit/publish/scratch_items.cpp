// SPDX-License-Identifier: Apache-2.0
// What lies in a scratch root, by its names.
#include "publish/scratch_items.hpp"

#include "plugin/folders.hpp"
#include "plugin/scratch_root.hpp"
#include "publish/targets.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

namespace fs = std::filesystem;
using namespace skw;
using namespace skw::publish;

namespace {

constexpr const char* run = "resume/skw.mtp/01234567-0123456789abcdef";

struct Root {
    Root()
    {
        for (const char* path : {"a.vindex", run, "resume/odd.plugin"}) {
            fs::create_directories(folder.path() / path);
        }
        write_file_atomically(folder.path() / run / "part", std::string(50'000, 'x'));
        write_file_atomically(folder.path() / "acme--x-mtp.safetensors", std::string(9'000, 'x'));
    }
    ScratchListing list() const { return list_scratch(plugin::Tree(folder.path()), "shown"); }
    TempFolder folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(publish_scratch_items)

BOOST_FIXTURE_TEST_CASE(items_are_listed_by_size_and_each_unfinished_run_by_itself, Root)
{
    write_file_atomically(folder.path() / "resume/stray", "x");
    const ScratchListing listing = list();
    std::string text;
    for (const ScratchItem& item : listing.items) {
        text += item.path + ": " + item.what + (item.plugin.empty() ? "" : " of " + item.plugin) + "\n";
    }
    BOOST_TEST(text.starts_with(std::string(run) + ": unfinished run of skw.mtp\n"
                                "acme--x-mtp.safetensors: staged file\n"));
    BOOST_TEST(text.find("a.vindex: vindex\n") != std::string::npos);
    BOOST_TEST(text.find("resume/stray: not known\n") != std::string::npos);
    BOOST_TEST(!listing.is_ours);
    BOOST_TEST(!listing.in_use);
    std::uint64_t sum = 0;
    for (const ScratchItem& item : listing.items) {
        sum += item.size.bytes;
    }
    BOOST_TEST(sum == listing.bytes);
    BOOST_TEST(scratch_json(listing).at("items").as_array().size() == listing.items.size());
}

BOOST_FIXTURE_TEST_CASE(foreign_names_are_those_that_no_version_of_this_program_makes, Root)
{
    BOOST_TEST(foreign_names(plugin::Tree(folder.path())).empty());
    write_file_atomically(folder.path() / "photo.jpg", "x");
    fs::create_directory_symlink("/", folder.path() / "b.vindex");
    const std::vector<std::string> foreign = foreign_names(plugin::Tree(folder.path()));
    BOOST_TEST(foreign == (std::vector<std::string>{"b.vindex", "photo.jpg"}), boost::test_tools::per_element());
    const fs::path made = folder.path() / "made";
    plugin::make_scratch_root(made);
    write_file_atomically(made / "anything", "x");
    BOOST_TEST(foreign_names(plugin::Tree(made)).empty());
}

BOOST_FIXTURE_TEST_CASE(no_more_plans_are_made_than_it_takes_to_name_all_items, Root)
{
    const Kinds kinds(plugin::discover({{SKW_BUILD_DIR "/lib/skulk-weights/plugins", "builtin"}}));
    catalog::Catalog catalog;
    for (const char* name : {"a", "b", "c"}) {
        catalog::Entry& entry = catalog.entries.emplace_back();
        entry.key = std::string("acme/") + name;
        entry.source_model = "o/m";
        entry.hf_repo = entry.key;
        entry.fields = {{"key", entry.key}, {"source_model", "o/m"}, {"quant", "q4k"}, {"slices", json::array{"full"}},
                        {"output_name", std::string(name) + ".vindex"}, {"hf_repo", entry.key}};
    }
    std::size_t visits = 0;
    std::string room;
    const auto no_fault = [](const catalog::Entry&, const Error& error) { BOOST_ERROR(error.what()); };
    const auto first = [&](const Target& target, const json::value& plan) {
        ++visits;
        BOOST_TEST(target.stages);
        BOOST_TEST(target.source->text() == "o/m");
        room = plugin::name_of_target(plan);
        BOOST_TEST(plugin::name_of_plan(plan).starts_with(room + "-"));
        return false;
    };
    visit_targets(catalog.entries, kinds, first, no_fault);
    BOOST_TEST(visits == 1u);
    BOOST_TEST(find_targets(catalog.entries, kinds, no_fault).size() == 3u);

    fs::remove(folder.path() / "acme--x-mtp.safetensors");
    fs::remove_all(folder.path() / "resume");
    fs::create_directories(folder.path() / "resume/skw.vindex" / (room + "-0123456789abcdef"));
    ScratchListing listing = list();
    name_owners(listing, catalog, kinds);
    BOOST_TEST_REQUIRE(listing.items.size() == 2u);
    for (const ScratchItem& item : listing.items) {
        BOOST_TEST_REQUIRE(item.owner.has_value());
        BOOST_TEST(item.owner->key == "acme/a");
        BOOST_TEST(item.owner->kind == "vindex");
    }
}

BOOST_FIXTURE_TEST_CASE(a_folder_named_like_ours_that_holds_something_else_is_foreign, Root)
{
    for (const char* path : {"vision/acme--x", "ui-jobs/01234567-89ab-cdef-0123-456789abcdef",
                             "_hf_cache/models--acme--x/blobs", "_hf_cache/.locks"}) {
        fs::create_directories(folder.path() / path);
    }
    BOOST_TEST(foreign_names(plugin::Tree(folder.path())).empty());
    const std::vector<std::string> strange = {"_hf_cache/photos", "resume/cv.txt", "resume/skw.mtp/letters",
                                              "resume/skw.mtp/link", "ui-jobs/2024", "vision/eyes.png"};
    for (const std::string& path : {strange[1], strange[5]}) {
        write_file_atomically(folder.path() / path, "mine");
    }
    for (const std::string& path : {strange[0], strange[2], strange[4]}) {
        fs::create_directory(folder.path() / path);
    }
    fs::create_directory_symlink(folder.path() / run, folder.path() / strange[3]);
    BOOST_TEST(foreign_names(plugin::Tree(folder.path())) == strange, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

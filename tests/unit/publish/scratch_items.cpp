// SPDX-License-Identifier: Apache-2.0
// What lies in a scratch root, by its names.
#include "publish/scratch_items.hpp"

#include "plugin/scratch_root.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

namespace fs = std::filesystem;
using namespace skw;
using namespace skw::publish;

namespace {

struct Root {
    Root()
    {
        for (const char* path : {"a.vindex", "resume/skw.mtp/0123-4567", "resume/odd.plugin"}) {
            fs::create_directories(folder.path() / path);
        }
        write_file_atomically(folder.path() / "resume/skw.mtp/0123-4567/part", std::string(50'000, 'x'));
        write_file_atomically(folder.path() / "acme--x-mtp.safetensors", std::string(9'000, 'x'));
        write_file_atomically(folder.path() / "resume/stray", "x");
    }
    ScratchListing list() const { return list_scratch(plugin::Tree(folder.path()), "shown", {}); }
    TempFolder folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(publish_scratch_items)

BOOST_FIXTURE_TEST_CASE(items_are_listed_by_size_and_each_unfinished_run_by_itself, Root)
{
    const ScratchListing listing = list();
    std::string text;
    for (const ScratchItem& item : listing.items) {
        text += item.path + ": " + item.what + (item.plugin.empty() ? "" : " of " + item.plugin) + "\n";
    }
    BOOST_TEST(text.starts_with("resume/skw.mtp/0123-4567: unfinished run of skw.mtp\n"
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

BOOST_AUTO_TEST_SUITE_END()

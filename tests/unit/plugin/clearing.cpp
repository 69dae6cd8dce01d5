// SPDX-License-Identifier: Apache-2.0
// Trees measured and removed without a step outside; roots made and known again.
#include "plugin/clearing.hpp"

#include "plugin/scratch_root.hpp"
#include "plugin/staging.hpp"
#include "support/files.hpp"
#include "unit/error_of.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;

struct Room {
    Room()
    {
        fs::create_directories(root / "a/b/c");
        fs::create_directories(outside);
        write_file_atomically(root / "a/b/file", std::string(10'000, 'x'));
        write_file_atomically(outside / "mine", "mine");
        fs::create_symlink(outside, root / "a/link");
        fs::create_symlink(outside / "mine", root / "link");
    }
    TempFolder folder;
    fs::path root = folder.path() / "root", outside = folder.path() / "outside";
};

BOOST_AUTO_TEST_SUITE(plugin_clearing)

BOOST_FIXTURE_TEST_CASE(links_count_as_themselves_and_a_file_of_two_names_counts_once, Room)
{
    const Tree tree(root);
    const TreeSize one = tree.measure();
    BOOST_TEST(one.files == 1u);
    BOOST_TEST(one.folders == 3u);
    BOOST_TEST(one.links == 2u);
    BOOST_TEST(one.bytes >= 10'000u);
    fs::create_hard_link(root / "a/b/file", root / "again");
    const TreeSize two = tree.measure();
    BOOST_TEST(two.files == 2u);
    BOOST_TEST(two.bytes == one.bytes);
    BOOST_TEST(tree.measure("link").bytes <= 4096u);
    BOOST_TEST(tree.estimate("not there").files == 0u);
}

BOOST_FIXTURE_TEST_CASE(everything_below_goes_and_what_links_lead_to_stays, Room)
{
    Tree tree(root);
    tree.remove_content({});
    BOOST_TEST(fs::is_empty(root));
    BOOST_TEST(fs::exists(outside / "mine"));
    tree.remove_root();
    BOOST_TEST(!fs::exists(root));
}

BOOST_FIXTURE_TEST_CASE(a_root_that_is_a_link_a_file_or_not_there_is_refused, Room)
{
    fs::create_directory_symlink(root, folder.path() / "link");
    BOOST_TEST((error_of([&] { Tree(folder.path() / "link"); }).code() == ErrorCode::bad_input));
    BOOST_TEST((error_of([&] { Tree(outside / "mine"); }).code() == ErrorCode::bad_input));
    BOOST_TEST((error_of([&] { Tree(folder.path() / "none"); }).code() == ErrorCode::not_found));
}

BOOST_FIXTURE_TEST_CASE(a_root_that_was_exchanged_is_not_removed, Room)
{
    Tree tree(root);
    tree.remove_content({});
    fs::rename(root, folder.path() / "elsewhere");
    fs::create_directory(root);
    BOOST_TEST((error_of([&] { tree.remove_root(); }).code() == ErrorCode::io));
    BOOST_TEST(fs::exists(root));
}

BOOST_FIXTURE_TEST_CASE(a_request_to_stop_ends_the_removal, Room)
{
    std::stop_source stop;
    stop.request_stop();
    BOOST_TEST((error_of([&] { Tree(root).remove_content(stop.get_token()); }).code() == ErrorCode::cancelled));
    BOOST_TEST(fs::exists(root / "a/b/file"));
}

BOOST_FIXTURE_TEST_CASE(a_removal_that_ends_half_way_has_not_reached_what_goes_last, Room)
{
    write_file_atomically(root / ".first", "");
    Tree tree(root);
    std::stop_source stop;
    stop.request_stop();
    BOOST_TEST((error_of([&] { tree.remove_content(stop.get_token(), ".first"); }).code() == ErrorCode::cancelled));
    BOOST_TEST(fs::exists(root / ".first"));
    fs::remove_all(root / "a");
    fs::remove(root / "link");
    BOOST_TEST((error_of([&] { tree.remove_content(stop.get_token(), ".first"); }).code() == ErrorCode::cancelled));
    BOOST_TEST(fs::exists(root / ".first"));
    tree.remove_content({}, ".first");
    BOOST_TEST(fs::is_empty(root));
}

BOOST_AUTO_TEST_CASE(what_lies_too_deep_is_refused_before_anything_goes)
{
    const TempFolder folder;
    int here = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY);
    for (int level = 0; level < 450; ++level) {
        BOOST_TEST_REQUIRE(::mkdirat(here, "d", 0700) == 0);
        const int inner = ::openat(here, "d", O_RDONLY | O_DIRECTORY);
        ::close(here);
        here = inner;
    }
    ::close(here);
    const Tree tree(folder.path());
    BOOST_TEST((error_of([&] { tree.measure(); }).code() == ErrorCode::unsupported));
    BOOST_TEST(tree.estimate("d").folders >= 300u); // for showing it is no fault
}

BOOST_AUTO_TEST_CASE(only_a_root_that_was_made_here_is_marked)
{
    const TempFolder folder;
    const fs::path made = folder.path() / "a/b/root/", there = folder.path() / "there";
    fs::create_directory(there);
    make_scratch_root(made);
    make_scratch_root(made);
    make_scratch_root(there);
    BOOST_TEST(has_scratch_marker(Tree(folder.path() / "a/b/root").descriptor()));
    BOOST_TEST(!has_scratch_marker(Tree(folder.path() / "a/b").descriptor()));
    BOOST_TEST(!has_scratch_marker(Tree(there).descriptor()));
    fs::create_symlink(folder.path() / "a/b/root" / scratch_marker, there / scratch_marker);
    BOOST_TEST(!has_scratch_marker(Tree(there).descriptor()));
    fs::remove(there / scratch_marker);
    write_file_atomically(there / scratch_marker, "another text");
    BOOST_TEST(!has_scratch_marker(Tree(there).descriptor()));
    write_file_atomically(folder.path() / "file", "");
    BOOST_TEST((error_of([&] { make_scratch_root(folder.path() / "file"); }).code() == ErrorCode::io));
}

BOOST_AUTO_TEST_CASE(the_root_of_the_file_system_is_no_scratch_root)
{
    for (const char* root : {"/", "//", "/..", "/./"}) {
        BOOST_TEST((error_of([&] { make_scratch_root(root); }).code() == ErrorCode::bad_input), root);
    }
    BOOST_TEST(!fs::exists(fs::path("/") / scratch_marker));
}

BOOST_AUTO_TEST_CASE(a_lease_is_seen_and_taken_once)
{
    const TempFolder folder;
    const Tree one(folder.path()), two(folder.path());
    BOOST_TEST(!is_leased(one.descriptor()));
    {
        const auto lease = lease_scratch_root(folder.path());
        BOOST_TEST(is_leased(one.descriptor()));
        BOOST_TEST(!take_lease(one.descriptor()));
    }
    BOOST_TEST(take_lease(one.descriptor()));
    BOOST_TEST(!take_lease(two.descriptor()));
    BOOST_TEST((error_of([&] { lease_scratch_root(folder.path()); }).code() == ErrorCode::conflict));
}

BOOST_AUTO_TEST_CASE(names_tell_what_made_them)
{
    BOOST_TEST((scratch_thing("a.vindex", true) == ScratchThing::vindex));
    BOOST_TEST((scratch_thing("a.vindex-expert-server", true) == ScratchThing::vindex));
    BOOST_TEST((scratch_thing("a.vindex", false) == ScratchThing::unknown));
    BOOST_TEST((scratch_thing("acme--x-mtp.safetensors", false) == ScratchThing::staged));
    BOOST_TEST((scratch_thing("x-mtp.safetensors", false) == ScratchThing::unknown));
    BOOST_TEST((scratch_thing("resume", true) == ScratchThing::resume));
    for (const char* old : {"_hf_cache", "vision", "ui-jobs"}) {
        BOOST_TEST((scratch_thing(old, true) == ScratchThing::old_cache), old);
        BOOST_TEST((scratch_thing(old, false) == ScratchThing::unknown), old);
    }
    BOOST_TEST((scratch_thing("photos", true) == ScratchThing::unknown));
}

BOOST_AUTO_TEST_CASE(in_the_folders_of_a_root_only_what_is_made_there_belongs)
{
    BOOST_TEST(belongs_in("resume", "skw.mtp", true));
    BOOST_TEST(belongs_in("vision", "acme--x", true));
    BOOST_TEST(belongs_in("ui-jobs", "01234567-89ab-cdef-0123-456789abcdef", true));
    BOOST_TEST(belongs_in("_hf_cache", "models--acme--x", true));
    BOOST_TEST(belongs_in("_hf_cache", ".locks", true));
    BOOST_TEST(belongs_in("_hf_cache", "CACHEDIR.TAG", false));
    for (const char* folder : {"resume", "vision", "ui-jobs", "_hf_cache"}) {
        for (const char* name : {"cv.txt", "letters", "--", "a--", "--b", "01234567-89ab-cdef-0123-456789abcdef0",
                                 "01234567-89ab-cdef-0123456789abcdef", "01234567_89ab-cdef-0123-456789abcdef"}) {
            BOOST_TEST((!belongs_in(folder, name, false)), folder << "/" << name);
            const bool like_a_plugin = folder == std::string("resume") && name == std::string("cv.txt");
            BOOST_TEST(belongs_in(folder, name, true) == like_a_plugin, folder << "/" << name);
        }
    }
    BOOST_TEST(is_run_name("01234567-0123456789abcdef"));
    for (const char* name : {"", "01234567", "01234567-0123456789abcde", "0123456g-0123456789abcdef",
                             "01234567-0123456789abcdef-", "old"}) {
        BOOST_TEST(!is_run_name(name), name);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace skw::plugin

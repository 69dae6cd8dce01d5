// SPDX-License-Identifier: Apache-2.0
// What an execution keeps outlives it, and its own end; nothing else does, and no link is followed.
#include "plugin/scratch.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::tree_of;
using Names = std::vector<std::string>;

constexpr const char* plan_a = "11111111-aaaaaaaaaaaaaaaa";
constexpr const char* plan_b = "11111111-bbbbbbbbbbbbbbbb"; // another plan for the same target
constexpr const char* elsewhere = "22222222-aaaaaaaaaaaaaaaa";

struct Root {
    Root() { fs::create_directory(victim); }
    ScratchRoom room(const char* name = plan_a) const
    {
        return ScratchRoom(folder.path() / "root", "test.plugin", name, std::nullopt);
    }
    fs::path at(const char* name = plan_a) const { return folder.path() / "root/resume/test.plugin" / name; }
    Names left() const { return tree_of(folder.path() / "root"); }
    // A plan that failed and kept "state".
    void leave_state(const char* name = plan_a) const
    {
        ScratchRoom room = this->room(name);
        fs::create_directory(room.path() / "state");
        write_file_atomically(room.path() / "state/half.bin", "half");
        room.keep("state");
    }
    void plant_victim() const { write_file_atomically(victim / "precious", "p"); }
    bool victim_lives() const { return fs::exists(victim / "precious"); }

    TempFolder folder;
    const fs::path victim = folder.path() / "victim";
    const bool made = fs::create_directory(folder.path() / "root");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_scratch, Root)

BOOST_AUTO_TEST_CASE(the_same_plan_has_the_same_private_folder)
{
    ScratchRoom room = this->room();
    BOOST_TEST(!room.path_if_made().has_value());
    BOOST_TEST(room.path() == at());
    BOOST_TEST(room.path_if_made().value() == at());
    struct stat info {};
    BOOST_TEST_REQUIRE(::stat(at().c_str(), &info) == 0);
    BOOST_TEST((info.st_mode & 0777u) == 0700u);
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_what_is_kept_and_the_next_try_finds_it)
{
    {
        ScratchRoom room = this->room();
        fs::create_directories(room.path() / "a/b");
        write_file_atomically(room.path() / "a/b/kept.bin", "k");
        write_file_atomically(room.path() / "a/goes.bin", "g");
        fs::create_directories(room.path() / "rest/more");
        room.keep("a/b");
    }
    BOOST_TEST(tree_of(at()) == (Names{".keep", "a", "a/b", "a/b/kept.bin"}),
               boost::test_tools::per_element());
    {
        ScratchRoom again = this->room();
        BOOST_TEST(fs::exists(again.path() / "a/b/kept.bin"));
    } // failed before it said again what to keep
    BOOST_TEST(fs::exists(at() / "a/b/kept.bin"));
}

BOOST_AUTO_TEST_CASE(a_failure_that_kept_nothing_leaves_nothing)
{
    {
        ScratchRoom room = this->room();
        write_file_atomically(room.path() / "rest.bin", "r");
        room.keep("never-made");
    }
    BOOST_TEST(left().empty());
}

BOOST_AUTO_TEST_CASE(success_removes_all_of_it)
{
    {
        ScratchRoom room = this->room();
        write_file_atomically(room.path() / "kept.bin", "k");
        room.keep("kept.bin");
        room.succeeded();
    }
    BOOST_TEST(left().empty());
    leave_state();
    {
        ScratchRoom room = this->room(); // needed no room this time
        room.succeeded();
    }
    BOOST_TEST(left().empty());
}

BOOST_AUTO_TEST_CASE(what_was_kept_survives_the_end_of_the_process)
{
    const pid_t child = ::fork();
    if (child == 0) { // no destructor runs here
        ScratchRoom room = this->room();
        room.keep("hub");
        fs::create_directory(room.path() / "hub");
        write_file_atomically(room.path() / "hub/half.part", "half");
        write_file_atomically(room.path() / "rest.bin", "rest");
        ::_exit(0);
    }
    int status = 1;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST_REQUIRE(status == 0);
    BOOST_TEST(fs::exists(at() / "rest.bin"));
    ScratchRoom room = this->room();
    BOOST_TEST(tree_of(room.path()) == (Names{".keep", "hub", "hub/half.part"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_plan_for_the_target_removes_the_stale_work_and_no_other)
{
    leave_state(plan_a);
    leave_state(elsewhere);
    ScratchRoom room = this->room(plan_b);
    BOOST_TEST(fs::exists(at(plan_a)));
    room.path();
    BOOST_TEST(!fs::exists(at(plan_a)));
    BOOST_TEST(fs::exists(at(elsewhere) / "state/half.bin"));
}

BOOST_DATA_TEST_CASE(names_that_leave_the_folder_are_not_kept,
                     boost::unit_test::data::make({"", "..", "../x", "/etc", "a/../b", "a//b", "./a", ".keep",
                                                   ".keep/x", ".keep.tmp-1", "a\nb"}),
                     name)
{
    ScratchRoom room = this->room();
    BOOST_TEST((error_of([&] { room.keep(name); }).code() == ErrorCode::bad_argument));
}

BOOST_AUTO_TEST_CASE(a_plan_without_scratch_has_no_room)
{
    ScratchRoom room(folder.path() / "root", "test.plugin", plan_a, 0);
    BOOST_TEST((error_of([&] { room.path(); }).code() == ErrorCode::contract));
    BOOST_TEST((error_of([&] { room.keep("a"); }).code() == ErrorCode::contract));
}

BOOST_AUTO_TEST_CASE(the_quota_shrinks_with_what_lies_there)
{
    ScratchRoom room(folder.path() / "root", "test.plugin", plan_a, 10);
    BOOST_TEST(room.quota() == 10u);
    write_file_atomically(room.path() / "a", "1234");
    BOOST_TEST(room.quota() == 6u);
    write_file_atomically(room.path() / "b", "1234567");
    BOOST_TEST(room.quota() == 0u);
}

BOOST_AUTO_TEST_CASE(a_link_in_the_way_of_the_work_folder_is_refused)
{
    plant_victim();
    fs::create_directory_symlink(victim, folder.path() / "root/resume");
    {
        ScratchRoom room = this->room();
        BOOST_TEST((error_of([&] { room.path(); }).code() == ErrorCode::io));
        room.succeeded();
    }
    BOOST_TEST(victim_lives());
    fs::remove(folder.path() / "root/resume");
    fs::create_directory(folder.path() / "root/resume");
    fs::create_directory_symlink(victim, folder.path() / "root/resume/test.plugin");
    fs::create_directory(victim / plan_b);
    {
        ScratchRoom room = this->room();
        BOOST_TEST((error_of([&] { room.path(); }).code() == ErrorCode::io));
    }
    BOOST_TEST(victim_lives());
    BOOST_TEST(fs::exists(victim / plan_b));
}

BOOST_AUTO_TEST_CASE(a_link_instead_of_a_plans_folder_is_removed_and_not_entered)
{
    plant_victim();
    fs::create_directories(at().parent_path());
    fs::create_directory_symlink(victim, at());
    fs::create_directory_symlink(victim, at(plan_b));
    {
        ScratchRoom room = this->room();
        BOOST_TEST(fs::is_empty(room.path()));
        BOOST_TEST(!fs::is_symlink(at()));
        BOOST_TEST(!fs::is_symlink(at(plan_b)));
        fs::remove(at());
        fs::create_directory_symlink(victim, at()); // while it runs
    }
    BOOST_TEST(victim_lives());
    BOOST_TEST(left().empty());
}

BOOST_AUTO_TEST_CASE(a_link_inside_leads_no_removal_out)
{
    plant_victim();
    leave_state();
    fs::create_directory_symlink(victim, at() / "link");
    { // the marker names something behind a link
        fs::remove_all(at() / "state");
        fs::create_directory_symlink(victim, at() / "state");
        write_file_atomically(at() / ".keep", "state/half.bin\n");
        ScratchRoom room = this->room();
        BOOST_TEST(tree_of(room.path()) == Names{".keep"}, boost::test_tools::per_element());
    }
    BOOST_TEST(victim_lives());
    BOOST_TEST(left().empty());
}

BOOST_AUTO_TEST_CASE(a_marker_that_is_no_list_of_names_keeps_nothing)
{
    const std::vector<std::string> markers = {"../../../victim\n", "/etc\n", std::string("\0\xff", 2),
                                              "\n\n\n", "."};
    for (const std::string& text : markers) {
        plant_victim();
        leave_state();
        write_file_atomically(at() / ".keep", text);
        ScratchRoom room = this->room();
        BOOST_TEST(tree_of(room.path()) == Names{".keep"}, boost::test_tools::per_element());
        BOOST_TEST(victim_lives());
    }
    leave_state();
    fs::remove(at() / ".keep");
    fs::create_directory(at() / ".keep");
    ScratchRoom room = this->room();
    BOOST_TEST(fs::is_empty(room.path()));
    room.keep("new");
    BOOST_TEST(read_file(at() / ".keep", 100) == "new\n");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

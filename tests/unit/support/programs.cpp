// SPDX-License-Identifier: Apache-2.0
// A program is found where a shell finds it, but never in the current directory by accident.
#include "support/programs.hpp"

#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

namespace skw {
namespace {

namespace fs = std::filesystem;

struct Places {
    Places() { put("second", fs::perms::owner_all); }
    ~Places() { ::setenv("PATH", before.c_str(), 1); }
    void put(const char* place, fs::perms rights)
    {
        fs::create_directories(folder.path() / place);
        std::ofstream(folder.path() / place / "skw-test-tool") << "#!/bin/sh\n";
        fs::permissions(folder.path() / place / "skw-test-tool", rights);
    }
    std::optional<fs::path> find(const std::string& path)
    {
        ::setenv("PATH", path.c_str(), 1);
        return find_program("skw-test-tool");
    }
    const std::string before = std::getenv("PATH");
    TempFolder folder;
    const std::string first = folder.path() / "first", second = folder.path() / "second";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(support_programs, Places)

BOOST_AUTO_TEST_CASE(the_first_executable_file_counts)
{
    BOOST_TEST((find("/nowhere:" + second) == fs::path(second) / "skw-test-tool"));
    put("first", fs::perms::owner_read); // not to be run; whoever may do everything may not do that either
    BOOST_TEST((find(first + ":" + second) == fs::path(second) / "skw-test-tool"));
    put("first", fs::perms::owner_all);
    BOOST_TEST((find(first + ":" + second) == fs::path(first) / "skw-test-tool"));
    BOOST_TEST(!find("/nowhere").has_value());
    BOOST_TEST(!find("").has_value());
}

BOOST_AUTO_TEST_CASE(relative_parts_of_the_path_do_not_count)
{
    const fs::path here = fs::current_path();
    fs::current_path(second);
    const bool found = find("") || find(".") || find(":/nowhere:") || find("../second");
    fs::current_path(here);
    BOOST_TEST(!found);
}

BOOST_AUTO_TEST_CASE(only_plain_names_are_looked_for)
{
    find(second);
    BOOST_TEST(find_program("skw-test-tool").has_value());
    BOOST_TEST(!find_program("../second/skw-test-tool").has_value());
    BOOST_TEST(!find_program((fs::path(second) / "skw-test-tool").native()).has_value());
    BOOST_TEST(!find_program("").has_value());
    BOOST_TEST(!find_program(std::string_view("skw-test-tool\0x", 15)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw

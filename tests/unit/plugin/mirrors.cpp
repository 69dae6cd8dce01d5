// SPDX-License-Identifier: Apache-2.0
// Only what a plan mirrors goes unchanged into the target, and never over what others write.
#include "plugin/mirrors.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace skw::plugin {
namespace {

using testing::error_of;

SourceFile file(const char* path)
{
    return {.path = path, .size = 3, .sha256 = std::nullopt, .blob_id = "00"};
}

struct Plan {
    Plan()
    {
        rights.mirrors = {"one", "two"};
        rights.outputs.emplace("o", PlannedOutput{.path = RepoPath::parse("made.bin").value(),
                                                  .file = "made.bin",
                                                  .size = std::nullopt});
    }
    Rights rights;
    Mirrors mirrors{rights};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_mirrors, Plan)

BOOST_AUTO_TEST_CASE(declared_files_come_sorted_and_once)
{
    for (const char* path : {"z.bin", "a/b.bin", "a.bin", "z.bin"}) {
        mirrors.add("one", file(path));
    }
    mirrors.add("two", file("b.bin"));
    const std::vector<MirroredFile> files = mirrors.take();
    BOOST_TEST_REQUIRE(files.size() == 4u);
    BOOST_TEST(files[0].file.path == "a.bin");
    BOOST_TEST(files[1].file.path == "a/b.bin");
    BOOST_TEST(files[2].file.path == "b.bin");
    BOOST_TEST(files[2].input == "two");
    BOOST_TEST(files[3].file.path == "z.bin");
    BOOST_TEST(files[3].file.blob_id == "00");
}

BOOST_AUTO_TEST_CASE(two_inputs_do_not_meet_at_one_path)
{
    mirrors.add("one", file("a.bin"));
    BOOST_TEST((error_of([&] { mirrors.add("two", file("a.bin")); }).code() == ErrorCode::contract));
    BOOST_TEST(mirrors.take().size() == 1u);
}

BOOST_DATA_TEST_CASE(paths_of_others_are_refused,
                     boost::unit_test::data::make({"README.md", ".gitattributes", "made.bin", "../x", ""}),
                     path)
{
    BOOST_TEST((error_of([&] { mirrors.add("one", file(path)); }).code() == ErrorCode::contract));
    BOOST_TEST(mirrors.take().empty());
}

BOOST_AUTO_TEST_CASE(an_input_that_is_no_mirror_is_refused)
{
    BOOST_TEST((error_of([&] { mirrors.add("three", file("a.bin")); }).code() == ErrorCode::contract));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

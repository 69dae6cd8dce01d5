// SPDX-License-Identifier: Apache-2.0
// Which file an entry goes into, and for whom.
#include "catalog/place.hpp"

#include "../error_of.hpp"
#include "additions.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw;
using Kind = catalog::Place::Kind;

BOOST_FIXTURE_TEST_SUITE(catalog_place, tests::Additions)

BOOST_AUTO_TEST_CASE(the_built_in_file_is_the_first_choice)
{
    const catalog::Place chosen = place();
    BOOST_TEST((chosen.kind == Kind::builtin));
    BOOST_TEST(chosen.file == request.builtin_file);
    BOOST_TEST(chosen.owner.owner == "FoxlightAI");
    BOOST_TEST(chosen.owner.name_space.value() == "foxlight");
}

BOOST_AUTO_TEST_CASE(a_built_in_file_that_is_not_there_to_be_written_gives_way_to_the_overlay)
{
    request.builtin_file = "/proc/self/status"; // nobody may put another file there
    BOOST_TEST((place().kind == Kind::overlay));
    BOOST_TEST(place().file == request.overlay_file);
    BOOST_TEST(place().owner.owner == "FoxlightAI");
    request.overlay_file.clear();
    BOOST_TEST((testing::error_of([&] { place(); }).code() == ErrorCode::permission));
}

BOOST_AUTO_TEST_CASE(a_configured_file_gives_its_own_names_even_before_it_is_there)
{
    configure("    hf_collection: acme/c\n");
    const catalog::Place chosen = place("ops.yaml");
    BOOST_TEST((chosen.kind == Kind::configured));
    BOOST_TEST(chosen.owner.name_space.value() == "ops");
    BOOST_TEST(chosen.owner.owner == "acme");
    BOOST_TEST(chosen.owner.collection.value() == "acme/c");
    std::filesystem::create_symlink("ops.yaml", path("link.yaml"));
    write("ops.yaml", "models:\n" + tests::entry());
    BOOST_TEST((place("link.yaml").kind == Kind::configured));
    BOOST_TEST((place("share/../share/foxlight.yaml").kind == Kind::builtin));
}

BOOST_AUTO_TEST_CASE(the_manifest_of_the_command_line_is_the_place)
{
    request.manifest = write("m.yaml", "models:\n" + tests::entry("hf_collection: acme/c"));
    const catalog::Place chosen = place();
    BOOST_TEST((chosen.kind == Kind::manifest));
    BOOST_TEST(!chosen.owner.name_space);
    BOOST_TEST(chosen.owner.owner == "acme");
    BOOST_TEST(chosen.owner.collection.value() == "acme/c");
    BOOST_TEST(chosen.catalogs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_file_alone_has_the_owner_that_its_entries_agree_on)
{
    write("alone.yaml", "models:\n" + tests::entry("hf_collection: acme/c") + tests::entry("", "b"));
    const catalog::Place chosen = place("alone.yaml");
    BOOST_TEST((chosen.kind == Kind::alone));
    BOOST_TEST(chosen.owner.owner == "acme");
    BOOST_TEST(!chosen.owner.collection); // only some have it
    write("mixed.yaml", "models:\n" + tests::entry() + tests::entry("hf_repo: other/b", "b"));
    BOOST_TEST(std::string(testing::error_of([&] { place("mixed.yaml"); }).reason()) ==
               "the owner of a new entry cannot be told: its entries belong to acme and other");
    BOOST_TEST((testing::error_of([&] { place("gone.yaml"); }).code() == ErrorCode::not_found));
}

BOOST_AUTO_TEST_SUITE_END()

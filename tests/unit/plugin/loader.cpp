// SPDX-License-Identifier: Apache-2.0
// The loader refuses every library that is not what its manifest says.
#include "plugin/loader.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::PluginTree;

struct Refusal {
    const char* fixture;
    const char* said;
};

std::ostream& operator<<(std::ostream& out, const Refusal& refusal)
{
    return out << refusal.fixture;
}

const Refusal refusals[] = {
    {"no_entry", "does not export skw_plugin_entry_v1"},
    {"refuses", "refuses this host"},
    {"null_root", "root table is missing"},
    {"small_root", "root table is missing or too small"},
    {"other_major", "was built for plugin interface 2"},
    {"newer_host", "was built for plugin interface 1.9"},
    {"other_id", "the library says test.somebody"},
    {"other_version", "the library says 2.0.0"},
    {"no_plan", "empty slots"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_loader)

BOOST_DATA_TEST_CASE(a_library_that_breaks_the_contract_is_refused, boost::unit_test::data::make(refusals),
                     refusal)
{
    PluginTree tree;
    tree.add(refusal.fixture, "test.raw", "raw");
    const Candidate candidate = tree.candidate("test.raw");
    const Error error = error_of([&] { load_plugin(candidate); });
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(error.place() == "plugin test.raw");
    BOOST_TEST(error.reason().find(refusal.said) != std::string_view::npos, error.reason());
}

BOOST_AUTO_TEST_CASE(the_same_plugin_is_loaded_once)
{
    PluginTree tree;
    tree.add("raw");
    const Candidate candidate = tree.candidate("test.raw");
    const LoadedPlugin first = load_plugin(candidate);
    BOOST_TEST(load_plugin(candidate).root == first.root);
    BOOST_TEST(load_plugin(candidate).artifact == first.artifact);
}

BOOST_AUTO_TEST_CASE(a_library_that_changed_since_the_listing_is_not_loaded)
{
    PluginTree tree;
    const fs::path folder = tree.add("behaving", "test.swapped");
    const Candidate candidate = tree.candidate("test.swapped");
    write_file_atomically(folder / "plugin.so", "something else");
    const Error error = error_of([&] { load_plugin(candidate); });
    BOOST_TEST(error.reason() == "its library changed after it was checked");
}

BOOST_AUTO_TEST_CASE(what_is_no_library_is_refused_without_the_loaders_own_words)
{
    PluginTree tree;
    const fs::path folder = tree.add("raw", "test.text");
    write_file_atomically(folder / "plugin.so", "#!/bin/sh\n");
    json::object manifest = testing::make_manifest("test.text", "raw", "#!/bin/sh\n");
    write_file_atomically(folder / "skw-plugin.json", canonical_json(manifest));
    const Candidate candidate = tree.candidate("test.text");
    const Error error = error_of([&] { load_plugin(candidate); });
    BOOST_TEST((error.code() == ErrorCode::unsupported));
    BOOST_TEST(error.reason() == "the file is not a shared library for this kind of machine");
}

BOOST_AUTO_TEST_CASE(an_unusable_candidate_is_not_loaded)
{
    Candidate candidate;
    candidate.id = "test.raw";
    candidate.status = "bad-hash";
    candidate.reason = "differs";
    BOOST_TEST(error_of([&] { load_plugin(candidate); }).reason() == "cannot be used (bad-hash): differs");
}

BOOST_AUTO_TEST_CASE(loader_failures_become_reasons_with_a_hint)
{
    const auto reason = [](std::string_view text) {
        return classify_load_failure("boost::dll::shared_library::load() failed (dlerror system message: " +
                                         std::string(text) + ")",
                                     "/p/plugin.so")
            .reason;
    };
    BOOST_TEST(reason("libfoo.so.3: cannot open shared object file: No such file or directory") ==
               "the library needs libfoo.so.3, which is not on this machine");
    BOOST_TEST(reason("/p/plugin.so: cannot open shared object file: Permission denied") ==
               "the library could not be opened");
    BOOST_TEST(reason("/lib/libc.so.6: version `GLIBC_2.38' not found (required by /p/plugin.so)") ==
               "the library needs GLIBC_2.38, which this system is too old for");
    BOOST_TEST(reason("/p/plugin.so: undefined symbol: frobnicate, version X") ==
               "the library needs the function frobnicate, which nothing here provides");
    BOOST_TEST(reason("/p/plugin.so: wrong ELF class: ELFCLASS32") ==
               "the file is not a shared library for this kind of machine");
    BOOST_TEST(reason("/p/plugin.so: cannot allocate memory in static TLS block") ==
               "the library asks for more thread-local room than a running program has left");
    BOOST_TEST(reason("words of a system nobody has seen") == "the system could not load the library");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

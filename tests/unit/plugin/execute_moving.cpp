// SPDX-License-Identifier: Apache-2.0
// Mirrors, fetches and folders through the C ABI: what the plan allows happens, what it does not is refused.
#include "plugin/host.hpp"

#include "support/digest.hpp"
#include "unit/plugin/plugin_tree.hpp"
#include "unit/plugin/stream_sources.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::tree_of;

struct Run {
    Run()
    {
        tree.add("moving");
        artifact = load_artifact(tree.candidate("test.moving"), "moving");
        sources.files = {{"a.bin", "0123456789"}, {"deep/z.bin", "z"}, {"hidden.txt", "h"}};
    }
    static json::value plan(const char* doing, std::string with = {})
    {
        json::value plan = testing::make_plan("moving", doing);
        json::object& object = plan.as_object();
        object["with"] = std::move(with);
        object["outputs"] = json::array();
        object["mirrors"] = json::array{{{"input", "source"}}};
        object["folders"] = {"made.d"};
        plan.at_pointer("/steps/0").as_object()["outputs"] = json::array();
        return plan;
    }
    Execution execute(json::value plan, bool replace = false)
    {
        return artifact->execute({.plan = std::move(plan),
                                  .scratch_root = scratch.path(),
                                  .shown_scratch = "shown",
                                  .sources = &sources,
                                  .events = &record,
                                  .stop = stop.get_token(),
                                  .replace_folders = replace});
    }
    Execution run(const char* doing, std::string with = {}) { return execute(plan(doing, std::move(with))); }

    testing::PluginTree tree;
    testing::StreamSources sources;
    testing::Record record;
    TempFolder scratch;
    std::stop_source stop;
    std::unique_ptr<Artifact> artifact;
};

struct Refused {
    const char* doing;
    const char* with;
    ErrorCode code;
};
std::ostream& operator<<(std::ostream& out, const Refused& refused)
{
    return out << refused.doing << " " << refused.with;
}

const Refused refused_calls[] = {
    {"mirror", "hidden.txt", ErrorCode::contract}, // not selected by the patterns
    {"mirror", "absent.bin", ErrorCode::not_found},
    {"fetch", "hidden.txt", ErrorCode::contract},
    {"fetch", "../a.bin", ErrorCode::not_found},
    {"fetch-elsewhere", "/elsewhere", ErrorCode::contract},
    {"fetch-elsewhere", "elsewhere", ErrorCode::contract},
    {"folder", "other.d", ErrorCode::contract},
    {"folder", "", ErrorCode::contract},
    {"hash", "/etc/passwd", ErrorCode::contract},
    {"hash", "relative", ErrorCode::contract},
    {"hash", "", ErrorCode::contract},
    {"hash-scratch", "/link/passwd", ErrorCode::contract}, // a link on the way out
    {"hash-scratch", "/link", ErrorCode::contract},
    {"hash-scratch", "/../../../x", ErrorCode::contract},
    {"hash-scratch", "", ErrorCode::contract},
    {"hash-scratch", "/absent", ErrorCode::io},
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_execute_moving, Run)

BOOST_AUTO_TEST_CASE(mirrored_files_are_declared_and_nothing_moves)
{
    const Execution done = run("mirror", "deep/z.bin");
    BOOST_TEST_REQUIRE(done.mirrored.size() == 2u);
    BOOST_TEST(done.mirrored[0].input == "source");
    BOOST_TEST(done.mirrored[0].file.path == "a.bin");
    BOOST_TEST((done.mirrored[0].file.sha256 == sha256_of("0123456789")));
    BOOST_TEST(done.mirrored[1].file.path == "deep/z.bin");
    BOOST_TEST(sources.opened.empty());
    BOOST_TEST(run("mirror", "a.bin").mirrored.size() == 1u); // twice is once
}

BOOST_AUTO_TEST_CASE(a_plan_without_mirrors_mirrors_nothing)
{
    json::value without = plan("mirror", "a.bin");
    without.as_object().erase("mirrors");
    BOOST_TEST((error_of([&] { execute(without); }).code() == ErrorCode::contract));
}

BOOST_AUTO_TEST_CASE(a_fetch_brings_what_the_plan_selects_and_tells_its_progress)
{
    run("fetch");
    BOOST_TEST(sources.opened.size() == 2u);
    BOOST_TEST_REQUIRE(!record.steps.empty());
    BOOST_TEST(record.steps.back() == "copy");
    BOOST_TEST_REQUIRE(record.lines.size() == 1u);
    BOOST_TEST(record.lines[0].second.starts_with(
        R"({"schema":"skw.listing/1","repo":"acme/source",)"
        R"("revision":"0123456789012345678901234567890123456789","files":[{"path":"a.bin","size":10,)"));
    BOOST_TEST(record.lines[0].second.find("hidden") == std::string::npos);
    BOOST_TEST(tree_of(scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(what_a_failed_run_has_fetched_is_not_fetched_by_the_next)
{
    const json::value plan = this->plan("fetch-and-fail");
    BOOST_TEST(error_of([&] { execute(plan); }).reason() == "failed after the fetch");
    BOOST_TEST(sources.opened.size() == 2u);
    BOOST_TEST(error_of([&] { execute(plan); }).reason() == "failed after the fetch");
    BOOST_TEST(sources.opened.size() == 2u);
    json::value tried = plan;
    tried.as_object()["finished"] = json::array{{{"id", "copy"}}};
    BOOST_CHECK_THROW(execute(tried), Error); // what is finished makes no other plan of it
    BOOST_TEST(sources.opened.size() == 2u);
    BOOST_TEST(tree_of(scratch.path()).front() == "resume");
    run("fetch"); // another plan for the same target takes the stale work with it
    BOOST_TEST(sources.opened.size() == 4u);
    BOOST_TEST(tree_of(scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_fetch_of_named_files_brings_these)
{
    run("fetch", "deep/z.bin");
    BOOST_TEST_REQUIRE(sources.opened.size() == 1u);
    BOOST_TEST(sources.opened[0].first == "deep/z.bin");
}

BOOST_AUTO_TEST_CASE(a_stop_during_a_fetch_is_the_outcome_and_the_part_stays)
{
    sources.piece = 1;
    sources.on_read = [this](const std::string&) {
        if (sources.bytes_read == 3) {
            stop.request_stop();
        }
    };
    BOOST_TEST((error_of([&] { run("fetch", "a.bin"); }).code() == ErrorCode::cancelled));
    BOOST_TEST(tree_of(scratch.path()).back().ends_with("hub/snapshot/a.bin.part"));
}

BOOST_AUTO_TEST_CASE(a_folder_of_the_plan_stays_until_the_caller_removes_it)
{
    const Execution done = run("folder", "made.d");
    BOOST_TEST_REQUIRE(done.folders.size() == 1u);
    BOOST_TEST(done.folders[0] == scratch.path() / "made.d");
    BOOST_TEST(fs::exists(done.folders[0] / "index.json"));
    json::object file;
    file["schema"] = "skw.file/1";
    file["path"] = (scratch.path() / "made.d/index.json").native();
    file["size"] = 2;
    file["sha256"] = sha256_of("{}").hex();
    BOOST_TEST(record.lines.at(0).second == json::serialize(file));
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_there_is_refused_before_the_plugin_runs_or_replaced)
{
    fs::create_directory(scratch.path() / "made.d");
    write_file_atomically(scratch.path() / "made.d/old", "old");
    const Error error = error_of([&] { run("folder", "made.d"); });
    BOOST_TEST((error.code() == ErrorCode::bad_input));
    BOOST_TEST(error.what() == "output path already exists: shown/made.d\n"
                               "remove it manually or rerun with --force to replace it");
    BOOST_TEST(record.lines.empty());
    execute(plan("folder", "made.d"), true);
    BOOST_TEST(tree_of(scratch.path()) == (std::vector<std::string>{"made.d", "made.d/index.json"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_unconfigured_plan_is_not_executed)
{
    const json::value nothing = {
        {"schema", "skw.plan/1"}, {"kind", "moving"}, {"configured", false}, {"message", "no"}};
    BOOST_TEST((error_of([&] { execute(nothing); }).code() == ErrorCode::unsupported));
}

BOOST_DATA_TEST_CASE(what_the_plan_does_not_allow_is_refused, boost::unit_test::data::make(refused_calls),
                     refused)
{
    Run own;
    const Error error = error_of([&] { own.run(refused.doing, refused.with); });
    BOOST_TEST((error.code() == refused.code), error.what());
    BOOST_TEST(!fs::exists("/elsewhere"));
    BOOST_TEST(tree_of(own.scratch.path()).empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// An execution stages exactly the planned outputs.
#include "plugin/host.hpp"

#include "support/digest.hpp"
#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/file.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::make_plan;
using testing::tree_of;

struct Run {
    Run()
    {
        tree.add("behaving");
        artifact = load_artifact(tree.candidate("test.behaving"), "behaving");
        sources.files = {{"a.bin", "0123456789"}, {"z.bin", "z"}, {"b.secret", "hidden"}};
    }
    Execution run(json::value plan, std::stop_token stop = {})
    {
        return artifact->execute({.plan = std::move(plan),
                                  .scratch_root = scratch.path(),
                                  .sources = &sources,
                                  .events = &record,
                                  .stop = std::move(stop)});
    }
    Execution run(const char* doing) { return run(make_plan("behaving", doing)); }

    testing::PluginTree tree;
    testing::MemorySources sources;
    testing::Record record;
    TempFolder scratch;
    std::unique_ptr<Artifact> artifact;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_execute, Run)

BOOST_AUTO_TEST_CASE(an_output_is_staged_with_its_bytes_size_and_hash)
{
    const Execution done = run("copy");
    BOOST_TEST_REQUIRE(done.outputs.size() == 1u);
    BOOST_TEST(done.outputs[0].id == "one");
    BOOST_TEST(done.outputs[0].file == scratch.path() / "one.bin");
    BOOST_TEST(done.outputs[0].size == 10u);
    BOOST_TEST((done.outputs[0].sha256 == sha256_of("0123456789")));
    BOOST_TEST(read_file(done.outputs[0].file, 100) == "0123456789");
    BOOST_TEST(record.steps.size() == 2u); // the source came in two pieces
}

BOOST_AUTO_TEST_CASE(reading_on_costs_one_request_however_small_the_reads_are)
{
    const Execution done = run("copy-bytewise");
    BOOST_TEST(read_file(done.outputs.at(0).file, 100) == "0123456789");
    BOOST_TEST(sources.opened == 1);
}

BOOST_AUTO_TEST_CASE(workers_read_parts_at_once)
{
    BOOST_TEST(read_file(run("read-by-threads").outputs.at(0).file, 100) == "12345678");
}

BOOST_AUTO_TEST_CASE(a_listing_is_sorted_and_holds_what_the_patterns_select)
{
    const std::string text = read_file(run("listing").outputs.at(0).file, 1000);
    BOOST_TEST(text == R"({"schema":"skw.listing/1","repo":"acme/source",)"
                       R"("revision":"0123456789012345678901234567890123456789",)"
                       R"("files":[{"path":"a.bin","size":10},{"path":"z.bin","size":1}]})"
                       R"({"schema":"skw.file/1","path":"a.bin","size":10})");
}

BOOST_AUTO_TEST_CASE(a_scratch_file_can_become_an_output_and_the_scratch_folder_goes)
{
    const Execution done = run("put-file");
    BOOST_TEST(read_file(done.outputs.at(0).file, 100) == "from a file");
    BOOST_TEST((done.outputs[0].sha256 == sha256_of("from a file")));
    BOOST_TEST(tree_of(scratch.path()) == std::vector<std::string>{"one.bin"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_left_over_of_an_earlier_run_is_replaced_and_links_are_not_followed)
{
    const fs::path victim = tree.root() / "victim";
    write_file_atomically(victim, "precious");
    fs::create_symlink(victim, scratch.path() / "one.bin");
    const Execution done = run("copy");
    BOOST_TEST(read_file(victim, 100) == "precious");
    BOOST_TEST(read_file(done.outputs.at(0).file, 100) == "0123456789");
    BOOST_TEST(!fs::is_symlink(done.outputs[0].file));
}

BOOST_AUTO_TEST_CASE(card_facts_reach_the_host)
{
    const Execution done = run("card");
    BOOST_TEST(done.card.tags == std::vector<std::string>{"extra"}, boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(done.card.facts.size() == 1u);
    BOOST_TEST(done.card.facts[0].first == "tensors");
    BOOST_TEST(done.card.facts[0].second == "16"); // the latest word counts
    BOOST_TEST(done.card.notes.at(0) == "A <b>note</b>.");
}

BOOST_AUTO_TEST_CASE(log_lines_are_one_safe_line_without_tokens)
{
    const Execution done = run("card");
    BOOST_TEST_REQUIRE(record.lines.size() == 1u);
    BOOST_TEST(record.lines[0].first == 3);
    BOOST_TEST(record.lines[0].second.find('\n') == std::string::npos);
    BOOST_TEST(record.lines[0].second.find("hf_abc") == std::string::npos, record.lines[0].second);
}

BOOST_AUTO_TEST_CASE(a_stop_wakes_a_waiting_plugin_and_leaves_nothing)
{
    std::stop_source stop;
    record.on_progress = [&] { stop.request_stop(); };
    const Error error = error_of([&] { run(make_plan("behaving", "wait-for-stop"), stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled), error.what());
    BOOST_TEST(tree_of(scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_stop_is_the_outcome_whatever_the_plugin_makes_of_it)
{
    std::stop_source stop;
    record.on_progress = [&] { stop.request_stop(); };
    const Error error = error_of([&] { run(make_plan("behaving", "fail-when-stopped"), stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled), error.what());
    BOOST_TEST(record.lines.back().second == "stopped: a file could not be written");
}

BOOST_AUTO_TEST_CASE(a_stop_before_the_first_read_is_seen_by_the_service)
{
    std::stop_source stop;
    stop.request_stop();
    const Error error = error_of([&] { run(make_plan("behaving", "copy"), stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled));
    BOOST_TEST(sources.opened == 0);
}

BOOST_AUTO_TEST_CASE(what_a_failed_run_keeps_comes_back_to_the_same_plan_only)
{
    const json::value plan = make_plan("behaving", "keep");
    BOOST_TEST((error_of([&] { run(plan); }).code() == ErrorCode::network));
    BOOST_TEST(tree_of(scratch.path()).back().ends_with("state/half.bin"));
    for (const std::string& name : tree_of(scratch.path())) {
        BOOST_TEST(name.starts_with("resume"), name);
    }
    json::value other = plan;
    other.at("target").as_object()["repo"] = "acme/other";
    BOOST_CHECK_THROW(run(other), Error); // another plan does not find it
    const Execution done = run(plan);
    BOOST_TEST(read_file(done.outputs.at(0).file, 100) == "kept");
}

BOOST_AUTO_TEST_CASE(another_process_on_the_same_scratch_root_is_refused)
{
    int ready[2];
    int done[2];
    BOOST_TEST_REQUIRE(::pipe(ready) == 0);
    BOOST_TEST_REQUIRE(::pipe(done) == 0);
    const pid_t other = ::fork();
    if (other == 0) { // only system calls from here on
        const int root = ::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY);
        const char byte = ::flock(root, LOCK_EX) == 0 ? 'y' : 'n';
        char wait = 0;
        const bool told = ::write(ready[1], &byte, 1) == 1 && ::read(done[0], &wait, 1) == 1;
        ::_exit(told ? 0 : 1);
    }
    char byte = 0;
    BOOST_TEST_REQUIRE(::read(ready[0], &byte, 1) == 1);
    BOOST_TEST(byte == 'y');
    const Error error = error_of([&] { run("copy"); });
    BOOST_TEST((error.code() == ErrorCode::conflict));
    BOOST_TEST(error.reason() == "another run is using this scratch folder");
    BOOST_TEST(::write(done[1], &byte, 1) == 1);
    int status = 0;
    BOOST_TEST(::waitpid(other, &status, 0) == other);
    BOOST_TEST(run("copy").outputs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(artifacts_of_one_process_share_the_scratch_root)
{
    const Execution first = run("copy");
    BOOST_TEST(run("copy").outputs.size() == 1u); // while the first lease is held
    BOOST_TEST((first.lease != nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

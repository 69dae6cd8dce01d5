// SPDX-License-Identifier: Apache-2.0
// A tool runs as its step says, knows only what it may, and what it uploads is written down.
#include "plugin/processes.hpp"

#include "support/digest.hpp"
#include "unit/plugin/plugin_tree.hpp"

#include <skw/plugin.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace skw::plugin {
namespace {

namespace fs = std::filesystem;
using testing::error_of;

constexpr const char* token = "hf_ofThePublisherAndOfNobodyElse01234567";

struct Target final : ToolTarget {
    std::vector<EnvironmentVariable> open(std::string_view endpoint_variable) override
    {
        opened.emplace_back(endpoint_variable);
        return {{"HF_TOKEN", token}, {std::string(endpoint_variable), "http://hub.test"}};
    }
    std::vector<std::string> opened;
};

// A variable of this process for the time of a test.
class Planted {
public:
    Planted(std::string name, const char* value) : name_(std::move(name))
    {
        if (const char* before = std::getenv(name_.c_str())) {
            before_ = before;
        }
        ::setenv(name_.c_str(), value, 1);
    }
    ~Planted()
    {
        if (before_) {
            ::setenv(name_.c_str(), before_->c_str(), 1);
        } else {
            ::unsetenv(name_.c_str());
        }
    }
    Planted(const Planted&) = delete;
    Planted& operator=(const Planted&) = delete;

private:
    std::string name_;
    std::optional<std::string> before_;
};

struct Run {
    Run()
    {
        tree.add("tools", {}, {}, [](json::object& manifest) {
            manifest["needs"] = {{"tools", json::array{"skw-test-tool"}}, {"network", true}, {"token", true}};
        });
        candidate = tree.candidate("test.tools");
    }
    // The tool, as a script of the shell.
    void tool(const std::string& script)
    {
        std::ofstream(bin.path() / "skw-test-tool") << "#!/bin/sh\n" << script;
        fs::permissions(bin.path() / "skw-test-tool", fs::perms::owner_all);
    }
    // The step "work" runs the tool with these words; members are added to the step.
    json::value plan(const char* doing, json::array words = {}, const json::object& members = {})
    {
        json::value plan = testing::make_plan("tools", doing);
        plan.at("outputs").as_array().clear();
        plan.at("tools") = json::array{"skw-test-tool"};
        plan.as_object()["folders"] = json::array{"made"};
        words.insert(words.begin(), "skw-test-tool");
        json::object step{{"id", "work"},
                          {"title", "work"},
                          {"kind", "make"},
                          {"tools", json::array{"skw-test-tool"}},
                          {"scratch_bytes", nullptr},
                          {"command", std::move(words)}};
        for (const json::key_value_pair& member : members) {
            step[member.key()] = member.value();
        }
        plan.at("steps") = json::array{std::move(step)};
        return plan;
    }
    static json::object uploading() { return {{"uploads", "made"}, {"endpoint_variable", "SKW_TEST_HUB"}}; }
    Execution run(json::value planned, std::stop_token stop = {})
    {
        return load_artifact(candidate, "tools")
            ->execute({.plan = std::move(planned),
                       .scratch_root = scratch.path(),
                       .sources = &sources,
                       .events = &record,
                       .stop = std::move(stop),
                       .target = target});
    }
    // What the fixture wrote down.
    static json::value exit_of(const Execution& done) { return done.result.at("exits").at(0); }
    static std::string lines_of(const Execution& done)
    {
        return std::string(done.result.at("lines").as_string());
    }

    TempFolder bin;
    const Planted path{"PATH", (bin.path().native() + ":/usr/bin:/bin").c_str()};
    testing::PluginTree tree;
    testing::MemorySources sources;
    testing::Record record;
    Target own_target;
    Target* target = &own_target;
    TempFolder scratch;
    Candidate candidate;
};

bool is_alive(pid_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const std::size_t state = text.rfind(')');
    return state != std::string::npos && text.substr(state + 2, 1) != "Z";
}

std::map<std::string, std::string> variables_of(const std::string& lines)
{
    std::map<std::string, std::string> variables;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        const std::size_t equals = line.find('=');
        variables[line.substr(2, equals - 2)] = line.substr(equals + 1);
    }
    return variables;
}

std::set<std::string> names_of(const std::map<std::string, std::string>& variables)
{
    std::set<std::string> names;
    for (const auto& [name, value] : variables) {
        names.insert(name);
    }
    return names;
}

const std::string print_environment = "tr '\\0' '\\n' </proc/$$/environ";

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_processes, Run)

BOOST_AUTO_TEST_CASE(the_exit_says_what_ran_and_how_it_ended)
{
    const std::string script = "printf '<%s>' \"$@\"; echo; echo gone wrong >&2; exit 7";
    tool(script);
    const Execution done = run(plan("work", {"a b", "$HOME", "\xc3\xa4"}));
    json::value end = exit_of(done);
    BOOST_TEST(end.at("seconds").as_double() >= 0);
    end.as_object().erase("seconds");
    const json::value expected = {{"schema", "skw.exit/1"},
                                  {"step", "work"},
                                  {"exit", 7},
                                  {"signal", nullptr},
                                  {"tool",
                                   {{"name", "skw-test-tool"},
                                    {"path", (bin.path() / "skw-test-tool").native()},
                                    {"sha256", sha256_of("#!/bin/sh\n" + script).hex()}}},
                                  {"last_lines", json::array{"gone wrong"}}};
    BOOST_TEST(canonical_json(end) == canonical_json(expected));
    BOOST_TEST(lines_of(done) == "1 <a b><$HOME><\xc3\xa4>\n2 gone wrong\n");
    BOOST_TEST(!done.uploaded.has_value());
}

BOOST_AUTO_TEST_CASE(every_line_goes_to_the_debug_log_as_a_safe_one)
{
    tool("printf 'a\\033[31mb\\n'; echo hf_abcdefghijklmnopqrstuvwxyz012345");
    run(plan("!work -work"));
    const std::vector<std::pair<int, std::string>> expected = {{SKW_LOG_DEBUG, "work: a\\x1b[31mb"},
                                                               {SKW_LOG_DEBUG, "work: hf_***"}};
    BOOST_TEST_REQUIRE(record.lines.size() == 4u);
    BOOST_TEST((std::vector(record.lines.begin(), record.lines.begin() + 2) == expected));
    BOOST_TEST((std::vector(record.lines.begin() + 2, record.lines.end()) == expected));
}

BOOST_AUTO_TEST_CASE(a_signal_is_an_answer_too)
{
    tool("kill -15 $$");
    const json::value end = exit_of(run(plan("work")));
    BOOST_TEST(end.at("exit").is_null());
    BOOST_TEST(end.at("signal").as_int64() == 15);
}

BOOST_AUTO_TEST_CASE(a_tool_knows_the_allowed_variables_only)
{
    const Planted planted[] = {{"HF_TOKEN", "hf_planted"},
                               {"HUGGING_FACE_HUB_TOKEN", "hf_planted"},
                               {"AWS_SECRET", "planted"},
                               {"LC_ALL", "C"},
                               {"LC_SECRET", "planted"},
                               {"TZ", "UTC"},
                               {"TERM", "xterm"},
                               {"https_proxy", "http://me:planted@proxy.test"},
                               {"HTTPS_PROXY", "planted"},
                               {"SSL_CERT_FILE", "/planted"},
                               {"LD_PRELOAD", ""},
                               {"OMP_NUM_THREADS", "3"},
                               {"LANG", "C"},
                               {"LD_LIBRARY_PATH", "/nowhere"},
                               {"RAYON_NUM_THREADS", "5"},
                               {"OPENBLAS_NUM_THREADS", "4"},
                               {"SKW_TEST_HUB", "planted"},
                               {"LANGUAGE", "en"}};
    tool(print_environment);
    const Execution done =
        run(plan("work", {}, {{"environment", {{"HF_HUB_CACHE", "{scratch}/hub:{scratch}"}}}}));
    const std::map<std::string, std::string> variables = variables_of(lines_of(done));
    const std::set<std::string> expected = {"PATH",
                                            "LANG",
                                            "LANGUAGE",
                                            "LC_ALL",
                                            "TZ",
                                            "TERM",
                                            "LD_LIBRARY_PATH",
                                            "OMP_NUM_THREADS",
                                            "HOME",
                                            "TMPDIR",
                                            "OPENBLAS_NUM_THREADS",
                                            "RAYON_NUM_THREADS",
                                            "HF_HUB_CACHE"};
    BOOST_TEST(names_of(variables) == expected, boost::test_tools::per_element());
    BOOST_TEST(lines_of(done).find("planted") == std::string::npos);
    BOOST_TEST(variables.at("TERM") == "dumb");
    BOOST_TEST(variables.at("TZ") == "UTC");
    const std::string own = fs::path(variables.at("HOME")).parent_path();
    BOOST_TEST(own.starts_with(scratch.path().native() + "/"), own);
    BOOST_TEST(fs::path(variables.at("TMPDIR")).parent_path() == own);
    BOOST_TEST(variables.at("HF_HUB_CACHE") == own + "/hub:" + own);
    BOOST_TEST(own_target.opened.empty());
}

BOOST_AUTO_TEST_CASE(home_and_temporary_files_are_private_and_gone_afterwards)
{
    tool("stat -c '%a %F' \"$HOME\" \"$TMPDIR\"; touch \"$HOME/x\" \"$TMPDIR/x\"");
    const Execution done = run(plan("work"));
    BOOST_TEST(lines_of(done) == "1 700 directory\n1 700 directory\n");
    BOOST_TEST(testing::tree_of(scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_tool_that_uploads_gets_token_address_and_the_way_out)
{
    const Planted planted[] = {{"HF_TOKEN", "hf_planted"},           {"SKW_TEST_HUB", "planted"},
                               {"https_proxy", "http://proxy.test"}, {"NO_PROXY", "localhost"},
                               {"SSL_CERT_DIR", "/certificates"},    {"AWS_SECRET", "planted"}};
    tool("mkdir -p \"$1/deep/er\"; printf 1 >\"$1/b.bin\"; printf 22 >\"$1/deep/er/a.bin\"; : "
         ">\"$1/.hidden\"\n"
         "[ \"$HF_TOKEN\" = \"$2\" ] && echo same; echo $SKW_TEST_HUB $https_proxy $NO_PROXY $SSL_CERT_DIR"
         " [$AWS_SECRET]");
    const fs::path made = scratch.path() / "made";
    const Execution done = run(plan("work", {made.native(), token}, uploading()));
    BOOST_TEST(lines_of(done) == "1 same\n1 http://hub.test http://proxy.test localhost /certificates []\n");
    BOOST_TEST(own_target.opened == std::vector<std::string>{"SKW_TEST_HUB"},
               boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(done.uploaded.has_value());
    const std::vector<UploadedFile>& files = *done.uploaded;
    BOOST_TEST_REQUIRE(files.size() == 3u);
    BOOST_TEST(files[0].path == ".hidden");
    BOOST_TEST(files[0].size == 0u);
    BOOST_TEST(files[1].path == "b.bin");
    BOOST_TEST(files[1].file == made / "b.bin");
    BOOST_TEST((files[1].sha256 == sha256_of("1")));
    BOOST_TEST(files[2].path == "deep/er/a.bin");
    BOOST_TEST(files[2].size == 2u);
    BOOST_TEST((files[2].sha256 == sha256_of("22")));
}

BOOST_AUTO_TEST_CASE(a_token_that_a_tool_prints_reaches_nobody)
{
    tool("mkdir \"$1\"; echo \"out $HF_TOKEN\"; echo \"err $HF_TOKEN\" >&2");
    const Execution done = run(plan("work", {(scratch.path() / "made").native()}, uploading()));
    BOOST_TEST(lines_of(done).find("ofThePublisher") == std::string::npos, lines_of(done));
    BOOST_TEST(exit_of(done).at("last_lines").at(0).as_string() == "err hf_***");
    for (const auto& [level, line] : record.lines) {
        BOOST_TEST(line.find("ofThePublisher") == std::string::npos, line);
    }
}

BOOST_AUTO_TEST_CASE(only_success_counts_as_uploaded)
{
    tool("mkdir \"$1\"; : >\"$1/a\"; exit 1");
    const Execution done = run(plan("work", {(scratch.path() / "made").native()}, uploading()));
    BOOST_TEST(exit_of(done).at("exit").as_int64() == 1);
    BOOST_TEST(!done.uploaded.has_value());
}

BOOST_AUTO_TEST_CASE(a_tool_uploads_only_where_manifest_trust_and_run_allow_it)
{
    tool("echo ran");
    const auto refused = [&] {
        const Error error = error_of([&] { run(plan("work", {}, uploading())); });
        BOOST_TEST((error.code() == ErrorCode::permission), error.what());
        return std::string(error.what());
    };
    const auto has = [](const std::string& text, const char* part) {
        return text.find(part) != std::string::npos;
    };
    candidate.asks_for_token = false;
    std::string said = refused();
    BOOST_TEST(has(said, "its manifest does not ask for it (needs.token)"), said);
    candidate.asks_for_token = true;
    for (const char* trust : {"unpinned", "override", ""}) {
        candidate.trust = trust;
        said = refused();
        BOOST_TEST(has(said, "only built-in and pinned plugins may"), said);
    }
    candidate.trust = "pinned";
    target = nullptr;
    said = refused();
    BOOST_TEST(has(said, "may not upload anything in this run"), said);
    BOOST_TEST(record.lines.empty()); // it never ran
    BOOST_TEST(own_target.opened.empty());
    target = &own_target;
    tool("mkdir \"$1\"");
    BOOST_TEST(run(plan("work", {(scratch.path() / "made").native()}, uploading())).uploaded.value().empty());
}

BOOST_AUTO_TEST_CASE(a_folder_with_more_than_files_is_no_upload)
{
    const auto refused = [&](const char* script) {
        tool(std::string("cd \"$1\"; ") + script);
        fs::remove_all(scratch.path() / "made");
        const Error error = error_of([&] { run(plan("work", {scratch.path().native()}, uploading())); });
        BOOST_TEST((error.code() == ErrorCode::contract), error.what());
        return std::string(error.what());
    };
    const std::string made = (scratch.path() / "made").native();
    BOOST_TEST(refused("mkdir made; ln -s /etc/passwd made/link")
                   .find(made + "/link: was to be uploaded and is not "
                                "a regular file") != std::string::npos);
    BOOST_TEST(refused("mkdir -p made/sub; ln -s / made/sub/link").find("/sub/link") != std::string::npos);
    BOOST_TEST(refused("mkdir made; mkfifo made/pipe").find("made/pipe") != std::string::npos);
    BOOST_TEST(refused("mkdir made; : >'made/a\\b'").find("cannot hold") != std::string::npos);
    BOOST_TEST(refused("ln -s /etc made").find("is not a folder") != std::string::npos);
    BOOST_TEST(refused(":").find("is not a folder") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_plan_or_the_machine_does_not_have_cannot_run)
{
    const Error missing = error_of([&] { run(plan("work")); });
    BOOST_TEST((missing.code() == ErrorCode::not_found));
    BOOST_TEST(std::string(missing.what()).find("skw-test-tool: is not on PATH") != std::string::npos,
               missing.what());
    tool("exit 0");
    const Error unknown = error_of([&] { run(plan("other")); });
    BOOST_TEST((unknown.code() == ErrorCode::contract));
    BOOST_TEST(std::string(unknown.what()).find("step other: has no command in the plan") !=
                   std::string::npos,
               unknown.what());
}

BOOST_AUTO_TEST_CASE(a_tool_inside_of_a_tools_line_is_refused)
{
    tool("echo once");
    const Error error = error_of([&] { run(plan("+work")); });
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(std::string(error.what()).find("while another tool was running") != std::string::npos,
               error.what());
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_tool_and_all_it_started)
{
    tool("sleep 600 & echo $$ $! >\"$1\"; echo ready; wait");
    std::stop_source stop;
    record.on_progress = [&] { stop.request_stop(); };
    const fs::path pids = bin.path() / "pids";
    const Error error = error_of([&] { run(plan("work", {pids.native()}), stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled), error.what());
    std::ifstream in(pids);
    for (pid_t pid = 0; in >> pid;) {
        while (is_alive(pid)) { // the test's own time-out is the limit
        }
    }
    BOOST_TEST(testing::tree_of(scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_hanging_tool_is_ended_and_its_last_line_told)
{
    tool("echo 'layer 3 of 7'; exec sleep 600");
    Rights rights;
    rights.commands["work"].words = {"skw-test-tool"};
    FileHashes hashes;
    Processes processes({.plugin = candidate,
                         .rights = rights,
                         .root = scratch.path(),
                         .private_folder = [&] { return scratch.path(); },
                         .hashes = hashes,
                         .idle_limit = std::chrono::milliseconds(500)});
    const Error error = error_of([&] { processes.run("work", [](int, std::string_view) {}, {}); });
    BOOST_TEST((error.code() == ErrorCode::timed_out));
    BOOST_TEST(error.place() == "skw-test-tool");
    BOOST_TEST(error.hint() == "its last line was: layer 3 of 7");
}

BOOST_AUTO_TEST_CASE(tools_run_in_execute_only)
{
    const json::value plan = load_artifact(candidate, "tools")->plan(json::object{});
    BOOST_TEST(plan.at("message").as_string() == "may run nothing");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin

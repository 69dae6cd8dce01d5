// SPDX-License-Identifier: Apache-2.0
// A program gets what it is given and nothing else, and nothing of it is left behind, however it ends.
#include "support/child_process.hpp"

#include "support/error.hpp"
#include "support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <thread>

namespace skw {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Tools {
    // A script of the shell; words follow its name.
    ChildEnd run(const std::string& script, std::vector<std::string> words = {}, ChildLimits limits = {},
                 const std::stop_token& stop = {})
    {
        const fs::path file = folder.path() / "tool";
        std::ofstream(file) << "#!/bin/sh\n" << script;
        fs::permissions(file, fs::perms::owner_all);
        words.insert(words.begin(), "tool");
        return run_child(
            {.path = file, .words = words, .environment = environment}, limits,
            [this](int stream, std::string_view line) { took(stream, line); }, stop);
    }
    void took(int stream, std::string_view line)
    {
        (stream == 1 ? out : err).emplace_back(line);
        if (on_line) {
            on_line(line);
        }
    }
    Error failure(const std::function<void()>& body)
    {
        try {
            body();
        } catch (const Error& error) {
            return error;
        }
        BOOST_FAIL("nothing was thrown");
        return Error(ErrorCode::internal, {}, {});
    }
    TempFolder folder;
    std::vector<std::string> environment = {"PATH=/usr/bin:/bin"};
    std::vector<std::string> out, err;
    std::function<void(std::string_view)> on_line;
};

bool is_alive(pid_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const std::size_t state = text.rfind(')');
    return state != std::string::npos && text.substr(state + 2, 1) != "Z";
}

// A process that was killed may need a moment; the test's own time-out is the limit.
void wait_until_gone(pid_t pid)
{
    BOOST_TEST_REQUIRE(pid > 1);
    while (is_alive(pid)) {
        std::this_thread::yield();
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(support_child_process, Tools)

BOOST_AUTO_TEST_CASE(exit_codes_and_signals_are_told_apart)
{
    const ChildEnd good = run("exit 0");
    BOOST_TEST(good.exit.value() == 0);
    BOOST_TEST(!good.signal.has_value());
    BOOST_TEST(good.seconds >= 0);
    BOOST_TEST(run("exit 7").exit.value() == 7);
    const ChildEnd killed = run("kill -9 $$");
    BOOST_TEST(killed.signal.value() == SIGKILL);
    BOOST_TEST(!killed.exit.has_value());
}

BOOST_AUTO_TEST_CASE(a_program_that_cannot_be_started_says_why)
{
    const TakeLine ignore = [](int, std::string_view) {};
    const auto start = [&](const fs::path& path) {
        return failure(
            [&] { run_child({.path = path, .words = {"tool"}, .environment = {}}, {}, ignore, {}); });
    };
    const Error missing = start(folder.path() / "absent");
    BOOST_TEST((missing.code() == ErrorCode::not_found));
    BOOST_TEST(missing.place() == "tool");
    BOOST_TEST(missing.reason().ends_with("No such file or directory"), missing.reason());
    std::ofstream(folder.path() / "text") << "#!/bin/sh\n";
    BOOST_TEST(start(folder.path() / "text").reason().ends_with("Permission denied"));
    std::ofstream(folder.path() / "garbage") << "garbage";
    fs::permissions(folder.path() / "garbage", fs::perms::owner_all);
    const Error garbage = start(folder.path() / "garbage"); // a shell would run it as a script
    BOOST_TEST((garbage.code() == ErrorCode::io));
    BOOST_TEST(garbage.reason().ends_with("Exec format error"), garbage.reason());
    BOOST_TEST((::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD)); // no zombie of them
}

BOOST_AUTO_TEST_CASE(words_arrive_unchanged_and_no_shell_reads_them)
{
    const std::vector<std::string> words = {"a b", "",    "'\"", "$HOME", "`id`", "*", "\xc3\xa4\xe2\x82\xac",
                                            "-n",  "x\ty"};
    run("for word; do printf '<%s>\\n' \"$word\"; done", words);
    BOOST_TEST_REQUIRE(out.size() == words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        BOOST_TEST(out[i] == "<" + words[i] + ">");
    }
    const Error error = failure([&] { run("exit 0", {std::string("a\0b", 3)}); });
    BOOST_TEST((error.code() == ErrorCode::bad_argument));
}

BOOST_AUTO_TEST_CASE(the_environment_is_the_given_one_only)
{
    ::setenv("SKW_TEST_PLANTED", "secret", 1);
    environment = {"PATH=/usr/bin:/bin", "A=1", "B=two words"};
    run_child({.path = "/usr/bin/env", .words = {"env"}, .environment = environment}, {},
              [this](int stream, std::string_view line) { took(stream, line); }, {});
    ::unsetenv("SKW_TEST_PLANTED");
    BOOST_TEST(out == environment, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(standard_input_is_empty_and_there_is_no_terminal)
{
    run("cat; echo end; (: </dev/tty) 2>/dev/null || echo none; pwd");
    BOOST_TEST(out == (std::vector<std::string>{"end", "none", fs::current_path().native()}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(session_and_process_group_are_its_own)
{
    run("cut -d ' ' -f 1,5,6 /proc/$$/stat; echo $$ $$ $$");
    BOOST_TEST_REQUIRE(out.size() == 2u);
    BOOST_TEST(out[0] == out[1]);
}

BOOST_AUTO_TEST_CASE(no_other_descriptor_is_inherited)
{
    int plain[2];
    BOOST_TEST_REQUIRE(::pipe(plain) == 0); // not close-on-exec
    run("ls /proc/self/fd");                // ls has its own for the folder: 3
    ::close(plain[0]);
    ::close(plain[1]);
    BOOST_TEST(out == (std::vector<std::string>{"0", "1", "2", "3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(signals_are_as_the_system_sets_them)
{
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto pipe = ::signal(SIGPIPE, SIG_IGN);
    run("exec grep -E '^Sig(Blk|Ign):' /proc/self/status");
    ::signal(SIGPIPE, pipe);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    BOOST_TEST(out == (std::vector<std::string>{"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_parent_that_ignores_its_children_still_learns_their_end)
{
    const auto before = ::signal(SIGCHLD, SIG_IGN);
    BOOST_TEST(run("exit 3").exit.value() == 3);
    ::signal(SIGCHLD, before);
}

BOOST_AUTO_TEST_CASE(both_streams_come_as_lines_in_their_order)
{
    run("for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf 'half'");
    BOOST_TEST(out == (std::vector<std::string>{"out 1", "out 2", "out 3", "half"}),
               boost::test_tools::per_element());
    BOOST_TEST(err == (std::vector<std::string>{"err 1", "err 2", "err 3"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_200_lines_of_standard_error_are_kept)
{
    const ChildEnd end = run("echo no; i=0; while [ $i -lt 500 ]; do echo $i >&2; i=$((i+1)); done;"
                             "head -c 9999 /dev/zero | tr '\\0' x >&2");
    BOOST_TEST_REQUIRE(end.last_lines.size() == 200u);
    BOOST_TEST(end.last_lines.front() == "301");
    BOOST_TEST(end.last_lines.back() == std::string(4096, 'x'));
    BOOST_TEST(err.back().size() == 9999u); // whole to whoever listens
}

BOOST_AUTO_TEST_CASE(a_flood_of_output_does_not_fill_the_memory)
{
    const auto peak = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    std::uint64_t lines = 0, bytes = 0;
    const TakeLine count = [&](int, std::string_view line) {
        ++lines;
        bytes += line.size() + 1;
    };
    const long before = peak();
    run_child(
        {.path = "/bin/sh",
         .words = {"sh", "-c", "yes 'one line of the flood' | head -c 100000000; head -c 10000000 /dev/zero"},
         .environment = environment},
        {}, count, {});
    BOOST_TEST(lines == 100'000'000u / 22 + 1);
    BOOST_TEST(bytes == 100'000'000u / 22 * 22 + (64u << 10) + 1); // the zeros are one line, cut
    BOOST_TEST(peak() - before < 16 << 10);                        // KiB
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_whole_group)
{
    std::stop_source stop;
    on_line = [&](std::string_view) { stop.request_stop(); };
    const Error error = failure([&] { run("sleep 600 & echo $!; wait", {}, {}, stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled));
    wait_until_gone(std::atoi(out.at(0).c_str()));
}

BOOST_AUTO_TEST_CASE(a_stop_from_another_thread_wakes_a_silent_run)
{
    std::stop_source stop;
    std::promise<void> begun;
    on_line = [&](std::string_view) { begun.set_value(); };
    std::thread other([&] {
        begun.get_future().wait();
        stop.request_stop();
    });
    const Error error = failure([&] { run("echo $$; exec sleep 600", {}, {}, stop.get_token()); });
    other.join();
    BOOST_TEST((error.code() == ErrorCode::cancelled));
    BOOST_TEST(!is_alive(std::atoi(out.at(0).c_str())));
}

BOOST_AUTO_TEST_CASE(a_stop_before_the_start_starts_nothing)
{
    std::stop_source stop;
    stop.request_stop();
    const fs::path mark = folder.path() / "mark";
    const Error error = failure([&] { run(": >\"$1\"", {mark.native()}, {}, stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled));
    BOOST_TEST(!fs::exists(mark));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_asked_to_end_may_tidy_up)
{
    std::stop_source stop;
    on_line = [&](std::string_view line) {
        if (line == "ready") {
            stop.request_stop();
        }
    };
    const std::string script =
        "trap 'echo tidied; exit 0' TERM; echo ready; while :; do sleep 600 & wait; done";
    failure([&] { run(script, {}, {}, stop.get_token()); });
    BOOST_TEST(out.back() == "tidied");
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_want_to_end_is_killed)
{
    std::stop_source stop;
    on_line = [&](std::string_view) { stop.request_stop(); };
    const Error error = failure(
        [&] { run("trap '' TERM; echo $$; while :; do :; done", {}, {.grace = 50ms}, stop.get_token()); });
    BOOST_TEST((error.code() == ErrorCode::cancelled));
    BOOST_TEST(!is_alive(std::atoi(out.at(0).c_str())));
}

BOOST_AUTO_TEST_CASE(a_program_that_hangs_is_ended_with_its_group)
{
    const Error error = failure([&] { run("sleep 600 & echo $!; wait", {}, {.idle = 500ms}); });
    BOOST_TEST((error.code() == ErrorCode::timed_out));
    BOOST_TEST(error.what() == "tool: neither printed nor computed anything for 1 s and was ended");
    wait_until_gone(std::atoi(out.at(0).c_str()));
}

BOOST_AUTO_TEST_CASE(a_program_that_goes_on_printing_is_ended_at_the_total_limit)
{
    const Error error =
        failure([&] { run("echo $$; while :; do echo more; done >/dev/null", {}, {.idle = 60s, .total = 300ms}); });
    BOOST_TEST((error.code() == ErrorCode::timed_out));
    BOOST_TEST(error.what() == "tool: had not ended after 1 s and was ended");
    BOOST_TEST(!is_alive(std::atoi(out.at(0).c_str())));
}

BOOST_AUTO_TEST_CASE(computing_in_silence_is_not_hanging)
{
    // Ends by itself after far more computing than the idle limit allows silence.
    const ChildEnd end =
        run("t() { set -- $(cut -d' ' -f14 /proc/$$/stat); echo $1; }\n"
            "until [ $(t) -gt 60 ]; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done",
            {}, {.idle = 500ms});
    BOOST_TEST(end.exit.value() == 0);
    BOOST_TEST(end.seconds > 0.5);
}

BOOST_AUTO_TEST_CASE(a_child_left_in_the_background_is_killed)
{
    const ChildEnd end = run("sleep 600 & echo $!; exit 4");
    BOOST_TEST(end.exit.value() == 4);
    wait_until_gone(std::atoi(out.at(0).c_str()));
}

BOOST_AUTO_TEST_CASE(a_grandchild_that_escaped_with_the_pipe_is_not_waited_for)
{
    // It has written to the pipe before the program ends, and lives on with the pipe open.
    const ChildEnd end = run("mkfifo \"$1\"\n"
                             "setsid sh -c 'echo $$; echo >\"$0\"; exec sleep 600' \"$1\" &\n"
                             "read -r _ <\"$1\"; exit 5",
                             {folder.path() / "fifo"});
    BOOST_TEST(end.exit.value() == 5);
    const pid_t escaped = std::atoi(out.at(0).c_str());
    BOOST_TEST_REQUIRE(escaped > 1);
    BOOST_TEST(is_alive(escaped));
    ::kill(escaped, SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_listener_that_throws_ends_the_program)
{
    on_line = [](std::string_view) { throw Error(ErrorCode::failed, "listener", "had enough"); };
    const Error error = failure([&] { run("echo $$; exec sleep 600"); });
    BOOST_TEST(error.reason() == "had enough");
    BOOST_TEST(!is_alive(std::atoi(out.at(0).c_str())));
}

BOOST_AUTO_TEST_CASE(a_program_that_closes_its_output_is_waited_for)
{
    BOOST_TEST(run("exec >&- 2>&-; for i in 1 2 3; do sh -c :; done; exit 6").exit.value() == 6);
}

BOOST_AUTO_TEST_CASE(a_parent_without_standard_input_starts_programs_all_the_same)
{
    const int saved = ::fcntl(0, F_DUPFD_CLOEXEC, 10);
    BOOST_TEST_REQUIRE(saved >= 10);
    ::close(0);
    run("cat; echo out; echo err >&2");
    ::dup2(saved, 0);
    ::close(saved);
    BOOST_TEST(out == std::vector<std::string>{"out"}, boost::test_tools::per_element());
    BOOST_TEST(err == std::vector<std::string>{"err"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_program_dies_with_the_thread_that_started_it)
{
    Spawned child;
    std::thread starter([&] {
        child =
            spawn({.path = "/bin/sh", .words = {"sh", "-c", "exec sleep 600"}, .environment = environment});
    });
    starter.join();
    int status = 0;
    BOOST_TEST(::waitpid(child.pid, &status, 0) == child.pid);
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGKILL);
}

BOOST_AUTO_TEST_CASE(programs_run_from_several_threads_at_once)
{
    std::vector<std::thread> threads;
    std::array<int, 4> ends{};
    for (std::size_t i = 0; i < ends.size(); ++i) {
        threads.emplace_back([&ends, i] {
            const std::string code = std::to_string(i + 10);
            for (int again = 0; again < 5; ++again) {
                const Program program{
                    .path = "/bin/sh", .words = {"sh", "-c", "exit " + code}, .environment = {}};
                ends[i] += run_child(program, {}, [](int, std::string_view) {}, {}).exit.value_or(-1000);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
        BOOST_TEST(ends[i] == 5 * (static_cast<int>(i) + 10));
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw

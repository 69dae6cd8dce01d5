// SPDX-License-Identifier: Apache-2.0
// fork and exec, with nothing between them that could wait for a lock of another thread.
#include "support/spawn.hpp"

#include "support/error.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace skw {

void Descriptor::close() noexcept
{
    if (fd_ >= 0) {
        ::close(release());
    }
}

namespace {

[[noreturn]] void fail(const Program& program, int error)
{
    throw Error(error == ENOENT ? ErrorCode::not_found : ErrorCode::io, program.words.at(0),
                "cannot be started as " + program.path + ": " + std::strerror(error));
}

// Above the standard three, so that giving the child its own three overwrites none of ours.
Descriptor lifted(const Program& program, int fd)
{
    const Descriptor low(fd);
    const int high = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (high < 0) {
        fail(program, errno);
    }
    return Descriptor(high);
}

struct Pipe {
    explicit Pipe(const Program& program)
    {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            fail(program, errno);
        }
        Descriptor second(ends[1]);
        read = lifted(program, ends[0]);
        write = lifted(program, second.release());
    }
    Descriptor read, write;
};

std::vector<char*> pointers(const Program& program, const std::vector<std::string>& texts)
{
    std::vector<char*> list;
    for (const std::string& text : texts) {
        if (text.find('\0') != std::string::npos) {
            throw Error(ErrorCode::bad_argument, program.words.at(0),
                        "cannot be given a word or variable with a zero byte in it");
        }
        list.push_back(const_cast<char*>(text.c_str())); // exec writes to none of them
    }
    list.push_back(nullptr);
    return list;
}

// All that the child needs, made before it is there.
struct Prepared {
    const char* path;
    char* const* words;
    char* const* environment;
    int in, out, err, report;
    int most_descriptors;
    pid_t parent;
};

// Runs in the child: system calls only.
[[noreturn]] void become(const Prepared& made) noexcept
{
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool ready = ::getppid() == made.parent; // else our end came before the line above
    ready = ready && ::dup2(made.in, 0) == 0 && ::dup2(made.out, 1) == 1 && ::dup2(made.err, 2) == 2;
    if (::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) {
        for (int fd = 3; fd < made.most_descriptors; ++fd) {
            ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        ::sigaction(signal, &usual, nullptr); // fails for the two that cannot be caught
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (ready) {
        ::execve(made.path, made.words, made.environment);
    }
    const int error = errno;
    const bool told = ::write(made.report, &error, sizeof error) == sizeof error;
    ::_exit(told ? 127 : 126);
}

int most_descriptors() noexcept
{
    rlimit limit{};
    const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
    return known ? static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1u << 16)) : 1 << 16;
}

// 0 when the program runs, or why it does not.
int wait_for_exec(int report) noexcept
{
    int error = 0;
    ssize_t got = 0;
    do {
        got = ::read(report, &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    return got == sizeof error ? (error != 0 ? error : EIO) : 0;
}

} // namespace

Spawned spawn(const Program& program)
{
    if (program.words.empty()) {
        throw Error(ErrorCode::bad_argument, program.path, "needs a name to be called by");
    }
    const std::vector<char*> words = pointers(program, program.words);
    const std::vector<char*> environment = pointers(program, program.environment);
    pointers(program, {program.path});
    const Descriptor null = lifted(program, ::open("/dev/null", O_RDONLY | O_CLOEXEC));
    Pipe out(program), err(program), report(program);
    const Prepared made{.path = program.path.c_str(),
                        .words = words.data(),
                        .environment = environment.data(),
                        .in = null.get(),
                        .out = out.write.get(),
                        .err = err.write.get(),
                        .report = report.write.get(),
                        .most_descriptors = most_descriptors(),
                        .parent = ::getpid()};
    ::fcntl(out.read.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(err.read.get(), F_SETFL, O_NONBLOCK);
    struct sigaction children {};
    if (::sigaction(SIGCHLD, nullptr, &children) == 0 && children.sa_handler == SIG_IGN) {
        ::signal(SIGCHLD, SIG_DFL); // inherited by us: nobody could ask how the program ended
    }
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before); // no handler of ours runs in the child
    const pid_t pid = ::fork();
    if (pid == 0) {
        become(made);
    }
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) {
        fail(program, error);
    }
    report.write.close();
    if (const int refused = wait_for_exec(report.read.get())) {
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        fail(program, refused);
    }
    return {.pid = pid, .out = std::move(out.read), .err = std::move(err.read)};
}

} // namespace skw

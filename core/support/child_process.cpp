// SPDX-License-Identifier: Apache-2.0
// Watches one running program: both pipes, its end, the wish to stop, and whether it still lives.
#include "support/child_process.hpp"

#include "support/cpu_time.hpp"
#include "support/error.hpp"
#include "support/lines.hpp"
#include "support/text.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>

namespace skw {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_last_lines = 200;
constexpr std::size_t longest_last_line = 4096;
// After the program's end: how long an open pipe is waited for, and how much may still come out of both.
constexpr auto patience_with_pipes = 300ms;
constexpr std::uint64_t most_left_in_pipes = 4u << 20; // two pipes hold at most 1 MiB each

// A descriptor that can be read when a stop is requested.
class StopSignal {
public:
    explicit StopSignal(const std::stop_token& stop)
        : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          ring_(stop, Ring{event_.get()})
    {
    }
    int descriptor() const noexcept { return event_.get(); }

private:
    struct Ring {
        int fd;
        void operator()() const noexcept
        {
            const std::uint64_t one = 1;
            if (::write(fd, &one, sizeof one) < 0) {
                return; // the watch looks at the token anyway, only later
            }
        }
    };
    Descriptor event_;
    std::stop_callback<Ring> ring_;
};

class Watch {
public:
    Watch(const Program& program, const ChildLimits& limits, const TakeLine& take,
          const std::stop_token& stop)
        : program_(program),
          limits_(limits),
          take_(take),
          stop_(stop),
          stop_signal_(stop),
          child_(spawn(program)),
          handle_(static_cast<int>(::syscall(SYS_pidfd_open, child_.pid, 0))),
          out_([this](std::string_view line) { take_(1, line); }),
          err_([this](std::string_view line) { take_error_line(line); })
    {
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch()
    {
        if (!settled_) {
            tell_group(SIGKILL);
            reap();
        }
    }

    ChildEnd run()
    {
        sample_at_ = begin_ + sample_every();
        for (;;) {
            read_what_came();
            const Clock::time_point now = Clock::now();
            if (ended_ ? is_drained(now) : !look_for_end(now) && !may_go_on(now)) {
                settled_ = true;
                break;
            }
        }
        out_.finish();
        err_.finish();
        if (why_) {
            throw Error(*why_);
        }
        return {.exit = exit_,
                .signal = signal_,
                .seconds = std::chrono::duration<double>(*ended_ - begin_).count(),
                .last_lines = {last_lines_.begin(), last_lines_.end()}};
    }

private:
    void take_error_line(std::string_view line)
    {
        if (last_lines_.size() == most_last_lines) {
            last_lines_.pop_front();
        }
        last_lines_.push_back(line.size() > longest_last_line ? make_utf8(line, longest_last_line)
                                                              : std::string(line));
        take_(2, line);
    }

    void tell_group(int signal) const noexcept
    {
        ::kill(-child_.pid, signal); // the leader is not reaped yet, so the number is still ours
    }

    void reap() noexcept
    {
        while (::waitpid(child_.pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        settled_ = true;
    }

    void read_what_came()
    {
        const bool stopping = why_.has_value();
        std::array<pollfd, 4> looks{{{child_.out.get(), POLLIN, 0},
                                     {child_.err.get(), POLLIN, 0},
                                     {stopping ? -1 : stop_signal_.descriptor(), POLLIN, 0},
                                     {ended_ ? -1 : handle_.get(), POLLIN, 0}}};
        quiet_ = ::poll(looks.data(), looks.size(), static_cast<int>(next_look().count())) <= 0;
        if (quiet_) {
            return;
        }
        if (looks[0].revents != 0) {
            read_block(child_.out, out_);
        }
        if (looks[1].revents != 0) {
            read_block(child_.err, err_);
        }
    }

    std::chrono::milliseconds next_look() const
    {
        if (ended_) {
            return 20ms;
        }
        // Without a handle that tells the end, or a signal that tells the stop, looking often is all there
        // is.
        std::chrono::milliseconds wait = handle_.open() && stop_signal_.descriptor() >= 0 ? 1000ms : 20ms;
        if (limits_.idle > 0ms) {
            wait = std::min(wait, sample_every());
        }
        if (limits_.total > 0ms) {
            wait = std::min(wait, std::clamp<std::chrono::milliseconds>(limits_.total / 8, 10ms, 1000ms));
        }
        return why_ ? std::min(wait, std::max(limits_.grace / 10, 1ms)) : wait;
    }

    void read_block(Descriptor& from, LineSplitter& lines)
    {
        const ssize_t got = ::read(from.get(), block_.data(), block_.size());
        if (got > 0) {
            active_ = Clock::now();
            left_in_pipes_ += ended_ ? static_cast<std::uint64_t>(got) : 0;
            lines.add({block_.data(), static_cast<std::size_t>(got)});
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            from.close();
        }
    }

    bool is_drained(Clock::time_point now) const
    {
        return (!child_.out.open() && !child_.err.open()) || left_in_pipes_ > most_left_in_pipes ||
               (quiet_ && now - *ended_ > patience_with_pipes);
    }

    // True when the program has just ended; then the rest of its group is killed too.
    bool look_for_end(Clock::time_point now)
    {
        siginfo_t end{};
        if (::waitid(P_PID, static_cast<id_t>(child_.pid), &end, WEXITED | WNOHANG | WNOWAIT) != 0 ||
            end.si_pid != child_.pid) {
            return false;
        }
        (end.si_code == CLD_EXITED ? exit_ : signal_) = end.si_status;
        tell_group(SIGKILL);
        reap();
        ended_ = now;
        return true;
    }

    // False: not even SIGKILL helps, which a file system that does not answer can do.
    bool may_go_on(Clock::time_point now)
    {
        if (!why_) {
            if (stop_.stop_requested()) {
                ask_to_end(now, Error(ErrorCode::cancelled, {}, "stopped by the operator"));
            } else if (is_idle(now)) {
                ask_to_end(now, too_long("neither printed nor computed anything for ", limits_.idle));
            } else if (limits_.total > 0ms && now - begin_ >= limits_.total) {
                ask_to_end(now, too_long("had not ended after ", limits_.total));
            }
        } else if (now >= *kill_at_) {
            tell_group(SIGKILL);
            return now < *kill_at_ + limits_.grace;
        }
        return true;
    }

    Error too_long(const std::string& what, std::chrono::milliseconds limit) const
    {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count();
        return Error(ErrorCode::timed_out, program_.words[0],
                     what + human_seconds(static_cast<std::uint64_t>(seconds)) + " and was ended");
    }

    void ask_to_end(Clock::time_point now, Error why)
    {
        why_ = std::move(why);
        kill_at_ = now + limits_.grace;
        tell_group(SIGTERM);
        tell_group(SIGCONT); // one that is halted could not hear the other
    }

    std::chrono::milliseconds sample_every() const
    {
        return std::clamp<std::chrono::milliseconds>(limits_.idle / 8, 10ms, 30s);
    }

    bool is_idle(Clock::time_point now)
    {
        if (limits_.idle <= 0ms || now < sample_at_) {
            return false;
        }
        // A hundredth of one core counts as work: a thread that only looks at a clock uses less.
        const auto since = std::chrono::duration<double>(now - sampled_).count();
        sampled_ = now;
        sample_at_ = now + sample_every();
        const std::uint64_t ticks = read_group_cpu_ticks(child_.pid);
        const auto used = static_cast<double>(ticks > cpu_ticks_ ? ticks - cpu_ticks_ : 0) /
                          static_cast<double>(::sysconf(_SC_CLK_TCK));
        cpu_ticks_ = ticks;
        if (used > 0.01 * since) {
            active_ = std::max(active_, now);
        }
        return now - active_ >= limits_.idle;
    }

    const Program& program_;
    const ChildLimits& limits_;
    const TakeLine& take_;
    const std::stop_token& stop_;
    const StopSignal stop_signal_;
    std::vector<char> block_ = std::vector<char>(64u << 10);
    Spawned child_;           // behind what may fail: from here on the destructor has to end it
    const Descriptor handle_; // -1: this system has none
    LineSplitter out_, err_;
    std::deque<std::string> last_lines_;
    const Clock::time_point begin_ = Clock::now();
    Clock::time_point active_ = begin_;    // the last sign of life
    Clock::time_point sample_at_ = begin_; // of the CPU time
    Clock::time_point sampled_ = begin_;
    std::uint64_t cpu_ticks_ = 0;
    std::uint64_t left_in_pipes_ = 0;
    std::optional<Error> why_; // it was asked to end
    std::optional<Clock::time_point> kill_at_, ended_;
    std::optional<int> exit_, signal_;
    bool quiet_ = false;   // nothing came at the last look
    bool settled_ = false; // reaped, or given up
};

} // namespace

ChildEnd run_child(const Program& program, const ChildLimits& limits, const TakeLine& take,
                   const std::stop_token& stop)
{
    if (stop.stop_requested()) {
        throw Error(ErrorCode::cancelled, {}, "stopped by the operator");
    }
    return Watch(program, limits, take, stop).run();
}

} // namespace skw

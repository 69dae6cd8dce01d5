// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, SIGTERM and the end of the terminal as a stop token, by a thread that waits for them.
#include "support/interrupt.hpp"

#include "support/error.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>

namespace skw {

struct InterruptGuard::State {
    std::function<void()> before_end;
    std::stop_source stop;
    std::atomic<int> signal{0};
    std::atomic<bool> done{false};
    sigset_t watched{};
    std::thread waiter;
};

// The signals are blocked in every thread and taken by one, so that no code of ours runs inside a handler.
InterruptGuard::InterruptGuard(std::function<void()> before_end) : state_(new State)
{
    state_->before_end = std::move(before_end);
    ::signal(SIGPIPE, SIG_IGN); // a reader that left is an error of write(), not the end of a publish
    sigemptyset(&state_->watched);
    sigaddset(&state_->watched, SIGINT);
    sigaddset(&state_->watched, SIGTERM);
    struct sigaction hangup {};
    if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) { // as nohup leaves it
        sigaddset(&state_->watched, SIGHUP);
    }
    sigaddset(&state_->watched, SIGUSR2); // our own, to end the waiter
    pthread_sigmask(SIG_BLOCK, &state_->watched, nullptr);
    state_->waiter = std::thread([state = state_] {
        for (;;) {
            int signal = 0;
            if (sigwait(&state->watched, &signal) != 0 || state->done) {
                return;
            }
            if (signal == SIGUSR2) {
                continue;
            }
            if (state->signal != 0) {
                if (state->before_end) {
                    state->before_end();
                }
                if (signal == SIGINT) {
                    end_by_interrupt();
                }
                _exit(128 + signal);
            }
            state->signal = signal;
            state->stop.request_stop();
        }
    });
}

InterruptGuard::~InterruptGuard()
{
    state_->done = true;
    pthread_kill(state_->waiter.native_handle(), SIGUSR2);
    state_->waiter.join();
    pthread_sigmask(SIG_UNBLOCK, &state_->watched, nullptr);
    delete state_;
}

std::stop_token InterruptGuard::token() const
{
    return state_->stop.get_token();
}

int InterruptGuard::exit_code() const noexcept
{
    const int signal = state_->signal;
    return signal == 0 ? 0 : 128 + signal; // as a shell reports it
}

void end_by_interrupt()
{
    ::signal(SIGINT, SIG_DFL);
    sigset_t interrupt{};
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
    ::raise(SIGINT);
    _exit(exit_code::interrupted); // a debugger may have swallowed it
}

} // namespace skw

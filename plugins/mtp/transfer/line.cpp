// SPDX-License-Identifier: Apache-2.0
// The order of the workers.
#include "mtp/transfer/line.hpp"

#include <new>
#include <utility>

namespace skw::mtp {

bool Line::claim(Band& band)
{
    const std::lock_guard<std::mutex> guard(mutex_);
    return !is_stopped() && cutter_.next(band);
}

bool Line::await_turn(std::uint64_t band)
{
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return turn_ == band || is_stopped(); });
    return !is_stopped();
}

void Line::end_turn()
{
    const std::lock_guard<std::mutex> guard(mutex_);
    ++turn_;
    changed_.notify_all();
}

Line::Fault Line::describe_current(std::uint64_t band) noexcept
{
    Fault fault{band, false, {}, {}};
    try {
        try {
            throw;
        } catch (const sdk::Failure& failure) {
            fault.failure.emplace(failure);
        }
    } catch (const std::bad_alloc&) {
        fault.out_of_memory = true;
    } catch (...) {
        fault.other = std::current_exception();
    }
    return fault;
}

void Line::fail(std::uint64_t band) noexcept
{
    Fault fault = describe_current(band);
    const std::lock_guard<std::mutex> guard(mutex_);
    if (!fault_ || band < fault_->band) {
        fault_ = std::move(fault);
    }
    stopped_.store(true, std::memory_order_relaxed);
    changed_.notify_all();
}

void Line::throw_if_failed() const
{
    if (!fault_) {
        return;
    }
    if (fault_->failure) {
        throw sdk::Failure(*fault_->failure);
    }
    if (fault_->out_of_memory) {
        throw std::bad_alloc();
    }
    std::rethrow_exception(fault_->other);
}

} // namespace skw::mtp

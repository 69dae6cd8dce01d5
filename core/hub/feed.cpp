// SPDX-License-Identifier: Apache-2.0
// The queue of one part.
#include "hub/feed.hpp"

#include <utility>

namespace skw::hub {

Taken PartQueue::take(std::function<void()> ready)
{
    Taken out;
    const std::scoped_lock lock(mutex_);
    if (!wanted_) {
        wanted_ = true;
        changed_.notify_all();
    }
    if (!blocks_.empty()) {
        out.block = std::move(blocks_.front());
        blocks_.pop_front();
    } else if (!problem_.empty()) {
        out.problem = problem_;
    } else {
        ready_ = std::move(ready);
    }
    return out;
}

bool PartQueue::touched() const
{
    const std::scoped_lock lock(mutex_);
    return wanted_;
}

void PartQueue::end()
{
    std::deque<Block> left; // go back without our lock
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    ready_ = nullptr;
    left.swap(blocks_);
    changed_.notify_all();
}

bool PartQueue::wait_wanted(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return wanted_ || ended_; });
    return wanted_ && !ended_;
}

bool PartQueue::push(Block block)
{
    std::function<void()> ready;
    {
        const std::scoped_lock lock(mutex_);
        if (ended_) {
            return false;
        }
        blocks_.push_back(std::move(block));
        ready = std::exchange(ready_, nullptr);
    }
    if (ready) {
        ready();
    }
    return true;
}

void PartQueue::fail(std::string problem)
{
    std::function<void()> ready;
    {
        const std::scoped_lock lock(mutex_);
        problem_ = std::move(problem);
        ready = std::exchange(ready_, nullptr);
    }
    if (ready) {
        ready();
    }
}

} // namespace skw::hub

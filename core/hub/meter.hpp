// SPDX-License-Identifier: Apache-2.0
// Progress of an upload: bytes of content, each counted once however often it is sent.
#pragma once

#include "hub/client.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace skw::hub {

// Over all objects; several threads.
class Meter {
public:
    Meter(const CommitEvents& events, std::uint64_t total) : events_(events), total_(total) {}
    // More bytes of one file, of which so many are through now.
    void add(std::uint64_t bytes, std::string_view path, std::uint64_t of_file, std::uint64_t size)
    {
        const std::scoped_lock lock(mutex_);
        sent_ = std::min(total_, sent_ + bytes);
        if (events_.file) {
            events_.file(path, of_file, size);
        }
        if (events_.progress && bytes > 0) {
            events_.progress(sent_, total_);
        }
    }

private:
    std::mutex mutex_;
    const CommitEvents& events_;
    const std::uint64_t total_;
    std::uint64_t sent_ = 0;
};

// Of one object; several threads. Never more than the object has: a part that goes to a new address after its
// old one ran out is counted twice until then.
class ObjectMeter {
public:
    ObjectMeter(Meter& meter, const Addition& addition)
        : meter_(meter),
          path_(addition.path.text()),
          size_(addition.size),
          left_(addition.size)
    {
    }
    void begin()
    {
        const std::scoped_lock lock(mutex_);
        meter_.add(0, path_, size_ - left_, size_);
    }
    void add(std::uint64_t bytes)
    {
        const std::scoped_lock lock(mutex_);
        const std::uint64_t counted = std::min(bytes, left_);
        left_ -= counted;
        if (counted > 0) {
            meter_.add(counted, path_, size_ - left_, size_);
        }
    }
    void complete() { add(UINT64_MAX); } // the repo has all of it

private:
    std::mutex mutex_;
    Meter& meter_;
    const std::string_view path_; // of the addition, which lives longer
    const std::uint64_t size_;
    std::uint64_t left_;
};

// The sent-callback of one PUT, which may be tried more than once: what is sent again is not counted again.
// Every try works on a copy of the request, so the counts lie outside of it.
class PartMeter {
public:
    explicit PartMeter(ObjectMeter& meter) : meter_(&meter), counts_(std::make_shared<Counts>()) {}
    void operator()(std::uint64_t bytes)
    {
        counts_->now = bytes == 0 ? 0 : counts_->now + bytes;
        if (counts_->now > counts_->most) {
            const std::uint64_t more = counts_->now - counts_->most;
            counts_->most = counts_->now;
            meter_->add(more);
        }
    }

private:
    struct Counts {
        std::uint64_t now = 0, most = 0;
    };
    ObjectMeter* meter_;
    std::shared_ptr<Counts> counts_;
};

} // namespace skw::hub

// SPDX-License-Identifier: Apache-2.0
// Progress of an upload: bytes of content, each counted once however often it is sent.
#pragma once

#include "hub/client.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>

namespace skw::hub {

// Over all objects; several threads.
class Meter {
public:
    Meter(const UploadProgress& progress, std::uint64_t total) : progress_(progress), total_(total) {}
    void add(std::uint64_t bytes)
    {
        const std::scoped_lock lock(mutex_);
        sent_ = std::min(total_, sent_ + bytes);
        if (progress_) {
            progress_(sent_, total_);
        }
    }

private:
    std::mutex mutex_;
    const UploadProgress& progress_;
    const std::uint64_t total_;
    std::uint64_t sent_ = 0;
};

// Of one object; several threads. Never more than the object has: a part that goes to a new address after its
// old one ran out is counted twice until then.
class ObjectMeter {
public:
    ObjectMeter(Meter& meter, std::uint64_t size) : meter_(meter), left_(size) {}
    void add(std::uint64_t bytes)
    {
        const std::scoped_lock lock(mutex_);
        const std::uint64_t counted = std::min(bytes, left_);
        left_ -= counted;
        if (counted > 0) {
            meter_.add(counted);
        }
    }
    void complete() { add(UINT64_MAX); } // the repo has all of it

private:
    std::mutex mutex_;
    Meter& meter_;
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

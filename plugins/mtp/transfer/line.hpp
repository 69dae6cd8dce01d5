// SPDX-License-Identifier: Apache-2.0
// What the workers of a transfer share: who takes which band, whose turn it is to write, how it all ends.
#pragma once

#include "mtp/transfer/bands.hpp"

#include <skw/failure.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <span>

namespace skw::mtp {

// Bands are claimed in order and written in order, so the one whose turn it is always has a worker: nobody
// waits for ever. The first failure stops everybody. Threads: any.
class Line {
public:
    Line(std::span<const OutputTensor> tensors, std::uint64_t band_bytes) : cutter_(tensors, band_bytes) {}

    // The next band. False: there is none, or the line has stopped.
    bool claim(Band& band);
    // Waits until all bands before this one are written. False: the line has stopped.
    bool await_turn(std::uint64_t band);
    void end_turn();

    bool is_stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }
    // Stops the line with the exception that is being handled, about this band.
    void fail(std::uint64_t band) noexcept;
    // Throws the failure of the lowest band that has one.
    // needs   all workers have ended
    void throw_if_failed() const;

private:
    // A copy, not the exception itself: that would be freed by one thread while another still looks at it.
    struct Fault {
        std::uint64_t band = 0;
        bool out_of_memory = false;
        std::optional<sdk::Failure> failure;
        std::exception_ptr other; // a bug
    };
    static Fault describe_current(std::uint64_t band) noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    BandCutter cutter_;
    std::uint64_t turn_ = 0;
    std::atomic<bool> stopped_ = false;
    std::optional<Fault> fault_;
};

} // namespace skw::mtp

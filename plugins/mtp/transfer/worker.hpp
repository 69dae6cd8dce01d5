// SPDX-License-Identifier: Apache-2.0
// One worker of a transfer: takes a band, reads and converts it, and writes it when its turn comes.
#pragma once

#include "mtp/kernels/kernels.hpp"
#include "mtp/transfer/bands.hpp"
#include "mtp/transfer/convert.hpp"
#include "mtp/transfer/judge.hpp"
#include "mtp/transfer/line.hpp"

#include <skw/services.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

// Bytes and requests of all workers, told to the host as they come. Threads: any.
class Account {
public:
    Account(const sdk::Call& call, std::string_view step, std::uint64_t total, Meter& meter)
        : call_(call),
          step_(step),
          total_(total),
          meter_(meter)
    {
        call_.progress(step_, 0, total_);
    }
    void add_request();
    void add_bytes(std::uint64_t bytes);

private:
    const sdk::Call& call_;
    std::string_view step_;
    std::uint64_t total_, done_ = 0;
    std::mutex mutex_; // also keeps the order of the reports
    Meter& meter_;
};

// What all workers work with. Judge and sink belong to the worker whose turn it is.
struct Job {
    const sdk::Call& call;
    const sdk::Hub& hub;
    const std::string& input;
    std::span<const std::string> shards;
    std::span<const OutputTensor> tensors;
    const Kernels& kernels;
    const BandTotals& totals;
    sdk::Writer& sink;
    Account& account;
    Judge& judge;
    Line& line;
};

// Fewer reads would not be faster, and what was read is still in the cache when it is converted.
inline constexpr std::size_t read_buffer_bytes = 512u << 10;

class Worker {
public:
    // Takes all the memory that it will need for data. Throws std::bad_alloc.
    explicit Worker(const Job& job);

    // Works until no band is left or the line has stopped. What fails is in the line then.
    void run() noexcept;

private:
    struct Stopped {}; // somebody else has failed
    void work_on(std::uint64_t number);
    void fetch();
    void fetch_range(const FetchRange& range);
    void take_weights(sdk::Reader& reader, const Part& part, const std::string& file);
    void skip(sdk::Reader& reader, std::uint64_t bytes, const std::string& file);
    void fill(sdk::Reader& reader, std::span<std::byte> into, const std::string& file);
    void write();
    void check_wishes() const;

    const Job& job_;
    Band band_;
    std::vector<std::byte> buffer_, output_, companions_;
    std::vector<Tally> tallies_; // of the pieces
    ConvertScratch scratch_;
};

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Starts the workers, is one of them, and says how it ended.
#include "mtp/transfer/transfer.hpp"

#include "mtp/transfer/worker.hpp"

#include <algorithm>
#include <functional>
#include <new>
#include <system_error>
#include <thread>

namespace skw::mtp {

namespace {

void help(const Job& job) noexcept
{
    try {
        Worker worker(job);
        worker.run();
    } catch (const std::bad_alloc&) {
        return; // too little memory for one more: the others do the work
    }
}

} // namespace

void transfer_tensors(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
                      std::span<const std::string> shards, std::span<const OutputTensor> tensors,
                      std::string_view step, const TransferSettings& settings, sdk::Writer& sink,
                      Meter& meter)
{
    const BandTotals totals = count_bands(tensors, settings.band_bytes);
    Account account(call, step, totals.fetch_bytes, meter);
    Judge judge(call, shards, tensors, settings.accept_nonfinite);
    Line line(tensors, settings.band_bytes);
    const Job job{call, hub, input, shards, tensors, choose_kernels(), totals, sink, account, judge, line};
    {
        Worker own(job);
        // This thread is a worker too, so a refusal of the system only makes the run slower.
        const std::uint64_t helpers = std::min<std::uint64_t>(settings.workers, totals.bands);
        std::vector<std::jthread> threads; // joined before anything they use is gone
        try {
            while (threads.size() + 1 < helpers) {
                threads.emplace_back(help, std::cref(job));
            }
        } catch (const std::system_error&) {
            call.debug("the system gives no more threads: the transfer goes on with fewer");
        } catch (const std::bad_alloc&) {
            call.debug("no memory for more threads: the transfer goes on with fewer");
        }
        own.run();
    }
    line.throw_if_failed();
}

std::uint64_t fetch_bytes(std::span<const OutputTensor> tensors, const TransferSettings& settings)
{
    return count_bands(tensors, settings.band_bytes).fetch_bytes;
}

} // namespace skw::mtp

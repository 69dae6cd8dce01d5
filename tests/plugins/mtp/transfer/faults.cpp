// SPDX-License-Identifier: Apache-2.0
// Whatever fails, and whenever the operator stops: the transfer ends, and what is written is a beginning of
// the right bytes.
#include "mtp/transfer/transfer.hpp"

#include "memory.hpp"
#include "sample.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::mtp;
using namespace skw::test;

namespace {

constexpr std::uint64_t small_bands = 400;

std::uint64_t calls_of_a_good_run(const Sample& sample, const TransferSettings& settings)
{
    FakeHost host;
    host.files = sample.files;
    BOOST_TEST_REQUIRE(run(host, sample, settings).status == SKW_OK);
    return host.calls;
}

void check_end(const FakeHost& host, const Sample& sample)
{
    BOOST_TEST(host.open_handles == 0u);
    BOOST_TEST(sample.expected.starts_with(host.output));
    BOOST_TEST(host.output.size() < sample.expected.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_faults)

BOOST_AUTO_TEST_CASE(a_failure_of_any_call_ends_the_transfer_with_its_status)
{
    const Sample sample = all_formats();
    for (const std::size_t workers : {1u, 3u}) {
        const TransferSettings settings{.workers = workers, .band_bytes = small_bands};
        const std::uint64_t calls = calls_of_a_good_run(sample, settings);
        BOOST_TEST(calls > 60u);
        for (std::uint64_t number = 1; number <= calls; ++number) {
            for (const skw_status status : {SKW_E_NETWORK, SKW_E_NO_SPACE, SKW_E_BAD_INPUT}) {
                FakeHost host;
                host.files = sample.files;
                host.fail_at = number;
                host.fail_with = status;
                BOOST_TEST(run(host, sample, settings).status == status, "call " << number);
                BOOST_TEST((workers > 1 || host.calls == number), "calls went on after number " << number);
                check_end(host, sample);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_is_heeded_at_any_call)
{
    const Sample sample = all_formats();
    for (const std::size_t workers : {1u, 3u}) {
        const TransferSettings settings{.workers = workers, .band_bytes = small_bands};
        const std::uint64_t calls = calls_of_a_good_run(sample, settings);
        // After the last call nothing is left to stop.
        for (std::uint64_t number = 1; number < calls; ++number) {
            FakeHost host;
            host.files = sample.files;
            host.cancel_at = number;
            BOOST_TEST(run(host, sample, settings).status == SKW_E_CANCELLED, "call " << number);
            // Each worker may be in one call already.
            BOOST_TEST(host.calls <= number + workers, "call " << number << " of " << calls);
            check_end(host, sample);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_source_that_ends_too_early_is_a_retryable_network_failure_that_names_the_file)
{
    const Sample sample = plain_tensors(3, 500);
    for (const std::size_t cut : {1u, 2u, 999u, 1'000u}) {
        FakeHost host;
        host.files = sample.files;
        std::string& file = host.files.at(sample.shards[2]);
        file.resize(file.size() - cut);
        const Ended ended = run(host, sample, {.workers = 2, .band_bytes = 1'000});
        BOOST_TEST(ended.status == SKW_E_NETWORK);
        BOOST_TEST(ended.retryable);
        BOOST_TEST(ended.place == sample.shards[2]);
        check_end(host, sample);
    }
}

BOOST_AUTO_TEST_CASE(workers_that_get_no_memory_leave_the_work_to_the_others)
{
    const Sample sample = plain_tensors(8, 10'000);
    const TransferSettings settings{.workers = 4, .band_bytes = 20'000};
    {
        FakeHost host;
        host.files = sample.files;
        host.output.reserve(sample.expected.size()); // not the host's memory
        fail_allocation(3, 20'000, true);            // the first two are buffers of the calling thread
        const Ended ended = run(host, sample, settings);
        fail_allocation(0);
        BOOST_TEST(ended.status == SKW_OK);
        BOOST_TEST(host.most_readers == 1u);
        BOOST_TEST((host.output == sample.expected));
    }
    FakeHost host;
    host.files = sample.files;
    fail_allocation(1, 20'000, true);
    const Ended ended = run(host, sample, settings);
    fail_allocation(0);
    BOOST_TEST(ended.out_of_memory);
    BOOST_TEST(host.opened.empty());
    check_end(host, sample);
}

BOOST_AUTO_TEST_CASE(memory_that_runs_out_anywhere_hangs_nobody)
{
    const Sample sample = all_formats();
    std::size_t failed = 0, went_on = 0;
    for (std::size_t number = 1; number < 400; ++number) {
        FakeHost host;
        host.files = sample.files;
        fail_allocation(number);
        const Ended ended = run(host, sample, {.workers = 3, .band_bytes = small_bands});
        fail_allocation(0);
        if (ended.status == SKW_OK) { // a helper that was not needed, or a line of the log
            BOOST_TEST((host.output == sample.expected));
            ++went_on;
        } else {
            BOOST_TEST(ended.out_of_memory, ended.message);
            BOOST_TEST(sample.expected.starts_with(host.output));
            ++failed;
        }
        BOOST_TEST(host.open_handles == 0u);
    }
    BOOST_TEST(failed > 100u);
    BOOST_TEST(went_on > 0u);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// The sidecar's bytes are the same whatever the bands, the workers and the reads.
#include "mtp/transfer/transfer.hpp"

#include "sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace skw::mtp;
using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

void check_run(const Sample& sample, const TransferSettings& settings, std::size_t read_cap)
{
    FakeHost host;
    host.files = sample.files;
    host.read_cap = read_cap;
    const Ended ended = run(host, sample, settings);
    BOOST_TEST_CONTEXT(settings.workers << " workers, bands of " << settings.band_bytes << ", reads of "
                                        << read_cap)
    {
        BOOST_TEST(ended.status == SKW_OK, ended.message);
        BOOST_TEST((host.output == sample.expected));
        BOOST_TEST(host.open_handles == 0u);
        BOOST_TEST(ended.meter.requests == host.opened.size());
        BOOST_TEST(ended.meter.bytes_read == host.bytes_given);
        BOOST_TEST(ended.meter.bytes_read == fetch_bytes(sample.tensors, settings));
        BOOST_TEST(std::ranges::is_sorted(host.progress));
        BOOST_TEST_REQUIRE(!host.progress.empty());
        BOOST_TEST(host.progress.front().first == 0u);
        BOOST_TEST(host.progress.back().first == ended.meter.bytes_read);
        BOOST_TEST(host.progress.back().second == ended.meter.bytes_read);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer)

BOOST_AUTO_TEST_CASE(bands_of_every_size_give_the_same_bytes)
{
    const Sample sample = all_formats();
    for (std::uint64_t bytes = 1; bytes < 20'000; bytes += 1 + bytes / 9) {
        check_run(sample, {.workers = 1, .band_bytes = bytes}, 0);
    }
    check_run(sample, {.workers = 1, .band_bytes = 0}, 0);
    check_run(sample, {}, 0);
}

BOOST_AUTO_TEST_CASE(any_number_of_workers_gives_the_same_bytes)
{
    const Sample sample = all_formats();
    for (const std::size_t workers : {0u, 1u, 2u, 3u, 4u, 7u, 16u}) {
        for (const std::uint64_t bytes : {1u, 60u, 200u, 1'000u, 100'000u}) {
            check_run(sample, {.workers = workers, .band_bytes = bytes}, 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(reads_of_any_length_give_the_same_bytes)
{
    const Sample sample = all_formats();
    for (std::size_t cap = 1; cap < 40; ++cap) {
        check_run(sample, {.workers = 2, .band_bytes = 300}, cap);
    }
}

BOOST_AUTO_TEST_CASE(rows_longer_than_the_read_buffer_are_converted_across_it)
{
    Sample sample;
    sample.add({.name = "a",
                .element = Element::e4m3,
                .shape = {3, 700'001},
                .scale = ScaleRecipe{Dtype::f32, 2, 128, false}});
    sample.add({.name = "b",
                .element = Element::fp4,
                .shape = {2, 1'600'032},
                .scale = ScaleRecipe{Dtype::f8_e8m0, 1, 48, false}});
    check_run(sample, {.workers = 2}, 0);
    check_run(sample, {.workers = 3, .band_bytes = 1'000'000}, 65'537);
}

BOOST_AUTO_TEST_CASE(nothing_to_transfer_is_nothing_to_do)
{
    Sample sample;
    FakeHost host;
    BOOST_TEST(run(host, sample, {}).status == SKW_OK);
    sample.add({.name = "empty", .shape = {0, 4}});
    BOOST_TEST(run(host, sample, {}).status == SKW_OK);
    BOOST_TEST(host.output.empty());
    BOOST_TEST(host.opened.empty());
}

BOOST_AUTO_TEST_CASE(bands_are_read_at_the_same_time)
{
    const Sample sample = plain_tensors(6, 1'000);
    FakeHost host;
    host.files = sample.files;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t readers = 0;
    bool in_time = true;
    // No read ends before a third one has begun.
    host.on_read = [&](const std::string&, std::uint64_t) {
        std::unique_lock<std::mutex> lock(mutex);
        ++readers;
        changed.notify_all();
        in_time = changed.wait_for(lock, std::chrono::seconds(60), [&] { return readers >= 3; }) && in_time;
        return SKW_OK;
    };
    BOOST_TEST(run(host, sample, {.workers = 3, .band_bytes = 2'000}).status == SKW_OK);
    BOOST_TEST(in_time);
    BOOST_TEST(host.most_readers == 3u);
    BOOST_TEST((host.output == sample.expected));
}

BOOST_AUTO_TEST_CASE(one_band_needs_no_second_thread)
{
    const Sample sample = all_formats();
    FakeHost host;
    host.files = sample.files;
    const auto here = std::this_thread::get_id();
    bool elsewhere = false;
    host.on_read = [&](const std::string&, std::uint64_t) {
        elsewhere = elsewhere || std::this_thread::get_id() != here;
        return SKW_OK;
    };
    BOOST_TEST(run(host, sample, {.workers = 16}).status == SKW_OK);
    BOOST_TEST(!elsewhere);
    BOOST_TEST(host.most_readers == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

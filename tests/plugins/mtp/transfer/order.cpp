// SPDX-License-Identifier: Apache-2.0
// Which of several failures is told, and that nothing is written behind one.
#include "mtp/transfer/transfer.hpp"

#include "mtp/transfer/line.hpp"
#include "sample.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>

using namespace skw::mtp;
using namespace skw::test;
using skw::safetensors::Dtype;

namespace {

// Lets one thread wait until another has come by.
class Signal {
public:
    void give()
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        given_ = true;
        changed_.notify_all();
    }
    void await()
    {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return given_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool given_ = false;
};

// Ten bands, each a tensor in a shard of its own, and a worker for each.
struct TenBands {
    TenBands() { host.files = sample.files; }
    const std::string& file(std::size_t band) const { return sample.shards[band]; }

    Sample sample = plain_tensors(10, 1'000);
    TransferSettings settings{.workers = 10, .band_bytes = 2'000};
    FakeHost host;
};

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_order)

BOOST_FIXTURE_TEST_CASE(a_failure_behind_a_slow_band_ends_the_transfer, TenBands)
{
    Signal failed;
    host.on_read = [&](const std::string& path, std::uint64_t) {
        if (path == file(3)) {
            failed.await();
        } else if (path == file(7)) {
            failed.give();
            return SKW_E_NETWORK;
        }
        return SKW_OK;
    };
    const Ended ended = run(host, sample, settings);
    BOOST_TEST(ended.status == SKW_E_NETWORK);
    BOOST_TEST(ended.place == file(7));
    BOOST_TEST(sample.expected.starts_with(host.output));
    BOOST_TEST(host.output.size() <= sample.ends[6]);
    BOOST_TEST(host.open_handles == 0u);
}

BOOST_FIXTURE_TEST_CASE(of_two_failures_the_one_in_front_is_told, TenBands)
{
    // A stopped line lets nobody begin a read: the one in front has to be under way before the other fails.
    Signal reading, failed;
    host.on_read = [&](const std::string& path, std::uint64_t) {
        if (path == file(3)) {
            reading.give();
            failed.await();
            return SKW_E_NO_SPACE;
        }
        if (path == file(7)) {
            reading.await();
            failed.give();
            return SKW_E_NETWORK;
        }
        return SKW_OK;
    };
    const Ended ended = run(host, sample, settings);
    BOOST_TEST(ended.status == SKW_E_NO_SPACE);
    BOOST_TEST(ended.place == file(3));
    BOOST_TEST(host.output.size() <= sample.ends[2]);
}

BOOST_AUTO_TEST_CASE(a_scale_that_is_wrong_waits_for_what_is_wrong_before_it)
{
    Sample sample;
    for (const char* name : {"a", "b", "c"}) {
        sample.add({.name = name,
                    .element = Element::e4m3,
                    .shape = {10, 100},
                    .scale = ScaleRecipe{Dtype::f32, 0, 0, false},
                    .shard = sample.tensors.size()});
    }
    sample.bytes_of(sample.tensors[0].stored.source)[17] = 0x7f; // NaN
    sample.bytes_of(sample.tensors[2].stored.storage.scale->tensor)[3] = 0x7f;
    sample.bytes_of(sample.tensors[2].stored.storage.scale->tensor)[2] = static_cast<char>(0x80);
    FakeHost host;
    host.files = sample.files;
    Signal seen;
    host.on_read = [&](const std::string& path, std::uint64_t) {
        if (path == sample.shards[0]) {
            seen.await(); // until the last tensor's weights are asked for, so its scales were there
        } else if (path == sample.shards[2]) {
            seen.give();
        }
        return SKW_OK;
    };
    const Ended ended = run(host, sample, {.workers = 3, .band_bytes = 2'100});
    BOOST_TEST(ended.status == SKW_E_BAD_INPUT);
    BOOST_TEST(ended.message == "a holds 1 value(s) that are not a number");
    BOOST_TEST(host.output.empty());
}

BOOST_AUTO_TEST_CASE(the_failure_of_the_lowest_band_is_thrown_as_what_it_was)
{
    const auto thrown = [](Line& line, std::uint64_t band, const auto& error) {
        try {
            throw error;
        } catch (...) {
            line.fail(band);
        }
    };
    Line line({}, 1);
    line.throw_if_failed();
    BOOST_TEST(!line.is_stopped());
    thrown(line, 5, skw::sdk::Failure(SKW_E_IO, "place", "five").retryable());
    BOOST_TEST(line.is_stopped());
    BOOST_TEST(!line.await_turn(0));
    thrown(line, 6, std::bad_alloc());
    try {
        line.throw_if_failed();
        BOOST_ERROR("nothing thrown");
    } catch (const skw::sdk::Failure& failure) {
        BOOST_TEST(failure.message() == "five");
        BOOST_TEST(failure.is_retryable());
    }
    thrown(line, 4, std::bad_alloc());
    BOOST_CHECK_THROW(line.throw_if_failed(), std::bad_alloc);
    thrown(line, 3, std::logic_error("a bug"));
    BOOST_CHECK_THROW(line.throw_if_failed(), std::logic_error);
    Band band;
    BOOST_TEST(!line.claim(band));
}

BOOST_AUTO_TEST_SUITE_END()

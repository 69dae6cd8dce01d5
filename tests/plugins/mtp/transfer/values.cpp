// SPDX-License-Identifier: Apache-2.0
// What odd values of a tensor do to a run.
#include "mtp/transfer/judge.hpp"

#include "sample.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>

using namespace skw::mtp;
using namespace skw::test;

namespace {

// Three F32 tensors; the second holds `count` times these bits, spread over all of it.
Sample with_odd(std::uint32_t bits, std::size_t count)
{
    Sample sample;
    for (const char* name : {"a.weight", "b.weight", "c.weight"}) {
        sample.add({.name = name, .element = Element::f32, .shape = {100, 10}});
    }
    for (std::size_t at = 0; at < count; ++at) {
        std::memcpy(sample.bytes_of(sample.tensors[1].stored.source) + 4 * (at * 999 / count), &bits, 4);
    }
    return sample;
}

Ended run_in_bands(const Sample& sample, FakeHost& host, bool accept = false)
{
    host.files = sample.files;
    return run(host, sample, {.workers = 3, .band_bytes = 300, .accept_nonfinite = accept});
}

bool warned(const FakeHost& host, const std::string& line)
{
    return std::ranges::count(host.log, "2:" + line) == 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_transfer_values)

BOOST_AUTO_TEST_CASE(values_that_are_not_a_number_fail_the_run_with_their_count)
{
    const Sample sample = with_odd(0x7fc00000u, 7);
    FakeHost host;
    const Ended ended = run_in_bands(sample, host);
    BOOST_TEST(ended.status == SKW_E_BAD_INPUT);
    BOOST_TEST(ended.place == "shard-0.safetensors");
    BOOST_TEST(ended.message == "b.weight holds 7 value(s) that are not a number");
    BOOST_TEST(host.output.size() < sample.ends[1]);
}

BOOST_AUTO_TEST_CASE(finite_values_beyond_bf16_fail_the_run)
{
    const Sample sample = with_odd(0x7f7fffffu, 2);
    FakeHost host;
    const Ended ended = run_in_bands(sample, host);
    BOOST_TEST(ended.status == SKW_E_BAD_INPUT);
    BOOST_TEST(ended.message == "b.weight holds 2 finite value(s) beyond the range of BF16");
}

BOOST_AUTO_TEST_CASE(infinite_values_are_kept_with_a_warning)
{
    const Sample sample = with_odd(0xff800000u, 3);
    FakeHost host;
    BOOST_TEST(run_in_bands(sample, host).status == SKW_OK);
    BOOST_TEST(host.log.size() == 1u);
    BOOST_TEST(warned(host, "b.weight holds 3 infinite value(s), kept as they are"));
    BOOST_TEST(host.output.size() == sample.expected.size());
}

BOOST_AUTO_TEST_CASE(what_is_accepted_is_a_warning_only)
{
    for (const auto& [bits, text] : {std::pair(0x7fc00000u, " value(s) that are not a number"),
                                     std::pair(0x7f7fffffu, " finite value(s) beyond the range of BF16")}) {
        FakeHost host;
        BOOST_TEST(run_in_bands(with_odd(bits, 4), host, true).status == SKW_OK);
        BOOST_TEST(host.log.size() == 1u);
        BOOST_TEST(warned(host, "b.weight holds 4" + std::string(text) + "; accepted by mtp_accept"));
    }
}

BOOST_AUTO_TEST_CASE(a_scale_that_is_not_finite_is_never_accepted)
{
    Sample sample;
    sample.add({.name = "w",
                .element = Element::i8,
                .shape = {8, 8},
                .scale = ScaleRecipe{skw::safetensors::Dtype::f32, 1, 0, false}});
    const std::uint32_t infinity = 0x7f800000u;
    std::memcpy(sample.bytes_of(sample.tensors[0].stored.storage.scale->tensor) + 12, &infinity, 4);
    FakeHost host;
    const Ended ended = run_in_bands(sample, host, true);
    BOOST_TEST(ended.status == SKW_E_BAD_INPUT);
    BOOST_TEST(ended.message == "w has a scale that is not a finite number (w_scale)");
}

BOOST_AUTO_TEST_CASE(a_second_scale_of_zero_or_not_finite_is_never_accepted)
{
    for (const bool divide : {false, true}) {
        for (const auto& [bits, what] :
             {std::pair(0u, "zero"), std::pair(0x80000000u, "zero"),
              std::pair(0x7f800000u, "not a finite number"), std::pair(0x7fc00000u, "not a finite number")}) {
            Sample sample;
            sample.add({.name = "w",
                        .element = Element::fp4,
                        .shape = {8, 32},
                        .scale = ScaleRecipe{skw::safetensors::Dtype::f8_e4m3, 1, 16, false},
                        .global = 1.0f,
                        .divide = divide});
            std::memcpy(sample.bytes_of(*sample.tensors[0].stored.storage.global), &bits, 4);
            FakeHost host;
            const Ended ended = run_in_bands(sample, host, true);
            BOOST_TEST(ended.status == SKW_E_BAD_INPUT);
            BOOST_TEST(ended.message == "w has a second scale that is " + std::string(what) + " (w_2)");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// Every call of a service fails once, and the operator stops at every call: nothing is finished then.
#include "mtp/execute.hpp"

#include "checkpoint.hpp"
#include "fake_host.hpp"

#include <boost/test/unit_test.hpp>

using namespace skw::test;

namespace {

std::uint64_t calls_of_a_good_run(std::size_t read_cap)
{
    FakeHost host;
    host.files = qwen_repo();
    host.read_cap = read_cap;
    BOOST_TEST_REQUIRE(host.execute(pinned_plan()).status == SKW_OK);
    return host.calls;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mtp_faults)

BOOST_AUTO_TEST_CASE(a_failure_of_any_call_ends_the_step_with_its_status)
{
    const std::uint64_t calls = calls_of_a_good_run(20'000);
    BOOST_TEST(calls > 30u);
    for (std::uint64_t number = 1; number <= calls; ++number) {
        for (const skw_status status : {SKW_E_NETWORK, SKW_E_NO_SPACE}) {
            FakeHost host;
            host.files = qwen_repo();
            host.read_cap = 20'000;
            host.fail_at = number;
            host.fail_with = status;
            const Outcome outcome = host.execute(pinned_plan());
            BOOST_TEST(outcome.status == status, "call " << number);
            BOOST_TEST(outcome.messages == 1u, "call " << number);
            BOOST_TEST(host.calls == number, "calls went on after number " << number);
            BOOST_TEST(!host.finished);
            BOOST_TEST(host.open_handles == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_is_heeded_at_once)
{
    const std::uint64_t calls = calls_of_a_good_run(20'000);
    // After the last call nothing is left to stop.
    for (std::uint64_t number = 1; number < calls; ++number) {
        FakeHost host;
        host.files = qwen_repo();
        host.read_cap = 20'000;
        host.cancel_at = number;
        const Outcome outcome = host.execute(pinned_plan());
        BOOST_TEST(outcome.status == SKW_E_CANCELLED, "call " << number);
        BOOST_TEST(host.calls <= number + 2, "call " << number << " of " << calls);
        BOOST_TEST(!host.finished);
        BOOST_TEST(host.open_handles == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_receipt_that_differs_from_the_header_is_a_failure)
{
    for (const std::int64_t error : {-1, 1}) {
        FakeHost host;
        host.files = qwen_repo();
        host.receipt_error = error;
        const Outcome outcome = host.execute(pinned_plan());
        BOOST_TEST(outcome.status == SKW_E_IO);
        BOOST_TEST(outcome.message.find("its header promises") != std::string::npos, outcome.message);
    }
}

BOOST_AUTO_TEST_CASE(a_plan_without_its_input_or_output_is_the_hosts_mistake)
{
    FakeHost host;
    BOOST_TEST(host.execute(R"({"schema":"skw.plan/1","inputs":[],"outputs":[]})").status ==
               SKW_E_BAD_ARGUMENT);
    BOOST_TEST(host.execute("[]").status == SKW_E_BAD_ARGUMENT);
}

BOOST_AUTO_TEST_SUITE_END()

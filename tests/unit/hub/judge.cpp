// SPDX-License-Identifier: Apache-2.0
// Retry decisions, as a table.
#include "hub/judge.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace skw::hub;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;

namespace {

Budget budget()
{
    Budget left;
    left.attempts = 6;
    left.time = 300s;
    left.first_pause = 1000ms;
    return left;
}

Attempt reply(int status, bool repeatable = true)
{
    Attempt attempt;
    attempt.status = status;
    attempt.repeatable = repeatable;
    return attempt;
}

Attempt failure(FailureKind kind, bool maybe_done, bool repeatable)
{
    Attempt attempt;
    attempt.failure = kind;
    attempt.maybe_done = maybe_done;
    attempt.repeatable = repeatable;
    return attempt;
}

} // namespace

BOOST_AUTO_TEST_SUITE(hub_judge)

BOOST_AUTO_TEST_CASE(each_status_has_its_verdict)
{
    for (const int status : {408, 429, 500, 502, 503, 504}) {
        BOOST_TEST((judge(reply(status), budget(), 0).kind == Kind::again), status);
    }
    for (const int status : {200, 206, 302, 400, 401, 402, 403, 404, 409, 412, 413, 416, 422, 501}) {
        BOOST_TEST((judge(reply(status), budget(), 0).kind == Kind::give_up), status);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_repeated_is_looked_for_first)
{
    for (const int status : {408, 500, 502, 503, 504}) {
        BOOST_TEST((judge(reply(status, false), budget(), 0).kind == Kind::look_first), status);
    }
    BOOST_TEST((judge(reply(429, false), budget(), 0).kind == Kind::again)); // said before anything is done
    BOOST_TEST((judge(failure(FailureKind::lost, true, false), budget(), 0).kind == Kind::look_first));
    BOOST_TEST((judge(failure(FailureKind::timed_out, true, false), budget(), 0).kind == Kind::look_first));
    BOOST_TEST((judge(failure(FailureKind::no_connection, false, false), budget(), 0).kind == Kind::again));
}

BOOST_AUTO_TEST_CASE(each_failure_has_its_verdict)
{
    for (const FailureKind kind : {FailureKind::timed_out, FailureKind::no_connection, FailureKind::lost}) {
        BOOST_TEST((judge(failure(kind, true, true), budget(), 0).kind == Kind::again));
    }
    for (const FailureKind kind : {FailureKind::cancelled, FailureKind::no_such_host,
                                   FailureKind::bad_certificate, FailureKind::refused_by_proxy,
                                   FailureKind::bad_reply, FailureKind::local_file, FailureKind::internal}) {
        BOOST_TEST((judge(failure(kind, true, true), budget(), 0).kind == Kind::give_up));
    }
}

BOOST_AUTO_TEST_CASE(tries_and_time_are_bounded)
{
    Attempt last = reply(503);
    last.number = 6;
    BOOST_TEST((judge(last, budget(), 0).kind == Kind::give_up));
    last.number = 5;
    BOOST_TEST((judge(last, budget(), 0).kind == Kind::again));
    Budget short_time = budget();
    short_time.time = 400ms; // the pause alone is longer
    BOOST_TEST((judge(reply(503), short_time, 0).kind == Kind::give_up));
    short_time.time = -1ms;
    BOOST_TEST((judge(reply(503), short_time, 0).kind == Kind::give_up));
}

BOOST_AUTO_TEST_CASE(pauses_double_with_jitter_and_have_a_ceiling)
{
    BOOST_TEST(backoff(1, 1000ms, 0).count() == 500);
    BOOST_TEST(backoff(1, 1000ms, 0.998).count() == 999);
    BOOST_TEST(backoff(3, 1000ms, 0).count() == 2000);
    BOOST_TEST(backoff(6, 1000ms, 0).count() == 15'000);
    BOOST_TEST(backoff(1'000'000, 1000ms, 0).count() == 15'000);
}

BOOST_AUTO_TEST_CASE(what_the_server_asks_for_is_waited_for)
{
    Attempt last = reply(429);
    last.wait_asked = 55s;
    BOOST_TEST(judge(last, budget(), 0).pause.count() == 55'000);
    BOOST_TEST(judge(last, budget(), 0.5).pause.count() == 55'500);
    last.wait_asked = 1h; // beyond the budget: at once, and not after five minutes
    BOOST_TEST((judge(last, budget(), 0).kind == Kind::give_up));
}

BOOST_AUTO_TEST_CASE(retry_after_is_read_in_both_forms)
{
    const auto now = std::chrono::sys_days(std::chrono::year(2026) / 8 / 20) + 10h;
    const auto read = [&](std::string_view text) {
        const auto wait = parse_retry_after(text, now);
        return wait ? wait->count() : -1;
    };
    BOOST_TEST(read("0") == 0);
    BOOST_TEST(read(" 120 ") == 120'000);
    BOOST_TEST(read("Thu, 20 Aug 2026 10:00:30 GMT") == 30'000);
    BOOST_TEST(read("Thu, 20 Aug 2026 09:59:00 GMT") == 0); // gone by
    BOOST_TEST(read("99999999999999999999") == 86'400'000);
    BOOST_TEST(read("Fri, 31 Dec 9999 23:59:59 GMT") == 86'400'000);
    for (const char* odd :
         {"", "-1", "1.5", "soon", "Thu, 32 Aug 2026 10:00:30 GMT", "Thu, 20 Xyz 2026 10:00:30 GMT",
          "Thu, 20 Aug 2026 10:00:30 CET", "Thu, 20 Aug 2026 25:00:30 GMT"}) {
        BOOST_TEST(read(odd) == -1, odd);
    }
}

BOOST_AUTO_TEST_CASE(a_rate_limit_counts_only_when_nothing_is_left)
{
    const auto read = [](std::string_view text) {
        const auto wait = parse_rate_limit(text);
        return wait ? wait->count() : -1;
    };
    BOOST_TEST(read("\"api\";r=0;t=55") == 56'000);
    BOOST_TEST(read("\"api\"; r=0; t=55") == 56'000);
    BOOST_TEST(read("\"pages\";r=3;t=10, \"api\";r=0;t=7") == 8'000);
    BOOST_TEST(read("\"api\";r=1;t=55") == -1);
    BOOST_TEST(read("\"api\";r=0") == -1);
    for (const char* odd : {"", ";", ",", ";;;,,,", "r=;t=", "\"api\";r=0;t=x"}) {
        BOOST_TEST(read(odd) == -1, odd);
    }
}

BOOST_AUTO_TEST_SUITE_END()

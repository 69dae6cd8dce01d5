// SPDX-License-Identifier: Apache-2.0
// What the operator sees of long work.
#include "cli/progress.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(cli_progress)

BOOST_AUTO_TEST_CASE(bytes_share_rate_and_time_left_are_told_as_far_as_they_are_known)
{
    using skw::cli::progress_text;
    BOOST_TEST(progress_text("mtp", "reading", {50'000'000, 200'000'000}, 10'000'000) ==
               "mtp: reading 50.0 MB of 200 MB  25%  10.0 MB/s  16 s left");
    BOOST_TEST(progress_text("mtp", "reading", {50'000'000, 0}, 10'000'000) ==
               "mtp: reading 50.0 MB  10.0 MB/s");
    BOOST_TEST(progress_text("mtp", "uploading", {0, 200'000'000}, 0) == "mtp: uploading 0 B of 200 MB  0%");
}

BOOST_AUTO_TEST_CASE(what_is_counted_has_no_bytes)
{
    using skw::cli::progress_text;
    using Unit = skw::publish::Observer::Unit;
    BOOST_TEST(progress_text("vindex", "step", {34, 136, Unit::items}, 0.5) ==
               "vindex: step 34 of 136  25%  3 min 25 s left");
    BOOST_TEST(progress_text("vindex", "step", {34, 136, Unit::items}, 0) == "vindex: step 34 of 136  25%");
}

BOOST_AUTO_TEST_CASE(a_line_is_narrower_than_its_terminal)
{
    using skw::cli::fit_line;
    const std::string line = "mtp: reading 3.1 MB of 60.3 MB  5%  641 kB/s";
    BOOST_TEST(fit_line(line, 0) == line);
    BOOST_TEST(fit_line(line, line.size() + 1) == line);
    BOOST_TEST(fit_line(line, line.size()) == "mtp: reading 3.1 MB of 60.3 MB  5%");
    BOOST_TEST(fit_line(line, 32) == "mtp: reading 3.1 MB of 60.3 MB");
    BOOST_TEST(fit_line(line, 8) == "mtp: re");
    BOOST_TEST(fit_line(line, 1) == line);
}

BOOST_AUTO_TEST_SUITE_END()

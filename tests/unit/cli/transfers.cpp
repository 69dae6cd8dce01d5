// SPDX-License-Identifier: Apache-2.0
// What an operator sees of long work, as lines for terminals of any size.
#include "cli/transfers.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using skw::cli::Moment;
using skw::cli::TerminalSize;
using Stage = skw::publish::Observer::Stage;
using Unit = skw::publish::Observer::Unit;
using Lines = std::vector<std::string>;

namespace {

constexpr std::uint64_t mega = 1'000'000;
const Moment begin{1h};

// Two of three files on their way, for ten seconds at an even pace.
struct TwoFiles {
    TwoFiles()
    {
        transfers.set("model-00001-of-00003.safetensors", 0, 100 * mega, begin);
        transfers.set("model-00002-of-00003.safetensors", 0, 50 * mega, begin);
        transfers.set_total("vision", Stage::uploading, {0, 250 * mega}, begin);
        for (std::uint64_t second = 1; second <= 10; ++second) {
            move(second, begin + std::chrono::seconds(second));
        }
    }
    void move(std::uint64_t seconds, Moment now)
    {
        transfers.set("model-00001-of-00003.safetensors", 5 * mega * seconds, 100 * mega, now);
        transfers.set("model-00002-of-00003.safetensors", 2 * mega * seconds, 50 * mega, now);
        transfers.set_total("vision", Stage::uploading, {7 * mega * seconds, 250 * mega}, now);
        transfers.lines(now, {});
    }
    Lines lines(TerminalSize size = {}) { return transfers.lines(begin + 10s, size); }

    skw::cli::Transfers transfers;
};

} // namespace

BOOST_AUTO_TEST_SUITE(cli_transfers)

BOOST_AUTO_TEST_CASE(bytes_share_rate_and_time_left_are_told_as_far_as_they_are_known)
{
    using skw::cli::total_line;
    BOOST_TEST(total_line("mtp", "reading", {50 * mega, 200 * mega}, 10e6, 0s, 80) ==
               "mtp: reading 50.0 MB of 200 MB  25%  10.0 MB/s  16 s left");
    BOOST_TEST(total_line("mtp", "reading", {50 * mega, 0}, 10e6, 0s, 80) ==
               "mtp: reading 50.0 MB  10.0 MB/s");
    BOOST_TEST(total_line("mtp", "uploading", {0, 200 * mega}, 0, 0s, 80) ==
               "mtp: uploading 0 B of 200 MB  0%");
}

BOOST_AUTO_TEST_CASE(what_is_counted_has_no_bytes_and_is_never_called_stalled)
{
    using skw::cli::total_line;
    BOOST_TEST(total_line("vindex", "step", {34, 136, Unit::items}, 0.5, 1h, 80) ==
               "vindex: step 34 of 136  25%  3 min 25 s left");
    BOOST_TEST(total_line("vindex", "step", {34, 136, Unit::items}, 0, 0s, 80) ==
               "vindex: step 34 of 136  25%");
}

BOOST_AUTO_TEST_CASE(a_total_without_a_byte_for_a_while_says_so)
{
    using skw::cli::total_line;
    BOOST_TEST(total_line("mtp", "reading", {50 * mega, 200 * mega}, 10e6, 9s, 80) ==
               "mtp: reading 50.0 MB of 200 MB  25%  10.0 MB/s  16 s left");
    BOOST_TEST(total_line("mtp", "reading", {50 * mega, 200 * mega}, 10e6, 40s, 80) ==
               "mtp: reading 50.0 MB of 200 MB  25%  stalled for 40 s");
}

BOOST_AUTO_TEST_CASE(the_total_of_a_narrow_terminal_leaves_out_figures_and_never_halves_one)
{
    const auto at = [](std::size_t columns) {
        return skw::cli::total_line("mtp", "reading", {50 * mega, 200 * mega}, 10e6, 0s, columns);
    };
    BOOST_TEST(at(57) == "mtp: reading 50.0 MB of 200 MB  25%  16 s left");
    BOOST_TEST(at(46) == "mtp: reading 50.0 MB of 200 MB  25%");
    BOOST_TEST(at(35) == "mtp: reading 25%  16 s left");
    BOOST_TEST(at(27) == "mtp: reading 25%");
    BOOST_TEST(at(16) == "mtp: 25%");
    BOOST_TEST(at(8) == "");
    BOOST_TEST(at(0) == "");
}

BOOST_FIXTURE_TEST_CASE(files_that_move_at_the_same_time_have_a_line_each_below_the_total, TwoFiles)
{
    const Lines expected{
        "vision: uploading 70.0 MB of 250 MB  28%  7.0 MB/s  26 s left",
        "  model-00001-of-00003.safetensors   50.0 MB of 100 MB  50%  5.0 MB/s  11 s left",
        "  model-00002-of-00003.safetensors  20.0 MB of 50.0 MB  40%  2.0 MB/s  16 s left",
    };
    BOOST_TEST(lines({120, 24}) == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(no_line_is_as_wide_as_its_terminal_and_no_block_as_high, TwoFiles)
{
    for (std::uint64_t file = 3; file < 40; ++file) {
        transfers.set("file-" + std::to_string(file), 1, mega, begin);
    }
    for (std::size_t columns = 0; columns <= 300; ++columns) {
        for (const std::size_t rows : {0u, 1u, 2u, 4u, 5u, 6u, 12u, 24u, 200u}) {
            const Lines shown = lines({columns, rows});
            BOOST_REQUIRE_LE(shown.size(), std::max<std::size_t>(1, rows > 1 ? rows - 1 : 1));
            for (const std::string& line : shown) {
                BOOST_REQUIRE_LT(line.size(), columns);
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_low_terminal_counts_the_files_it_has_no_line_for, TwoFiles)
{
    for (std::uint64_t file = 3; file < 13; ++file) {
        transfers.set("file-" + std::to_string(file), 1, mega, begin);
    }
    const Lines shown = lines({80, 8});
    BOOST_REQUIRE_EQUAL(shown.size(), 5u);
    BOOST_TEST(shown.back() == "  and 9 more");
    BOOST_TEST(lines({80, 4}).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_narrow_terminal_keeps_what_tells_the_files_apart_and_the_share, TwoFiles)
{
    const Lines expected{
        "vision: uploading 28%  26 s left",
        "  model-00001-of-00003  50%  11 s left",
        "  model-00002-of-00003  40%  16 s left",
    };
    BOOST_TEST(lines({40, 24}) == expected, boost::test_tools::per_element());
    BOOST_TEST(lines({12, 24}).front() == "vision: 28%");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_done_goes_and_comes_back_when_it_is_read_anew, TwoFiles)
{
    transfers.set("model-00001-of-00003.safetensors", 100 * mega, 100 * mega, begin + 10s);
    BOOST_TEST(lines().size() == 2u);
    transfers.set("model-00001-of-00003.safetensors", 0, 100 * mega, begin + 10s);
    BOOST_TEST(lines().size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_stands_still_says_for_how_long_while_the_others_go_on, TwoFiles)
{
    transfers.set("model-00002-of-00003.safetensors", 49 * mega, 50 * mega, begin + 50s);
    transfers.set_total("vision", Stage::uploading, {99 * mega, 250 * mega}, begin + 50s);
    const Lines shown = transfers.lines(begin + 50s, {120, 24});
    BOOST_TEST(shown[0].find("stalled") == std::string::npos);
    BOOST_TEST(shown[1].ends_with("50%            stalled for 40 s"));
    BOOST_TEST(shown[2].find("stalled") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_of_nothing_known_has_no_line)
{
    skw::cli::Transfers transfers;
    transfers.set_total("mtp", Stage::making, {0, 0}, begin);
    BOOST_TEST(transfers.lines(begin, {}).empty());
}

BOOST_AUTO_TEST_CASE(one_file_that_is_all_there_is_has_no_second_line)
{
    skw::cli::Transfers transfers;
    transfers.set("mtp.safetensors", 0, 100, begin);
    transfers.set_total("mtp", Stage::uploading, {50, 100}, begin);
    BOOST_TEST(transfers.lines(begin, {}).size() == 1u);
    transfers.set("README", 0, 10, begin);
    BOOST_TEST(transfers.lines(begin, {}).size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_shown_before_the_first_byte_at_the_end_and_after_the_stage, TwoFiles)
{
    BOOST_TEST(skw::cli::Transfers().lines(begin, {}).empty());
    transfers.set_total("vision", Stage::uploading, {250 * mega, 250 * mega}, begin);
    BOOST_TEST(lines().empty());
    move(5, begin);
    BOOST_TEST(!lines().empty());
    transfers.clear();
    BOOST_TEST(lines().empty());
}

BOOST_AUTO_TEST_CASE(names_are_drawn_in_characters_of_one_column)
{
    skw::cli::Transfers transfers;
    transfers.set("mod\xc3\xa8le-\xe6\xa8\xa1.bin", 1, 10, begin);
    transfers.set("b", 1, 10, begin);
    transfers.set_total("mtp", Stage::making, {2, 20}, begin);
    BOOST_TEST(transfers.lines(begin, {})[1].starts_with("  mod?le-?.bin  "));
}

BOOST_AUTO_TEST_CASE(a_retry_begins_its_measure_anew)
{
    skw::cli::Pace pace;
    pace.set(0, begin);
    pace.set(10 * mega, begin + 1s);
    BOOST_TEST(pace.per_second(begin + 1s) == 10e6);
    pace.set(mega, begin + 2s);
    BOOST_TEST(pace.per_second(begin + 2s) == 0);
    BOOST_TEST((pace.still(begin + 5s) == 3s));
}

BOOST_AUTO_TEST_SUITE_END()

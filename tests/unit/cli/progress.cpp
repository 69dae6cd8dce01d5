// SPDX-License-Identifier: Apache-2.0
// A publish as the operator sees it.
#include "cli/progress.hpp"

#include "stderr_file.hpp"

#include <boost/test/unit_test.hpp>

using Stage = skw::publish::Observer::Stage;

namespace {

// What a view says while `work` runs.
template<class Work>
std::string said(skw::cli::Manner manner, const Work& work)
{
    return test::stderr_of([&] {
        skw::cli::Output output(manner);
        skw::cli::ProgressView view(output);
        work(view);
    });
}

constexpr std::uint64_t giga = std::uint64_t{1} << 30;

} // namespace

BOOST_AUTO_TEST_SUITE(cli_progress)

BOOST_AUTO_TEST_CASE(without_a_terminal_an_upload_is_told_in_steps_of_two_points_that_end_at_99)
{
    const std::string text = said({}, [](skw::cli::ProgressView& view) {
        for (std::uint64_t done = 0; done <= 1000; ++done) {
            view.progress("mtp", Stage::uploading, {done * giga / 100, 10 * giga});
        }
    });
    BOOST_TEST(text.starts_with("mtp: uploading 0% (0.0 GB / 10.0 GB)\nmtp: uploading 2% (0.2 GB / 10.0 GB)\n"));
    BOOST_TEST(text.ends_with("mtp: uploading 96% (9.6 GB / 10.0 GB)\nmtp: uploading 98% (9.8 GB / 10.0 GB)\n"));
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 50);
}

BOOST_AUTO_TEST_CASE(without_a_terminal_reading_and_single_files_are_not_told)
{
    BOOST_TEST(said({}, [](skw::cli::ProgressView& view) {
                   view.progress("mtp", Stage::making, {5, 10});
                   view.transfer("model.safetensors", 5, 10);
                   view.stage_over();
               }) == "");
}

BOOST_AUTO_TEST_CASE(the_upload_of_a_second_artifact_is_told_from_its_beginning)
{
    const auto upload = [](skw::cli::ProgressView& view) {
        view.progress("mtp", Stage::uploading, {giga, giga});
        view.stage_over();
    };
    const std::string once = said({}, upload);
    BOOST_TEST(said({}, [&](skw::cli::ProgressView& view) {
                   upload(view);
                   upload(view);
               }) == once + once);
}

BOOST_AUTO_TEST_CASE(quiet_leaves_the_steps_out_and_keeps_what_went_wrong)
{
    skw::cli::Manner quiet;
    quiet.quiet = true;
    BOOST_TEST(said(quiet, [](skw::cli::ProgressView& view) {
                   view.entry("k", 1, 2);
                   view.line("mtp", "found");
                   view.progress("mtp", Stage::uploading, {5, 10});
                   view.warning("odd");
                   view.failed(skw::Error(skw::ErrorCode::failed, "here", "broken", "mend it"));
               }) == "warning: odd\nhere: broken\n  next: mend it\n");
}

BOOST_AUTO_TEST_CASE(on_a_terminal_nothing_of_the_block_stays)
{
    skw::cli::Manner terminal;
    terminal.redraw = terminal.terminal = true;
    const std::string text = said(terminal, [](skw::cli::ProgressView& view) {
        view.progress("mtp", Stage::uploading, {5, 10});
        view.stage_over();
        view.progress("mtp", Stage::uploading, {5, 10});
    });
    // Whether the drawer had its turn is not known; what it drew has to be gone.
    BOOST_TEST((text.empty() || text.ends_with("\r\033[J")));
    BOOST_TEST(text.find("GB") == std::string::npos); // no sparse lines beside it
}

BOOST_AUTO_TEST_CASE(one_entry_is_not_counted_and_several_are)
{
    const auto entries = [](std::size_t count) {
        return said({}, [count](skw::cli::ProgressView& view) { view.entry("acme/k", 1, count); });
    };
    BOOST_TEST(entries(1) == "");
    BOOST_TEST(entries(3) == "entry 1 of 3: acme/k\n");
}

BOOST_AUTO_TEST_SUITE_END()

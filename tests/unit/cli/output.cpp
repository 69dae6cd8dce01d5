// SPDX-License-Identifier: Apache-2.0
// What a command says, to whom, and in which manner.
#include "cli/output.hpp"

#include "stderr_file.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using skw::cli::Manner;
using skw::cli::Output;

namespace {

template<class Work>
std::string said(Manner manner, const Work& work)
{
    return test::stderr_of([&] {
        Output output(manner);
        work(output);
    });
}

void say_everything(Output& output)
{
    output.note("a note");
    output.detail("a detail");
    output.warning("odd");
    output.error(skw::Error(skw::ErrorCode::failed, "here", "broken", "mend it"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(cli_output)

BOOST_AUTO_TEST_CASE(quiet_and_verbose_choose_what_is_said)
{
    const std::string bad = "warning: odd\nhere: broken\n  next: mend it\n";
    BOOST_TEST(said({}, say_everything) == "a note\n" + bad);
    BOOST_TEST(said({.quiet = true}, say_everything) == bad);
    BOOST_TEST(said({.verbose = true}, say_everything) == "a note\na detail\n" + bad);
    BOOST_TEST(said({.quiet = true, .verbose = true}, say_everything) == "a detail\n" + bad);
}

BOOST_AUTO_TEST_CASE(colour_marks_the_same_words_and_nothing_else)
{
    const std::string coloured = said({.colour = true}, say_everything);
    BOOST_TEST(coloured == "a note\n\033[33mwarning:\033[0m odd\n\033[31mhere: broken\033[0m\n"
                           "\033[36m  next:\033[0m mend it\n");
    std::string plain;
    for (std::size_t i = 0; i < coloured.size(); ++i) {
        if (coloured[i] == '\033') {
            i = coloured.find('m', i);
        } else {
            plain += coloured[i];
        }
    }
    BOOST_TEST(plain == said({}, say_everything));
}

BOOST_AUTO_TEST_CASE(results_are_never_coloured)
{
    BOOST_TEST(test::written_to(stdout, [] {
                   Output output({.colour = true});
                   output.text("one\n");
                   output.document(skw::json::object{});
               }) == "one\n");
}

BOOST_AUTO_TEST_CASE(what_is_said_goes_above_the_block_which_is_drawn_again_below)
{
    const std::string block = "\rtotal\033[K\r\n  file\033[K\033[J\r\033[1A";
    BOOST_TEST(said({.redraw = true, .terminal = true}, [](Output& output) {
                   output.block({"total", "  file"});
                   output.note("a note");
                   output.block({});
                   output.note("another");
               }) == block + "\r\033[Ja note\n" + block + "\r\033[Janother\n");
}

BOOST_AUTO_TEST_CASE(a_block_that_has_not_changed_is_not_drawn_again)
{
    BOOST_TEST(said({.redraw = true}, [](Output& output) {
                   output.block({});
                   output.block({"total"});
                   output.block({"total"});
               }) == "\rtotal\033[K\033[J\r");
}

BOOST_AUTO_TEST_CASE(a_result_on_the_same_terminal_does_not_run_into_the_block)
{
    const std::string block = "\rtotal\033[K\033[J\r";
    BOOST_TEST(said({.redraw = true}, [](Output& output) {
                   output.block({"total"});
                   output.text("");
               }) == block + "\r\033[J" + block);
}

BOOST_AUTO_TEST_CASE(a_line_begins_at_the_left_after_the_terminal_has_echoed_a_key)
{
    const auto begin = [](Output& output) { output.begin_line(); };
    BOOST_TEST(said({}, begin) == "");
    BOOST_TEST(said({.terminal = true}, begin) == "\r\033[J");
}

BOOST_AUTO_TEST_CASE(an_end_at_once_leaves_no_half_line_on_a_terminal)
{
    const auto leave = [](const Output& output) { output.leave_terminal(); };
    BOOST_TEST(said({}, leave) == "");
    BOOST_TEST(said({.terminal = true}, leave) == "\r\n");
    BOOST_TEST(said({.redraw = true, .terminal = true}, [&](Output& output) {
                   output.block({"total"});
                   leave(output);
               }) == "\rtotal\033[K\033[J\r\r\033[J");
}

BOOST_AUTO_TEST_CASE(tokens_are_in_no_line_whatever_its_kind)
{
    const std::string token = "hf_SecretTokenThatMustNotLeak0123456789";
    for (const bool colour : {false, true}) {
        const std::string text = said({.verbose = true, .colour = colour}, [&](Output& output) {
            output.note(token);
            output.detail(token);
            output.warning(token);
            output.problem(token);
            output.next_step(token);
            output.block({token});
        });
        BOOST_TEST(text.find(token) == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()

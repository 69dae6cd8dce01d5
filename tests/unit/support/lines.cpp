// SPDX-License-Identifier: Apache-2.0
// Lines come out the same however the bytes arrive.
#include "support/lines.hpp"

#include "support/ids.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace skw {
namespace {

std::vector<std::string> split(std::string_view bytes, std::size_t piece)
{
    std::vector<std::string> lines;
    LineSplitter splitter([&](std::string_view line) { lines.emplace_back(line); });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        splitter.add(bytes.substr(at, piece));
    }
    splitter.finish();
    return lines;
}

void check(std::string_view bytes, const std::vector<std::string>& expected)
{
    for (std::size_t piece = 1; piece <= bytes.size() + 1; ++piece) {
        BOOST_TEST(split(bytes, piece) == expected, boost::test_tools::per_element());
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(support_lines)

BOOST_AUTO_TEST_CASE(the_three_line_breaks_end_a_line)
{
    check("a\nbc\r\nd", {"a", "bc", "d"});
    check("\n\r\nx\n\n", {"", "", "x", ""});
    check("", {});
}

BOOST_AUTO_TEST_CASE(a_progress_bar_is_a_line_for_each_of_its_states)
{
    check("\r 10%\r 20%\r\ndone", {" 10%", " 20%", "done"});
    check("\r\r\rx", {"x"});
    check("a\r\r\nb", {"a", "", "b"});
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_replaced)
{
    check("a\xff\xc3\xa9z\n\xe2\x82\n", {"a\xef\xbf\xbd\xc3\xa9z", "\xef\xbf\xbd\xef\xbf\xbd"});
    check(std::string_view("\0x\n", 3), {std::string("\0x", 2)});
    BOOST_TEST(make_utf8("x\x80y", 10) == "x\xef\xbf\xbdy");
    BOOST_TEST(make_utf8("x\xc3\xa9", 2) == "x");
    BOOST_TEST(make_utf8("\xf0\x9f\x98\x80\x80", 7) == "\xf0\x9f\x98\x80\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(a_long_line_is_cut_and_the_next_one_is_whole)
{
    for (const std::size_t over : {0u, 1u, 5u, 200'000u}) {
        const std::string text = std::string(LineSplitter::longest + over, 'x') + "\nnext\n";
        for (const std::size_t piece : {std::size_t{1000}, std::size_t{65536}, text.size()}) {
            const std::vector<std::string> lines = split(text, piece);
            BOOST_TEST_REQUIRE(lines.size() == 2u);
            BOOST_TEST(lines[0].size() == LineSplitter::longest);
            BOOST_TEST(lines[1] == "next");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_cut_does_not_break_a_character)
{
    std::string text = "x";
    while (text.size() < 2 * LineSplitter::longest) {
        text += "\xe2\x82\xac";
    }
    for (const std::size_t piece : {std::size_t{1000}, text.size()}) {
        const std::vector<std::string> lines = split(text, piece);
        BOOST_TEST_REQUIRE(lines.size() == 1u);
        BOOST_TEST(lines[0] == text.substr(0, lines[0].size()));
        BOOST_TEST(is_utf8(lines[0]));
        BOOST_TEST(lines[0].size() > LineSplitter::longest - 3);
        BOOST_TEST(lines[0].size() <= LineSplitter::longest);
    }
    BOOST_TEST(split(std::string(2 * LineSplitter::longest, '\xff'), 7000).at(0).size() <=
               LineSplitter::longest); // replacing makes text longer
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw

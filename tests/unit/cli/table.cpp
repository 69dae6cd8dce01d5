// SPDX-License-Identifier: Apache-2.0
// Tables line up.
#include "cli/table.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(cli_table)

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_widest_cell_and_lines_end_without_blanks)
{
    skw::cli::Table table({"ID", "STATUS"});
    table.add({"skw.mtp", "ok"});
    table.add({"x", ""});
    BOOST_TEST(table.text() == "ID       STATUS\nskw.mtp  ok\nx        -\n");
}

BOOST_AUTO_TEST_CASE(columns_of_amounts_end_in_one_place)
{
    skw::cli::Table table({"NAME", "BYTES", "VERSION"});
    table.add({"a", "1,024", "1.0"});
    table.add({"b", "7", "12"});
    table.add({"c", "", "2.0"});
    BOOST_TEST(table.text() == "NAME  BYTES  VERSION\n"
                               "a     1,024  1.0\n"
                               "b         7  12\n"
                               "c         -  2.0\n");
}

BOOST_AUTO_TEST_SUITE_END()

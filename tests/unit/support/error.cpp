// SPDX-License-Identifier: Apache-2.0
// Errors say where, what and what next, and map to documented exit codes.
#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

using skw::Error;
using skw::ErrorCode;

BOOST_AUTO_TEST_SUITE(support_error)

BOOST_AUTO_TEST_CASE(the_text_is_place_and_reason_or_the_reason_alone)
{
    BOOST_TEST(std::string(Error(ErrorCode::io, "a/b", "is gone", "look").what()) == "a/b: is gone");
    BOOST_TEST(std::string(Error(ErrorCode::io, "", "is gone").what()) == "is gone");
    const Error outer = Error(ErrorCode::conflict, "x@main", "moved", "again").inside("entry q");
    BOOST_TEST(std::string(outer.what()) == "entry q: x@main: moved");
    BOOST_TEST(outer.hint() == "again");
}

BOOST_AUTO_TEST_CASE(only_what_a_repetition_can_cure_is_temporary)
{
    for (const ErrorCode code : {ErrorCode::network, ErrorCode::timed_out, ErrorCode::conflict}) {
        BOOST_TEST(skw::exit_code_of(code) == 75);
    }
    BOOST_TEST(skw::exit_code_of(ErrorCode::cancelled) == 130);
    for (const ErrorCode code :
         {ErrorCode::bad_input, ErrorCode::not_found, ErrorCode::not_authorised, ErrorCode::no_space}) {
        BOOST_TEST(skw::exit_code_of(code) == 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
// The main function of every unit test program.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE skulk_weights
#include <boost/test/unit_test.hpp>

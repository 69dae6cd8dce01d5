// SPDX-License-Identifier: Apache-2.0
// The main function of the kernels' tests on a processor for which no Boost.Test library is installed.
#define BOOST_TEST_MODULE plugin_mtp_kernels_neon
#include <boost/test/included/unit_test.hpp>

// SPDX-License-Identifier: Apache-2.0
// The Error that a call throws, for tests that look at its parts.
#pragma once

#include "support/error.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

namespace skw::testing {

// Fails the test if body throws no Error.
inline Error error_of(const std::function<void()>& body)
{
    try {
        body();
    } catch (const Error& error) {
        return error;
    }
    BOOST_FAIL("nothing was thrown");
    return Error(ErrorCode::internal, {}, {});
}

} // namespace skw::testing

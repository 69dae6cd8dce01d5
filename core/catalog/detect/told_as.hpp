// SPDX-License-Identifier: Apache-2.0
// A failure in the contract's words.
#pragma once

#include "support/error.hpp"

#include <string>

namespace skw::catalog {

// What work() gives. An Error of it gets `what` in front; its code and its next step stay.
template<class Work>
auto told_as(const std::string& what, Work work)
{
    try {
        return work();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        throw Error(error.code(), "", what + ": " + error.what(), std::string(error.hint()));
    }
}

} // namespace skw::catalog

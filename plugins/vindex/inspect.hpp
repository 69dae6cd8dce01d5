// SPDX-License-Identifier: Apache-2.0
// What a vindex of a repository would take, from its listing, index and config alone.
#pragma once

#include <skw/call.hpp>

#include <boost/json/value.hpp>

namespace skw::vindex {

// skw.inspect_request/1 -> skw.inspection/1. Throws Failure: what the Hub's calls throw, and
// SKW_E_BAD_ARGUMENT.
boost::json::value inspect_source(const sdk::Call& call, const boost::json::value& request);

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// What a repository holds as an MTP head, and what a publish of it would fetch and write.
#pragma once

#include <skw/call.hpp>

#include <boost/json/value.hpp>

namespace skw::mtp {

// Reads listing, config, index and headers of the request's input; no tensor data.
// needs   request: skw.inspect_request/1
// gives   skw.inspection/1; what would be refused is in it
// fails   sdk::Failure: there is no head at all; a checkpoint that cannot be read
boost::json::value inspect_source(const sdk::Call& call, const boost::json::value& request);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Makes the sidecar that a plan describes.
#pragma once

#include <skw/call.hpp>

#include <boost/json/value.hpp>

namespace skw::mtp {

// Reads the head out of the plan's input and fills the plan's output, with about 40 MiB beside what the
// checkpoint's header says about its tensors.
// needs   plan: skw.plan/1 of this plugin, its input pinned; a call of execute
// gives   skw.result/1
// fails   sdk::Failure
boost::json::value execute_plan(const sdk::Call& call, const boost::json::value& plan);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Carries out a plan: look before, stage, extract, check, slice, publish.
#pragma once

#include <skw/call.hpp>

#include <boost/json/value.hpp>

namespace skw::vindex {

// skw.plan/1 -> skw.result/1. Throws Failure; nothing was sent to the Hub if it fails before the last step.
boost::json::value execute_plan(const sdk::Call& call, const boost::json::value& plan);

} // namespace skw::vindex

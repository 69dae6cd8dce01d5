// SPDX-License-Identifier: Apache-2.0
// Whether the larql of this machine can do what a vindex takes.
#pragma once

#include <skw/call.hpp>

#include <boost/json/value.hpp>

namespace skw::vindex {

// skw.doctor_request/1 -> skw.checks/1. Asks larql for its version and its help, and nothing else.
boost::json::value check_machine(const sdk::Call& call, const boost::json::value& request);

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// What publishing a vindex takes: the runs of larql, shown exactly as they are run.
#pragma once

#include <boost/json/value.hpp>

namespace skw::vindex {

// skw.plan_request/1 -> skw.plan/1. Every entry asks for a vindex, so it is always configured.
boost::json::value make_plan(const boost::json::value& request);

} // namespace skw::vindex

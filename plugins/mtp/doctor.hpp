// SPDX-License-Identifier: Apache-2.0
// What this machine brings for converting tensors.
#pragma once

#include <boost/json/value.hpp>

namespace skw::mtp {

// skw.checks/1: which kernels will run.
boost::json::value check_machine();

} // namespace skw::mtp

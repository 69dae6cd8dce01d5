// SPDX-License-Identifier: Apache-2.0
// Mirroring: which files of the source go into the sidecar.
#pragma once

#include <skw/call.hpp>

#include <boost/json/value.hpp>

namespace skw::vision {

// skw.plan/1 -> skw.result/1. Moves no byte: it looks whether the source is whole and declares its files.
boost::json::value mirror(sdk::Call& call, const boost::json::value& plan);

} // namespace skw::vision

// SPDX-License-Identifier: Apache-2.0
// What publishing a vision sidecar takes: a mirror of the encoder's repository.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace skw::vision {

inline constexpr std::string_view source_input = "source";
// What is said of a source without weights.
std::string no_weights(std::string_view source_repo);

// skw.plan_request/1 -> skw.plan/1; configured is false for an entry without the vision fields.
boost::json::value make_plan(const boost::json::value& request);

} // namespace skw::vision

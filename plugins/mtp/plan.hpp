// SPDX-License-Identifier: Apache-2.0
// What publishing an MTP sidecar will do, out of the catalog entry and what is known of the Hub. Pure.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace skw::mtp {

inline constexpr std::string_view input_id = "source";
inline constexpr std::string_view output_id = "sidecar";
inline constexpr std::string_view step_id = "extract";
inline constexpr std::string_view file_name = "mtp.safetensors";
inline constexpr std::string_view options_fact = "mtp_options";   // on the card; absent for the defaults
inline constexpr std::string_view path_label = "mtp output path"; // its value is where the file is staged

// needs   request: skw.plan_request/1
// gives   skw.plan/1; not configured, nothing left to do, or one step
// fails   sdk::Failure(SKW_E_BAD_ARGUMENT): a request without an entry
boost::json::value plan_sidecar(const boost::json::value& request);

} // namespace skw::mtp

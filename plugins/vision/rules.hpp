// SPDX-License-Identifier: Apache-2.0
// The catalog fields of a vision sidecar: vision_source_repo and vision_sidecar_repo.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace skw::vision {

// skw.findings/1: the first complaint in the contract's order. An entry with neither field is fine.
boost::json::value check_entry(const boost::json::object& entry);

} // namespace skw::vision

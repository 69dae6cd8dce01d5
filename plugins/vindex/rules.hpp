// SPDX-License-Identifier: Apache-2.0
// The catalog fields of a vindex: quant, slices and output_name.
#pragma once

#include "shared/entry_fields.hpp"

#include <string>
#include <vector>

namespace skw::vindex {

// skw.findings/1: at most one complaint a field, with the contract's words.
boost::json::value check_entry(const boost::json::object& entry);

// The slices as the operator sees them: "none" for a full vindex, else the names joined by commas.
std::string slices_text(const boost::json::object& entry);

} // namespace skw::vindex

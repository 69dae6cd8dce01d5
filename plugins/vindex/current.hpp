// SPDX-License-Identifier: Apache-2.0
// Whether the target holds the wanted vindex already, by what its card says.
#pragma once

#include "shared/documents.hpp"

#include <string_view>

namespace skw::vindex {

// slices: "full" or the name of the slice. False with --force, in an offline plan, and for a target whose
// publication did not finish.
bool is_current(const builtin::PlanRequest& request, std::string_view slices);

} // namespace skw::vindex

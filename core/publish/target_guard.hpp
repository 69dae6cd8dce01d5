// SPDX-License-Identifier: Apache-2.0
// Whose repo a target is: nothing of somebody else's is published over.
#pragma once

#include "publish/facts.hpp"

namespace skw::publish {

// Throws Error(bad_input) for a target whose card names another kind of artifact than the plan's, or that
// holds a model (config.json, weights the plan does not write) without a card of ours.
void refuse_foreign_target(const TargetState& target, const json::object& plan);

// Throws Error(conflict) for a repo that was not there at first, was not made by us, and is not empty: nobody
// has looked yet whether it may be ours.
void refuse_if_filled(const hub::Tree& tree);

} // namespace skw::publish

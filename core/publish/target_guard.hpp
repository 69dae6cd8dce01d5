// SPDX-License-Identifier: Apache-2.0
// Whose repo a target is: nothing of somebody else's is published over.
#pragma once

#include "publish/facts.hpp"

namespace skw::publish {

// Whether the target's card says that it holds this kind of artifact: what we may remove files from.
bool is_ours(const TargetState& target, const json::object& plan);

// Throws Error(bad_input) for a target whose card names another kind of artifact than the plan's, or that
// holds something of somebody's without a card of ours: a model, and for a plan that mirrors or whose tool
// uploads anything but a card, licence files and dot-files. With `force` only a plan whose tool uploads is
// refused: such a tool removes what it does not know.
void refuse_foreign_target(const TargetState& target, const json::object& plan, bool force);

// Whether a step's tool uploads to the target by itself.
bool uploads_by_tool(const json::object& plan);

// Throws Error(conflict) for a repo that was not there at first, was not made by us, and is not empty: nobody
// has looked yet whether it may be ours.
void refuse_if_filled(const hub::Tree& tree);

} // namespace skw::publish

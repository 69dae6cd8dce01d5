// SPDX-License-Identifier: Apache-2.0
// Whether what a reviewed plan was made for is still as it was.
#pragma once

#include "publish/facts.hpp"
#include "publish/plan.hpp"

#include <string_view>

namespace skw::publish {

// The pins of one artifact as the Hub is now, and the plan that its plugin makes of them.
Pins pins_of(const Facts& facts, json::object pinned_plan);

// Throws Error(stale_plan), each with a text of its own: a source has another commit, or the target has.
void require_pins(const Pins& pins, const Facts& facts, std::string_view kind);

// Throws Error(stale_plan) unless the plan of now is the one that was reviewed, or says that nothing is left
// to do where this run has done it.
void require_same_plan(const Pins& pins, const json::object& plan, std::string_view kind);

} // namespace skw::publish

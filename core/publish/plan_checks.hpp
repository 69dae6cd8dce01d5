// SPDX-License-Identifier: Apache-2.0
// What the host holds a plugin's plan to before it trusts it.
#pragma once

#include "plugin/host.hpp"
#include "publish/plan.hpp"

namespace skw::publish {

// The outputs lie in one target repo of the entry's owner, at paths the host does not write itself. Throws
// Error(contract) naming the plugin.
void check_target(const json::object& plan, const Request& request, const plugin::Candidate& plugin);

// The plan with facts reads, writes and runs what the plan that was shown said: same inputs, outputs, target
// and tools. Throws Error(contract).
void check_same_work(const json::object& shown, const json::object& pinned, const plugin::Candidate& plugin);

// Every output of the plan is staged, and what the plugin claims about it is what the host saw.
void check_outputs(const json::object& plan, const plugin::Execution& execution,
                   const plugin::Candidate& plugin);

} // namespace skw::publish

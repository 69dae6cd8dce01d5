// SPDX-License-Identifier: Apache-2.0
// `publish --dry-run --online` and `--plan-out`: what a publish would meet, told and written down.
#pragma once

#include "publish/plan.hpp"

#include <vector>

namespace skw::cli {

class Arguments;
class Context;

// Options that stand together in vain. Throws WrongUsage.
void check_plan_options(const Arguments& arguments);

// Whether the plans are to be looked at on the Hub.
bool asks_to_look(const Arguments& arguments);

// Prints plans and looks, and writes the plan file if one is asked for and nothing stands in the way. Gives
// the exit code.
int look_ahead(const std::vector<publish::Plan>& plans, const Arguments& arguments, Context& context);

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// What a `publish` was asked to do, out of its options.
#pragma once

#include "publish/plan.hpp"

#include <vector>

namespace skw::cli {

class Arguments;
class Context;

// A request for each selected entry. Throws WrongUsage, or Error for an unknown key.
std::vector<publish::Request> read_requests(const Arguments& arguments, Context& context);

} // namespace skw::cli

// SPDX-License-Identifier: Apache-2.0
// What is known about a plugin without running it, as JSON.
#pragma once

#include "plugin/host.hpp"

namespace skw::cli {

// The members that `plugins list` and `plugins show` have in common.
json::object plugin_json(const plugin::Candidate& candidate);

} // namespace skw::cli

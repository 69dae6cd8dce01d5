// SPDX-License-Identifier: Apache-2.0
// What this plugin says about itself.
#pragma once

#include <boost/json/value.hpp>

namespace skw::mtp {

boost::json::value describe_kind(); // skw.describe/1

} // namespace skw::mtp

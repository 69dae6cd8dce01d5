// SPDX-License-Identifier: Apache-2.0
// Which model families may be extracted, and why the others are refused before anything is downloaded.
#pragma once

#include <boost/json/object.hpp>

#include <string_view>

namespace skw::vindex {

enum class Family : unsigned char { dense, gemma4, mixtral };

// needs   config, and its text part (the same object where nothing is nested)
// fails   Failure(SKW_E_UNSUPPORTED): attention that LARQL reads wrongly, weights it cannot read, a family
//         that nobody has tried
Family require_supported(const boost::json::object& config, const boost::json::object& text);

} // namespace skw::vindex

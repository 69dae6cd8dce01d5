// SPDX-License-Identifier: Apache-2.0
// Base64 with padding, as JSON bodies and proxy credentials need it.
#pragma once

#include <string>
#include <string_view>

namespace skw::hub {

std::string to_base64(std::string_view bytes); // at most 1 GiB

} // namespace skw::hub

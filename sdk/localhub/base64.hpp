// SPDX-License-Identifier: Apache-2.0
// Base64, as commit lines and samples carry it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skw::localhub {

// With or without "=" at the end; nullopt for any other character.
std::optional<std::string> base64_decoded(std::string_view text);

} // namespace skw::localhub

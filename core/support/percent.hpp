// SPDX-License-Identifier: Apache-2.0
// Percent-encoding of text for URLs.
#pragma once

#include <string>
#include <string_view>

namespace skw {

// One path segment or query value: everything but letters, digits and "-._~" as %XX, the slash as well.
std::string encode_segment(std::string_view text);
// A path: its slashes stay, every segment is encoded.
std::string encode_path(std::string_view path);

} // namespace skw

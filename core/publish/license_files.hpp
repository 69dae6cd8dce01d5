// SPDX-License-Identifier: Apache-2.0
// The files that carry a source's terms: whoever passes weights on has to pass these on as well.
#pragma once

#include <string_view>

namespace skw::publish {

// LICENSE, LICENCE, COPYING, NOTICE and use policies in the root folder, with or without an ending.
bool is_license_file(std::string_view path) noexcept;

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The manual page skulk-weights(1), made from the table of commands.
#pragma once

#include <string>

namespace skw::cli {

// In the macros of man(7). The same bytes each time: it names no day of its making.
std::string manual_text();

} // namespace skw::cli

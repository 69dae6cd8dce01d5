// SPDX-License-Identifier: Apache-2.0
// The completion scripts of the shells.
#pragma once

#include <string_view>

namespace skw::cli {

// shell: "bash", "zsh" or "fish". Each asks the program itself what may stand on the line.
std::string_view completion_script(std::string_view shell);

} // namespace skw::cli

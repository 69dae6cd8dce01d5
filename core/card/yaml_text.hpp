// SPDX-License-Identifier: Apache-2.0
// Strings as YAML scalars that every reader, of YAML 1.1 and 1.2, reads back as that very string.
#pragma once

#include <string>
#include <string_view>

namespace skw::card {

enum class Quote { if_needed, always };

// A scalar for the value side of "key: ". Plain where no reader can take it for something else, else single
// quotes, else double quotes with escapes. ASCII only; never holds a line break or the text "---", which
// existing readers of our cards take for the end of the front matter.
std::string yaml_scalar(std::string_view utf8, Quote quote = Quote::if_needed);

} // namespace skw::card

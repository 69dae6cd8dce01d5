// SPDX-License-Identifier: Apache-2.0
// The front matter of a card that lies on the Hub.
#pragma once

#include "support/json.hpp"

#include <optional>
#include <string_view>

namespace skw::publish {

// The YAML mapping between the "---" line that begins a README.md and the next "---"; nullopt where there is
// none, or it is not a mapping, or no valid YAML: a damaged card is like no card.
std::optional<json::object> read_front_matter(std::string_view readme);

} // namespace skw::publish

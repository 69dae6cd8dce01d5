// SPDX-License-Identifier: Apache-2.0
// The front matter of a README.md: what the Hub shows as cardData and tags, and when it is refused.
#pragma once

#include "support/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct Card {
    json::object data;
    std::vector<std::string> tags; // "license:mit", "base_model:a/b", ...
};

// A card without front matter, or with one that cannot be read, has no data.
Card read_card(std::string_view readme);
// What keeps a README.md from being committed; empty: nothing.
std::vector<std::string> card_problems(std::string_view readme);

} // namespace skw::localhub

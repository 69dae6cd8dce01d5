// SPDX-License-Identifier: Apache-2.0
// The facts of one artifact's card, and its text.
#pragma once

#include "card/card.hpp"
#include "publish/facts.hpp"
#include "publish/work.hpp"

#include <string>
#include <string_view>

namespace skw::publish {

// All but the files. Warns where the source names no licence.
card::CardFacts make_card_facts(const Work& work, const json::object& plan, const Facts& facts,
                                const plugin::CardNotes& notes);

// The card's text. Throws Error(contract) if it or the commit's summary would show a token.
std::string checked_card(const card::CardFacts& facts, std::string_view summary);

// Whether the card at the target says the same as these facts, but for when and by which version it was
// written, and at which commit the same content was read.
bool says_the_same(const TargetState& target, const card::CardFacts& facts);

} // namespace skw::publish

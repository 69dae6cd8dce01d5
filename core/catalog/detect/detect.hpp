// SPDX-License-Identifier: Apache-2.0
// What a new entry says about a model, found out from the model: the contract's section 7.2, steps 2 to 7.
#pragma once

#include "catalog/detect/base_chain.hpp"
#include "catalog/detect/model_facts.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace skw::catalog {

struct Detected {
    std::string id; // as the Hub spells it
    std::string quant, tier;
    Bases bases;
    // The model whose heads were looked at last and found: the leaf of the chain, or what it was made from.
    // State none: no model has any.
    std::optional<std::string> heads_in;
    Heads heads;
    std::optional<std::string> assistant;
    std::vector<std::string> warnings; // a line each

    bool has_usable_heads() const { return heads.state == Heads::State::usable; }
};

// progress: told of each step before it is done, in the contract's words. Throws Error with the contract's
// texts.
Detected detect(const std::string& id, ModelFacts& facts,
                const std::function<void(const std::string& line)>& progress);

// The contract's verdict, a line each.
std::vector<std::string> verdict_of(const Detected& detected);

} // namespace skw::catalog

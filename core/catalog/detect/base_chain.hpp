// SPDX-License-Identifier: Apache-2.0
// From a model to what it was made from, by the tags of the Hub.
#pragma once

#include "catalog/detect/model_facts.hpp"

#include <optional>
#include <string>
#include <vector>

namespace skw::catalog {

struct Bases {
    std::optional<std::string> immediate; // what the model itself names
    // From the model over what each was quantised from to the one that is no quantisation: the leaf.
    std::vector<std::string> chain;
    bool leaf_is_there = true; // false: the last one is not on the Hub, or hidden
    std::optional<std::string>
        parent; // what the leaf was finetuned or merged from, where that is another model

    const std::string& leaf() const { return chain.back(); }
};

// The model that the first tag "base_model:quantized:X" names; nullopt where there is none.
std::optional<std::string> quantized_from(const ModelInfo& info);
// That one, else the one of the first tag "base_model:X" or "base_model:RELATION:X".
std::optional<std::string> immediate_base(const ModelInfo& info);

// Follows the chain. Throws Error(bad_input) that names every model of a chain that leads back to itself or
// is longer than any real one, and whatever find_model throws.
Bases follow_bases(const ModelInfo& info, ModelFacts& facts);

} // namespace skw::catalog

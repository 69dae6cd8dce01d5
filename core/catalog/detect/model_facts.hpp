// SPDX-License-Identifier: Apache-2.0
// What the detection of a new entry has to know about models, and nothing of how it is found out.
#pragma once

#include "support/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skw::catalog {

// What the Hub says of a model.
struct ModelInfo {
    std::string id; // as the Hub spells it
    std::vector<std::string> tags;
};

// What a model has in the way of MTP heads.
struct Heads {
    enum class State {
        none,    // looked, and there are none
        usable,  // a publish would take them
        refused, // there is something, but a publish would refuse it
    };
    State state = State::none;
    std::optional<std::uint64_t> names = std::nullopt; // tensors as they are stored, scales included
    std::string reason{}, hint{};                      // of a refusal; of none, what may be worth knowing
};

// Answers may come from a network; every call throws Error where there is no answer.
class ModelFacts {
public:
    virtual ~ModelFacts() = default;
    // nullopt: there is no such model, or it is hidden from whoever asks.
    virtual std::optional<ModelInfo> find_model(const std::string& id) = 0;
    // config.json of a model that is there; null where it has none that can be read as JSON.
    virtual json::value read_config(const std::string& id) = 0;
    // By listings and headers alone, of a model that is there.
    virtual Heads look_for_heads(const std::string& id) = 0;
};

} // namespace skw::catalog

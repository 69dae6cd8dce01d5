// SPDX-License-Identifier: Apache-2.0
// A Hub of a few lines: models by name, with what is asked of them written down.
#pragma once

#include "catalog/detect/model_facts.hpp"

#include "support/error.hpp"
#include "support/letters.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace skw::tests {

struct SampleFacts : catalog::ModelFacts {
    struct Model {
        std::vector<std::string> tags{};
        catalog::Heads heads{};
        json::value config{};
    };
    std::map<std::string, Model> models;
    std::set<std::string> failing; // asking for these fails
    std::vector<std::string> asked;

    std::optional<catalog::ModelInfo> find_model(const std::string& id) override
    {
        asked.push_back(id);
        if (failing.contains(id)) {
            throw Error(ErrorCode::network, "", "the server is busy", "run the same command again later");
        }
        for (const auto& [name, model] : models) {
            if (equal_ignoring_case(name, id)) {
                return catalog::ModelInfo{name, model.tags};
            }
        }
        return std::nullopt;
    }
    json::value read_config(const std::string& id) override { return models.at(id).config; }
    catalog::Heads look_for_heads(const std::string& id) override { return models.at(id).heads; }
};

inline catalog::Heads usable(std::uint64_t names)
{
    return {catalog::Heads::State::usable, names};
}

} // namespace skw::tests

// SPDX-License-Identifier: Apache-2.0
// What the detection of a new catalog entry asks about models, answered by the Hub and the plugin `mtp`.
#pragma once

#include "catalog/detect/model_facts.hpp"
#include "hub/client.hpp"
#include "publish/kinds.hpp"
#include "publish/observer.hpp"
#include "publish/sources.hpp"

#include <map>
#include <stop_token>
#include <string>

namespace skw::publish {

// Reads listings, config.json and headers; moves no weights. All arguments must outlive it.
class HubModelFacts : public catalog::ModelFacts {
public:
    HubModelFacts(hub::Client& hub, const Kinds& kinds, std::stop_token stop, Observer& observer)
        : hub_(hub),
          kinds_(kinds),
          stop_(std::move(stop)),
          observer_(observer)
    {
    }

    std::optional<catalog::ModelInfo> find_model(const std::string& id) override;
    json::value read_config(const std::string& id) override;
    catalog::Heads look_for_heads(const std::string& id) override;

private:
    // The model at the commit that was seen first, with its listing.
    const PinnedInput& pinned(const std::string& id);

    hub::Client& hub_;
    const Kinds& kinds_;
    std::stop_token stop_;
    Observer& observer_;
    std::map<std::string, hub::RepoInfo, std::less<>> known_; // by canonical name
    std::map<std::string, PinnedInput, std::less<>> pinned_;
};

} // namespace skw::publish

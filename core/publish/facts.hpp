// SPDX-License-Identifier: Apache-2.0
// What only the Hub knows before an artifact is made: pinned sources and the state of the target.
#pragma once

#include "hub/client.hpp"
#include "publish/sources.hpp"

#include <optional>
#include <string>
#include <vector>

namespace skw::publish {

// The target repo before anything is done. A repo that does not exist has no head.
struct TargetState {
    RepoId repo;
    std::optional<CommitId> head;
    std::vector<hub::RemoteFile> files;
    std::optional<json::object> card; // the front matter of its README.md
    // The artifact type its card names; empty where there is no such card.
    std::string artifact_type() const;
};

struct Facts {
    std::vector<PinnedInput> inputs;
    TargetState target;
    json::value document; // "facts" of skw.plan_request/1
};

// Reads them for one offline plan (skw.plan/1).
Facts read_facts(hub::Client& hub, const json::object& plan);

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// What only the Hub knows before an artifact is made: pinned sources and the state of the target.
#pragma once

#include "hub/client.hpp"
#include "publish/sources.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

// The target repo before anything is done. A repo that does not exist has no head.
struct TargetState {
    RepoId repo;
    std::optional<CommitId> head;
    bool is_private = false;
    std::vector<hub::RemoteFile> files;
    std::optional<json::object> card; // the front matter of its README.md
    // What its card says of itself; empty where there is no such card.
    std::string artifact_type() const { return foxlight("artifact_type"); }
    std::string foxlight(std::string_view member) const; // of that mapping
    const hub::RemoteFile* find(std::string_view path) const;
};

struct Facts {
    std::vector<PinnedInput> inputs;
    TargetState target;
    json::value document; // "facts" of skw.plan_request/1
};

// The pinned input that the card names as the source, or else the first; null: the plan reads nothing.
const PinnedInput* find_source(const Facts& facts, const json::object& plan);

// Reads them for one offline plan (skw.plan/1).
Facts read_facts(hub::Client& hub, const json::object& plan);

} // namespace skw::publish

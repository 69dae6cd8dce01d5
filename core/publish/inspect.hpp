// SPDX-License-Identifier: Apache-2.0
// Looking into a repository for one artifact kind: what is there, and whether it could be made.
#pragma once

#include "hub/client.hpp"
#include "publish/kinds.hpp"
#include "publish/observer.hpp"
#include "publish/sources.hpp"

#include <stop_token>
#include <string>
#include <string_view>

namespace skw::publish {

struct InspectTarget {
    RepoId repo;
    std::string revision = "main"; // a branch, tag or commit
    std::string kind;
    json::object options; // fields of the kind, as in a catalog entry
};

struct Inspection {
    RepoId repo; // the canonical spelling
    CommitId commit;
    std::string kind;
    json::object document; // skw.inspection/1
    hub::Traffic traffic;

    bool refused() const { return !document.at("refusals").as_array().empty(); }
};

// Pins the revision and asks the kind's plugin. Reads listings and headers; moves no weights. Throws Error.
Inspection inspect_repo(const InspectTarget& target, const Kinds& kinds, hub::Client& hub,
                        std::stop_token stop, Observer& observer);

// The same of an input that is pinned already: only the files it selects are seen. Throws Error.
Inspection inspect_input(const PinnedInput& input, std::string_view kind, json::object options,
                         const Kinds& kinds, hub::Client& hub, std::stop_token stop, Observer& observer);

// The fields of an entry that say how the kind is made: neither which repos, nor what their cards say.
json::object inspect_options(const catalog::Entry& entry, const plugin::Kind& kind);

// skw.inspect/1: the inspection with repo, commit and traffic.
json::value inspection_json(const Inspection& inspection);

} // namespace skw::publish

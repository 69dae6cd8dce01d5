// SPDX-License-Identifier: Apache-2.0
// Where the artifacts of catalog entries would go, by their offline plans.
#pragma once

#include "catalog/catalog.hpp"
#include "publish/kinds.hpp"
#include "support/ids.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace skw::publish {

struct Target {
    std::string key;  // of the entry
    std::string kind; // of the artifact
    RepoId repo;
    std::string collection;       // title or slug it is filed into; "" = it is not filed
    bool collection_by_title = false; // of the repo's owner, made if missing
    json::value plan;             // skw.plan/1
};

// One for each kind that an entry configures. `failed` is told of a plan that could not be made.
std::vector<Target> find_targets(std::span<const catalog::Entry> entries, const Kinds& kinds,
                                 const std::function<void(const catalog::Entry&, const Error&)>& failed);

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// Which collection an artifact is filed into, and the filing.
#pragma once

#include "hub/client.hpp"
#include "support/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skw::collection {

// Whether this run files at all, and the slug for the artifact kinds that have no titled collection of their
// own. Kinds with a title are filed by it, never into the slug, but only while filing is on.
struct Policy {
    std::optional<std::string> slug; // nullopt: filing is off for every artifact
    bool on() const { return slug.has_value(); }
};

// From the entry's (or inherited) hf_collection and the variable SKULK_WEIGHTS_COLLECTION: unset or blank =
// the entry's; none, 0, false, no, off, disabled = off; owner/slug = that one. Throws Error(bad_input) for
// anything else.
Policy decide_policy(const std::optional<std::string>& entry_collection,
                     const std::optional<std::string>& variable);

// The page of a collection, as the plan prints it.
std::string collection_url(std::string_view slug);

struct Filed {
    std::string slug;
    bool newly_added = false; // false: it was in already
};

// Files a repo into a titled collection of its owner, which is made if missing, or into an exact slug, which
// must exist. Both throw Error with the contract's text.
Filed file_by_title(hub::Client& hub, const RepoId& repo, std::string_view title);
Filed file_by_slug(hub::Client& hub, const RepoId& repo, std::string_view slug);

} // namespace skw::collection

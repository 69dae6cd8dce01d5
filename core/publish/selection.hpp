// SPDX-License-Identifier: Apache-2.0
// Which entries of a catalog are meant.
#pragma once

#include "catalog/catalog.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skw::publish {

struct Selection {
    std::vector<std::string> keys; // as given; a repeated one counts once
    std::string tier;              // "" = of any
    bool all = false;              // every entry, of the tier if one is named
};

// The entry of that key. Throws Error(not_found) with the contract's text and a near key.
const catalog::Entry& find_entry(const catalog::Catalog& catalog, std::string_view key);

// The keys in the order given, then what tier or all select in the catalog's order; no entry twice. Throws
// Error(not_found) for an unknown key, and for a tier that no entry has.
std::vector<catalog::Entry> select_entries(const catalog::Catalog& catalog, const Selection& selection);

} // namespace skw::publish

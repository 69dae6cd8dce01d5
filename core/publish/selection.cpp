// SPDX-License-Identifier: Apache-2.0
// Which entries of a catalog are meant.
#include "publish/selection.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <set>

namespace skw::publish {

const catalog::Entry& find_entry(const catalog::Catalog& catalog, std::string_view key)
{
    if (const catalog::Entry* found = catalog.find(key)) {
        return *found;
    }
    std::vector<std::string> keys;
    for (const catalog::Entry& entry : catalog.entries) {
        keys.push_back(entry.key);
    }
    std::string near = nearest_name(key, keys);
    for (const std::string& candidate : keys) {
        if (candidate.ends_with("/" + std::string(key))) {
            near = candidate; // the namespace was left out
        }
    }
    throw Error(ErrorCode::not_found, "", "catalog key not found: " + printable(key, 300),
                near.empty() ? "`skulk-weights catalog list` shows the keys" : "did you mean " + near + "?");
}

std::vector<catalog::Entry> select_entries(const catalog::Catalog& catalog, const Selection& selection)
{
    std::vector<catalog::Entry> chosen;
    std::set<std::string, std::less<>> seen;
    const auto add = [&](const catalog::Entry& entry) {
        if (seen.insert(entry.key).second) {
            chosen.push_back(entry);
        }
    };
    for (const std::string& key : selection.keys) {
        add(find_entry(catalog, key));
    }
    if (selection.all || !selection.tier.empty()) {
        for (const catalog::Entry& entry : catalog.entries) {
            if (selection.tier.empty() || entry.tier == selection.tier) {
                add(entry);
            }
        }
    }
    if (chosen.empty()) {
        throw Error(ErrorCode::not_found, "",
                    "no entry of the catalog has the tier " + python_repr(selection.tier),
                    "`skulk-weights catalog list` shows the keys");
    }
    return chosen;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// What lies in a scratch root: of which artifact and entry, how large, since when.
#pragma once

#include "catalog/catalog.hpp"
#include "plugin/clearing.hpp"
#include "publish/kinds.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace skw::publish {

// An artifact of a catalog entry.
struct ScratchOwner {
    std::string key, kind;
};

struct ScratchItem {
    std::string path; // below the root
    bool is_folder = false;
    // "unfinished run", "vindex", "staged file", "left by the Python tool" or "not known"
    std::string what;
    std::string plugin; // of an unfinished run; else ""
    std::optional<ScratchOwner> owner;
    plugin::TreeSize size;
    std::optional<std::int64_t> changed; // seconds since 1970: the latest content, else the item itself
};

struct ScratchListing {
    std::string root; // as shown
    bool is_ours = false;  // has the marker
    bool in_use = false;   // another run holds the root
    std::vector<ScratchItem> items; // largest first
    std::uint64_t bytes = 0;
};

// Reads names and sizes; follows no link, and what cannot be read counts nothing. Throws Error(io).
ScratchListing list_scratch(const plugin::Tree& root, const std::string& shown);

// Says of each item whose it is, by the offline plans of the catalog; no more of them are made than that takes.
void name_owners(ScratchListing& listing, const catalog::Catalog& catalog, const Kinds& kinds);

// skw.scratch.show/1.
json::value scratch_json(const ScratchListing& listing);

// The names in the root, and in the folders that both make, that neither this program nor the Python tool makes
// there ("photo.jpg", "resume/cv.txt"); empty where the root has the marker, which says that all of it is ours.
std::vector<std::string> foreign_names(const plugin::Tree& root);

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The file that a new entry goes into, and for whom entries of that file are made.
#pragma once

#include "catalog/catalog.hpp"
#include "catalog/manifest.hpp"
#include "catalog/new_entry.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace skw::catalog {

struct Place {
    enum class Kind {
        builtin,    // the file the built-in catalog is read from
        overlay,    // the user's additions to it
        configured, // a path source of the configuration; need not be there yet
        manifest,   // the file of --manifest
        alone,      // a file that is not part of what this command line reads
    };
    Kind kind = Kind::builtin;
    std::filesystem::path file; // as it is shown
    EntryOwner owner;
    // The catalogs that must hold with the entry. The first reads the file and gets the entry; in the others
    // no name may be taken.
    std::vector<LoadRequest> catalogs;
};

// to: "" = nobody said. Then the manifest of the request, else the built-in file if this user may write it,
// else the overlay. The owner is that of the file's source. A file without one (a manifest, or a file alone)
// is read: its entries have to agree on one. Throws Error where no owner can be told.
Place choose_place(const LoadRequest& request, std::string_view to, const FieldRules& rules);

} // namespace skw::catalog

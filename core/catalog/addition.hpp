// SPDX-License-Identifier: Apache-2.0
// One entry added to one file: looked at first, then written, or left alone.
#pragma once

#include "catalog/insert.hpp"
#include "catalog/place.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace skw::catalog {

class Addition {
public:
    // rules must outlive it.
    Addition(Place place, NewEntry entry, const FieldRules& rules)
        : place_(std::move(place)),
          entry_(std::move(entry)),
          rules_(rules)
    {
    }

    const Place& place() const noexcept { return place_; }
    const NewEntry& entry() const noexcept { return entry_; }

    // Reads the catalogs and refuses a name that is taken, by the contract's section 7.9. Gives the effective
    // keys of the entries that have the same source model already.
    std::vector<std::string> check(const Warn& warn) const;

    // The lines as they would stand in the file, after all catalogs were read with them in it. Writes
    // nothing.
    std::string preview() const;

    // Adds the entry to the file as it is now, under a lock that keeps other additions to its folder out, and
    // replaces the file as a whole: its bytes, mode and owner stay. The overlay's folder is made if need be,
    // for this user alone. Throws Error(conflict) where the file is changed meanwhile or the lock is not to
    // be had, Error(io), and what insert_entry and the catalog's rules throw; the file is as it was then.
    void write(const std::stop_token& stop) const;

private:
    std::string content() const; // "" where there is no file yet
    // What the request reads without the entry; text: the file's content.
    Catalog read_before(LoadRequest request, const std::string& text, const Warn& warn) const;
    Insertion made_of(const std::string& text) const;

    Place place_;
    NewEntry entry_;
    const FieldRules& rules_;
};

} // namespace skw::catalog

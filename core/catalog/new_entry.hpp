// SPDX-License-Identifier: Apache-2.0
// A new entry made of what was detected, and how it is written into a catalog file.
#pragma once

#include "catalog/detect/detect.hpp"
#include "support/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skw::catalog {

// For whom an entry is made: what the source of the catalog says, which the entry's file belongs to.
struct EntryOwner {
    std::optional<std::string> name_space; // none: keys are bare
    std::string owner;                     // of every repository the entry names for a result
    std::optional<std::string> collection;
};

struct NewEntry {
    std::string key;           // bare, as it stands in the file
    std::string effective_key; // with the namespace
    std::string source_model, hf_repo, output_name;
    // Fields with one text each, in the order in which they are written; "slices" is a list of one.
    std::vector<std::pair<std::string, std::string>> fields;

    json::object json() const; // as the file's reader sees it: bare key
};

// Names by the contract's section 7.7. Throws Error(bad_input) where they break a rule of the catalog or the
// Hub: a key without a letter at its beginning, a name that is too long.
NewEntry make_entry(const Detected& detected, const EntryOwner& owner);

// How the entries of a file are laid out.
struct EntryStyle {
    std::size_t dash = 2;  // blanks in front of the dash
    std::size_t field = 2; // places from the dash to the fields
    std::string_view line_end = "\n";
};

// The entry as lines, a blank one first.
std::string entry_block(const NewEntry& entry, const EntryStyle& style = {});

// Text as a YAML 1.1 scalar on one line: plain where that is read as the same text, else quoted.
std::string yaml_scalar(std::string_view text);

} // namespace skw::catalog

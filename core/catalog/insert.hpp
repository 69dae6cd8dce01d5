// SPDX-License-Identifier: Apache-2.0
// A catalog file with one more entry at the end of its list, every byte that was there kept.
#pragma once

#include "catalog/new_entry.hpp"
#include "catalog/yaml.hpp"

#include <string>
#include <string_view>

namespace skw::catalog {

// The whole of a file, its list of entries included, however long that is.
YamlDocument read_whole(std::string_view text, std::string_view label);

struct Insertion {
    std::string block; // as it stands in the file now
    std::string text;  // of the whole file
};

// Puts the entry behind the last one of `models`, whatever follows the list, in the indentation and with the
// line ends of the file. An empty text, or a mapping without the list or with an empty one, gets the list.
// The result is read again: it holds what was there, and the entry behind. Throws Error(unsupported) with the
// block in its hint where no place is found that keeps all of that, such as a list written in one line;
// Error(bad_input) for text that is no catalog.
Insertion insert_entry(std::string_view text, const NewEntry& entry, std::string_view label);

} // namespace skw::catalog

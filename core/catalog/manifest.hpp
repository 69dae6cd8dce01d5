// SPDX-License-Identifier: Apache-2.0
// One manifest: a file with a list `models`, read into checked entries.
#pragma once

#include "catalog/catalog.hpp"
#include "catalog/name_set.hpp"
#include "catalog/words.hpp"

#include <filesystem>
#include <string>

namespace skw::catalog {

using Warn = std::function<void(std::string)>;

// What has been seen in one source, which may be more than one file: views into the fields of its entries,
// which may be moved but not changed as long as this is used.
struct Seen {
    NameSet keys, output_names, hf_repos;

    void add(const Entry& entry);
};

// Bytes of a file of entries, whoever reads it.
inline constexpr std::size_t largest_manifest = 64u << 20;

// What a file without any content or with an empty list is: an error by the contract. The user's additions
// may be empty: then a warning says so, and nothing is read from them.
enum class WithoutEntries { refused, told };

// Appends the entries of the file to `entries`, with `source` as their index. Throws at the first rule of the
// contract's section 4 that does not hold; `source_info` gives namespace, owner and inherited collection.
void read_manifest(const std::filesystem::path& file, const Origin& origin, const Source& source_info,
                   std::size_t source, const FieldRules& rules, Seen& seen, std::vector<Entry>& entries,
                   const Warn& warn, WithoutEntries empty = WithoutEntries::refused);

// Whether a document has no entries yet and holds nothing that stands in the way of some.
bool has_no_entries(const YamlDocument& document);

// Whether a regular file, or a link to one, is there. Throws Error(permission) where nobody may look.
bool is_file(const std::filesystem::path& file, const std::string& shown);

// The text of a YAML file as a document: regular file, within the limits, parsed; its own warnings are passed
// on with the origin in front. Throws Error(bad_input), Error(io).
YamlDocument read_yaml_file(const std::filesystem::path& file, const Origin& origin, const Warn& warn,
                            const YamlLimits& limits = {}, const YamlItems* items = nullptr);

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// One manifest: a file with a list `models`, read into checked entries.
#pragma once

#include "catalog/catalog.hpp"
#include "catalog/words.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace skw::catalog {

using Warn = std::function<void(std::string)>;

// What has been seen in one source, which may be more than one file.
struct Seen {
    std::set<std::string, std::less<>> keys, output_names, hf_repos;
};

// Appends the entries of the file to `entries`, with `source` as their index. Throws at the first rule of the
// contract's section 4 that does not hold; `source_info` gives namespace, owner and inherited collection.
void read_manifest(const std::filesystem::path& file, const Origin& origin, const Source& source_info,
                   std::size_t source, const FieldRules& rules, Seen& seen, std::vector<Entry>& entries,
                   const Warn& warn);

// The text of a YAML file as a document: regular file, at most the limit of YamlLimits, parsed; its own
// warnings are passed on with the origin in front. Throws Error(bad_input), Error(io).
YamlDocument read_yaml_file(const std::filesystem::path& file, const Origin& origin, const Warn& warn);

} // namespace skw::catalog

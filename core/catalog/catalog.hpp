// SPDX-License-Identifier: Apache-2.0
// What can be published: sources read, checked and merged into one list of entries.
//
// The core owns the fields key, source_model, tier, hf_repo, hf_collection and the rules of merging. The other
// fields belong to artifact kinds, which check them through FieldRules.
#pragma once

#include "support/json.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::catalog {

// One complaint of a field's owner. `field` is the top-level field it is about ("quant"), which decides its
// place in the order of complaints; the message stands behind "<effective key>: ".
struct FieldFinding {
    std::string field;
    std::string message;
};

// The rules of the fields that the core does not own; implemented over the plugins.
class FieldRules {
public:
    virtual ~FieldRules() = default;
    // Every field that some kind owns, such as "quant". "artifacts" is always known.
    virtual std::vector<std::string> fields() const = 0;
    // What the owners say of an entry (an object with all its fields, key already effective).
    virtual std::vector<FieldFinding> check(const json::object& entry) const = 0;
};

struct Entry {
    std::string key;                          // effective: namespace/key, or bare with --manifest
    std::string source_model, tier, hf_repo;
    std::optional<std::string> hf_collection; // own or inherited
    json::object fields;                      // everything, "key" effective and "hf_collection" inherited
    std::size_t source = 0;                   // index into Catalog::sources
};

struct Source {
    std::string kind;   // "builtin", "path" or "manifest"
    std::string name;   // "foxlight", the namespace, or the file's stem
    std::optional<std::string> name_space, hf_owner, hf_collection;
    std::size_t entries = 0;
    std::string origin; // "package:foxlight", the resolved path text, or the path as given
};

struct Catalog {
    std::vector<Source> sources;
    std::vector<Entry> entries;        // in source and file order
    std::vector<std::string> warnings; // for stderr, one line each, without "warning: "

    const Entry* find(std::string_view key) const; // nullptr: no such effective key
};

// Where to read from. At most one of config and manifest is set; empty text counts as not given.
struct LoadRequest {
    std::string config, manifest;
    std::filesystem::path builtin_file; // the packaged foxlight.yaml
    std::filesystem::path overlay_file; // the user's foxlight.yaml, read after it as part of it; "" = none
    std::filesystem::path working_folder = "."; // searched for skulk-weights.yaml
    // A change is checked before it is made: where changed_file (a real_path; "" = none) would be read,
    // the content of changed_to is, under the name of the former. changed_to "": the file is left out.
    std::filesystem::path changed_file{}, changed_to{};
};

// Reads, checks and merges. Throws Error(bad_input) with the contract's exact text and no place (the hint
// names file, line and column), or Error(io). YAML that cannot be parsed has "<label>:<line>:<column>" as its
// place. Every warning is given to `warn` as it comes up, so that a failure loses none, and is in the result.
Catalog read_catalog(const LoadRequest& request, const FieldRules& rules,
                     const std::function<void(const std::string&)>& warn = {});

// The entry as one line of JSON, as `catalog show` prints it: thirteen fixed keys in alphabetical order,
// absent ones null, then "artifacts" if the entry has it.
std::string entry_json(const Entry& entry);

// `catalog find`: the model id out of an id or URL (the contract's section 7.1). Throws Error(bad_input).
std::string parse_model_id(std::string_view text);

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// The events of a YAML document made into a JSON value: anchors, merge keys, duplicate keys and limits.
#pragma once

#include "catalog/yaml.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::catalog {

// What a subtree costs: its nodes and the bytes of its scalars, each alias counted as what it stands for.
struct Weight {
    std::size_t nodes = 0, bytes = 0;
};

using AnchorId = std::size_t; // 0: no anchor

// A list or mapping whose end has not come yet.
struct Open {
    bool is_map = false;
    json::value value;               // object or array
    std::vector<json::value> merges; // of "<<", in the order written
    std::optional<std::string> key;  // read, its value to come
    Position key_at;
    bool key_is_merge = false;
    std::string wrap; // "!!set" and the like, "" for none
    AnchorId anchor = 0;
    Position at;
    Weight weight;
    std::string pointer;
};

struct Anchored {
    bool complete = false;
    json::value value;
    Weight weight;
    bool is_key = false; // a scalar: may stand as a key
    std::string key;
};

// Takes the events of one document in their order; every text is UTF-8. Throws Error(bad_input) at `where`.
class TreeBuilder {
public:
    // All of them must outlive the builder; positions and warnings go into out.
    TreeBuilder(std::string_view label, const YamlLimits& limits, YamlDocument& out)
        : label_(label),
          limits_(limits),
          out_(out)
    {
    }

    // type: a name of the core schema, as implicit_type gives it.
    void scalar(Position where, std::string_view type, std::string_view text, AnchorId anchor);
    void alias(Position where, AnchorId anchor);
    // wrap: "" or the reserved key that says what the collection is, such as "!!set".
    void begin(Position where, bool is_map, std::string_view wrap, AnchorId anchor);
    void end();

    std::optional<json::value> root; // once the document is complete

private:
    [[noreturn]] void refuse(Position where, std::string reason) const;
    void charge(const Weight& weight, Position where);
    bool expects_key() const;
    void set_key(std::string key, Position where, bool merge);
    std::string next_pointer() const;
    void record(const std::string& pointer, Position where);
    void merge_into(Open& item);
    void put(json::value value, Position where, const Weight& weight);
    void warn(Position where, const std::string& text);

    static constexpr std::size_t max_pointer = 256;
    std::string_view label_;
    const YamlLimits& limits_;
    YamlDocument& out_;
    Weight spent_;
    std::vector<Open> open_;
    std::map<AnchorId, Anchored> anchors_;
};

} // namespace skw::catalog

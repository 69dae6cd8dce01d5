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
    bool handed_over = false;        // a list whose elements are not kept
    std::size_t count = 0;           // elements of a list so far
    json::value value;               // object or array
    std::vector<json::value> merges; // of "<<", in the order written
    bool has_key = false;            // read, its value to come
    std::string key;
    Position key_at;
    bool key_is_merge = false;
    std::string wrap; // "!!set" and the like, "" for none
    AnchorId anchor = 0;
    Position at;
    Weight weight;
    Positions::Mark mark = Positions::none;
    std::size_t marks_before = 0;
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
    // All of them must outlive the builder; positions and warnings go into out. items may be null.
    TreeBuilder(std::string_view label, const YamlLimits& limits, std::size_t text_size,
                const YamlItems* items, YamlDocument& out);

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
    void charge_taken(const Weight& weight, Position where);
    bool expects_key() const { return !open_.empty() && open_.back().is_map && !open_.back().has_key; }
    // weight: what was charged for it, which for a key that is no text is not the key's own length.
    void set_key(std::string_view key, Position where, bool merge, const Weight& weight);
    bool is_handed_over(const Open& item) const;
    Positions::Mark record(Position where);
    void merge_into(Open& item);
    // recorded: the value is a collection, whose position was recorded when it began.
    void put(json::value&& value, Position where, const Weight& weight, bool recorded,
             std::size_t marks_before);
    void put_member(Open& parent, json::value&& value, Position where);
    void hand_over(Open& parent, json::value&& value, Position where, const Weight& weight,
                   std::size_t marks_before);
    void warn(Position where, const std::string& text);

    std::string_view label_;
    const YamlLimits& limits_;
    const YamlItems* items_;
    YamlDocument& out_;
    Weight most_, most_taken_, spent_, taken_;
    std::vector<Open> open_;
    std::map<AnchorId, Anchored> anchors_;
};

} // namespace skw::catalog

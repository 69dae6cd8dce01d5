// SPDX-License-Identifier: Apache-2.0
// The events of a YAML document made into a JSON value.
#include "catalog/yaml_tree.hpp"

#include "catalog/yaml_scalars.hpp"
#include "catalog/yaml_text.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skw::catalog {
namespace {

constexpr std::size_t text_per_value = 16; // an honest catalog has some 20 bytes for each
constexpr std::size_t members_of_item = 10;

} // namespace

TreeBuilder::TreeBuilder(std::string_view label, const YamlLimits& limits, std::size_t text_size,
                         const YamlItems* items, YamlDocument& out)
    : label_(label),
      limits_(limits),
      items_(items),
      out_(out),
      most_{limits.nodes, std::max(std::min(limits.scalars, limits.bytes), text_size)},
      most_taken_{limits.nodes + text_size / text_per_value, most_.bytes}
{
}

void TreeBuilder::refuse(Position where, std::string reason) const
{
    throw yaml_error(label_, where, std::move(reason));
}

void TreeBuilder::charge(const Weight& weight, Position where)
{
    if (weight.nodes > most_.nodes - spent_.nodes) {
        refuse(where, "more than " + std::to_string(most_.nodes) +
                          " values, aliases counted by what they stand for");
    }
    if (weight.bytes > most_.bytes - spent_.bytes) {
        refuse(where, "more than " + std::to_string(most_.bytes) +
                          " bytes of text, aliases counted by what they stand for");
    }
    spent_.nodes += weight.nodes;
    spent_.bytes += weight.bytes;
}

// What was handed over is not held here any more, but whoever took it may hold all of it.
void TreeBuilder::charge_taken(const Weight& weight, Position where)
{
    if (weight.nodes > most_taken_.nodes - taken_.nodes || weight.bytes > most_taken_.bytes - taken_.bytes) {
        refuse(where, "more than " + std::to_string(most_taken_.nodes) + " values or " +
                          std::to_string(most_taken_.bytes) + " bytes of text in '" +
                          std::string(items_->key) + "', aliases counted by what they stand for");
    }
    taken_.nodes += weight.nodes;
    taken_.bytes += weight.bytes;
    spent_.nodes -= weight.nodes;
    spent_.bytes -= weight.bytes;
}

void TreeBuilder::scalar(Position where, std::string_view type, std::string_view text, AnchorId anchor)
{
    const Weight weight{1, text.size()};
    charge(weight, where);
    const bool as_key = expects_key();
    if (type == "merge" || type == "value") {
        if (!as_key) {
            refuse(where, "'" + std::string(text) + "' cannot be a value; put it in quotes");
        }
        if (type == "value") {
            type = "str";
        }
    }
    if (type == "merge") {
        set_key("<<", where, true, weight);
        return;
    }
    std::optional<json::value> value = scalar_value(type, text);
    if (!value) {
        refuse(where, "'" + printable(text, 60) + "' is not a valid " + std::string(type));
    }
    const std::string key = !as_key && anchor == 0 ? std::string()
                            : type == "str"        ? std::string(text)
                                                   : typed_key(type, text, *value);
    if (anchor != 0) {
        charge(weight, where);
        anchors_[anchor] = {true, *value, weight, true, key};
    }
    if (as_key) {
        set_key(key, where, false, weight);
    } else {
        put(std::move(*value), where, weight, false, out_.positions.size());
    }
}

void TreeBuilder::alias(Position where, AnchorId anchor)
{
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.complete) {
        // Inside its own anchor: PyYAML makes a cycle, which nothing here can look at.
        charge({1, 0}, where);
        if (expects_key()) {
            refuse(where, "a list or mapping cannot be a key");
        }
        put(json::value(nullptr), where, {1, 0}, false, out_.positions.size());
        return;
    }
    const Anchored& target = found->second;
    if (expects_key()) {
        if (!target.is_key) {
            refuse(where, "a list or mapping cannot be a key");
        }
        const Weight weight{1, target.key.size()};
        charge(weight, where);
        set_key(target.key, where, false, weight);
        return;
    }
    charge(target.weight, where);
    put(json::value(target.value), where, target.weight, false, out_.positions.size());
}

void TreeBuilder::set_key(std::string_view key, Position where, bool merge, const Weight& weight)
{
    Open& map = open_.back();
    map.has_key = true;
    map.key = key;
    map.key_at = where;
    map.key_is_merge = merge;
    map.weight.nodes += weight.nodes;
    map.weight.bytes += weight.bytes;
    if (out_.taken && open_.size() == 1 && !merge && key == items_->key) {
        out_.taken.reset();
        taken_ = {};
        items_->start_over();
    }
}

bool TreeBuilder::is_handed_over(const Open& item) const
{
    return items_ != nullptr && open_.size() == 1 && !item.is_map && item.wrap.empty() && item.anchor == 0 &&
           open_.back().is_map && open_.back().wrap.empty() && !open_.back().key_is_merge &&
           open_.back().key == items_->key;
}

// Of the value that comes next.
Positions::Mark TreeBuilder::record(Position where)
{
    Positions& positions = out_.positions;
    if (positions.size() >= limits_.positions) {
        return Positions::none;
    }
    if (open_.empty()) {
        return positions.add_root(where);
    }
    const Open& parent = open_.back();
    return parent.is_map ? positions.add(parent.mark, parent.key, parent.key_at)
                         : positions.add(parent.mark, parent.count, where);
}

void TreeBuilder::begin(Position where, bool is_map, std::string_view wrap, AnchorId anchor)
{
    charge({1, 0}, where);
    if (expects_key()) {
        refuse(where, "a list or mapping cannot be a key");
    }
    if (open_.size() >= limits_.depth) {
        refuse(where, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
    Open item;
    item.is_map = is_map;
    if (is_map) {
        item.value.emplace_object();
        if (!open_.empty() && open_.back().handed_over) {
            item.value.get_object().reserve(members_of_item); // kept by who takes it, so no room to spare
        }
    } else {
        item.value.emplace_array();
    }
    item.anchor = anchor;
    item.at = where;
    item.weight = {1, 0};
    item.wrap = wrap;
    item.marks_before = out_.positions.size();
    item.mark = record(where);
    item.handed_over = is_handed_over(item);
    if (item.handed_over) {
        out_.taken = 0;
    }
    if (anchor != 0) {
        anchors_[anchor] = {};
    }
    open_.push_back(std::move(item));
}

void TreeBuilder::end()
{
    Open item = std::move(open_.back());
    open_.pop_back();
    merge_into(item);
    if (!item.wrap.empty()) {
        json::object wrapped;
        wrapped[item.wrap] = std::move(item.value);
        item.value = std::move(wrapped);
    }
    if (item.anchor != 0) {
        charge(item.weight, item.at);
        anchors_[item.anchor] = {true, item.value, item.weight, false, {}};
    }
    put(std::move(item.value), item.at, item.weight, true, item.marks_before);
}

// Own keys win; of several "<<" the later wins, and within the list of one the earlier.
void TreeBuilder::merge_into(Open& item)
{
    for (auto merged = item.merges.rbegin(); merged != item.merges.rend(); ++merged) {
        json::array single;
        if (is_mapping(*merged)) {
            single.push_back(std::move(*merged));
        }
        json::array& list = merged->is_array() ? merged->get_array() : single;
        for (json::value& from : list) {
            for (auto& member : from.get_object()) {
                item.value.get_object().emplace(member.key(), std::move(member.value()));
            }
        }
    }
}

void TreeBuilder::put(json::value&& value, Position where, const Weight& weight, bool recorded,
                      std::size_t marks_before)
{
    if (!recorded && !(!open_.empty() && open_.back().is_map && open_.back().key_is_merge)) {
        record(where);
    }
    if (open_.empty()) {
        root = std::move(value);
        return;
    }
    Open& parent = open_.back();
    if (parent.handed_over) {
        hand_over(parent, std::move(value), where, weight, marks_before);
        return;
    }
    parent.weight.nodes += weight.nodes;
    parent.weight.bytes += weight.bytes;
    if (parent.is_map) {
        put_member(parent, std::move(value), where);
    } else {
        parent.value.get_array().push_back(std::move(value));
        ++parent.count;
    }
}

void TreeBuilder::put_member(Open& parent, json::value&& value, Position where)
{
    parent.has_key = false;
    if (parent.key_is_merge) {
        bool fits = is_mapping(value) || value.is_array();
        if (const json::array* list = value.if_array()) {
            fits = std::all_of(list->begin(), list->end(), is_mapping);
        }
        if (!fits) {
            refuse(where, "'<<' takes a mapping or a list of mappings");
        }
        parent.merges.push_back(std::move(value));
        return;
    }
    const auto [member, fresh] = parent.value.get_object().emplace(parent.key, nullptr);
    if (!fresh) {
        warn(parent.key_at,
             "duplicate key " + python_repr(printable(parent.key, 200)) + ", the last one counts");
    }
    member->value() = std::move(value);
}

void TreeBuilder::hand_over(Open& parent, json::value&& value, Position where, const Weight& weight,
                            std::size_t marks_before)
{
    charge_taken(weight, where);
    items_->take(std::move(value), parent.count, out_.positions);
    out_.positions.forget_from(marks_before);
    out_.taken = ++parent.count;
}

// A file of nothing else must not fill the screen.
void TreeBuilder::warn(Position where, const std::string& text)
{
    if (out_.warnings.size() < limits_.warnings) {
        out_.warnings.push_back(std::to_string(where.line) + ':' + std::to_string(where.column) + ": " +
                                text);
    } else {
        ++out_.more_warnings;
    }
}

bool is_mapping(const json::value& value)
{
    static constexpr std::array<std::string_view, 7> reserved = {
        "!!timestamp", "!!int", "!!float", "!!binary", "!!set", "!!omap", "!!pairs"};
    const json::object* object = value.if_object();
    if (object == nullptr) {
        return false;
    }
    return object->size() != 1 || std::find(reserved.begin(), reserved.end(),
                                            std::string_view(object->begin()->key())) == reserved.end();
}

} // namespace skw::catalog

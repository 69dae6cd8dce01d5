// SPDX-License-Identifier: Apache-2.0
// The events of a YAML document made into a JSON value.
#include "catalog/yaml_tree.hpp"

#include "catalog/yaml_scalars.hpp"
#include "catalog/yaml_text.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <utility>

namespace skw::catalog {
namespace {

void escape(std::string_view name, std::string& out)
{
    for (const char c : name) {
        out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
    }
}

} // namespace

void TreeBuilder::refuse(Position where, std::string reason) const
{
    throw yaml_error(label_, where, std::move(reason));
}

void TreeBuilder::charge(const Weight& weight, Position where)
{
    if (weight.nodes > limits_.nodes - spent_.nodes) {
        refuse(where, "more than " + std::to_string(limits_.nodes) +
                          " values, aliases counted by what they stand for");
    }
    if (weight.bytes > limits_.bytes - spent_.bytes) {
        refuse(where, "more than " + std::to_string(limits_.bytes) +
                          " bytes of text, aliases counted by what they stand for");
    }
    spent_.nodes += weight.nodes;
    spent_.bytes += weight.bytes;
}

bool TreeBuilder::expects_key() const
{
    return !open_.empty() && open_.back().is_map && !open_.back().key;
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
        set_key("<<", where, true);
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
        set_key(key, where, false);
    } else {
        put(std::move(*value), where, weight);
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
        put(json::value(nullptr), where, {1, 0});
        return;
    }
    const Anchored& target = found->second;
    if (expects_key()) {
        if (!target.is_key) {
            refuse(where, "a list or mapping cannot be a key");
        }
        charge({1, target.key.size()}, where);
        set_key(target.key, where, false);
        return;
    }
    charge(target.weight, where);
    put(json::value(target.value), where, target.weight);
}

void TreeBuilder::set_key(std::string key, Position where, bool merge)
{
    Open& map = open_.back();
    map.key = std::move(key);
    map.key_at = where;
    map.key_is_merge = merge;
    map.weight.nodes += 1;
    map.weight.bytes += map.key->size();
}

// The JSON Pointer of the value that comes next; "" beyond what is recorded.
std::string TreeBuilder::next_pointer() const
{
    if (open_.empty()) {
        return {};
    }
    const Open& parent = open_.back();
    std::string pointer = parent.pointer + '/';
    if (!parent.is_map) {
        return pointer + std::to_string(parent.value.get_array().size());
    }
    escape(std::string_view(*parent.key).substr(0, max_pointer), pointer);
    return pointer;
}
void TreeBuilder::record(const std::string& pointer, Position where)
{
    if (out_.positions.size() < limits_.positions && pointer.size() <= max_pointer) {
        out_.positions[pointer] = where;
    }
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
    item.value = is_map ? json::value(json::object()) : json::value(json::array());
    item.anchor = anchor;
    item.at = where;
    item.weight = {1, 0};
    item.wrap = wrap;
    item.pointer = next_pointer();
    if (item.pointer.size() > max_pointer) {
        item.pointer.resize(max_pointer + 1); // too long to be recorded, and so is all below
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
    json::value value = std::move(item.value);
    if (!item.wrap.empty()) {
        json::object wrapped;
        wrapped[item.wrap] = std::move(value);
        value = std::move(wrapped);
    }
    if (item.anchor != 0) {
        charge(item.weight, item.at);
        anchors_[item.anchor] = {true, value, item.weight, false, {}};
    }
    put(std::move(value), item.at, item.weight);
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

void TreeBuilder::put(json::value value, Position where, const Weight& weight)
{
    if (open_.empty()) {
        root = std::move(value);
        record("", where);
        return;
    }
    const std::string pointer = next_pointer();
    Open& parent = open_.back();
    parent.weight.nodes += weight.nodes;
    parent.weight.bytes += weight.bytes;
    if (!parent.is_map) {
        record(pointer, where);
        parent.value.get_array().push_back(std::move(value));
        return;
    }
    const std::string key = std::move(*parent.key);
    parent.key.reset();
    if (parent.key_is_merge) {
        bool fits = is_mapping(value) || value.is_array();
        for (const json::value& from : value.is_array() ? value.get_array() : json::array()) {
            fits = fits && is_mapping(from);
        }
        if (!fits) {
            refuse(where, "'<<' takes a mapping or a list of mappings");
        }
        parent.merges.push_back(std::move(value));
        return;
    }
    json::object& object = parent.value.get_object();
    if (object.contains(key)) {
        warn(parent.key_at, "duplicate key " + python_repr(printable(key, 200)) + ", the last one counts");
    }
    record(pointer, parent.key_at);
    object[key] = std::move(value);
}
void TreeBuilder::warn(Position where, const std::string& text)
{
    static constexpr std::size_t most = 1000; // a file of nothing else must not fill the screen
    if (out_.warnings.size() < most) {
        out_.warnings.push_back(std::to_string(where.line) + ':' + std::to_string(where.column) + ": " +
                                text);
    }
}

bool is_mapping(const json::value& value)
{
    static const std::vector<std::string_view> reserved = {"!!timestamp", "!!int",  "!!float", "!!binary",
                                                           "!!set",       "!!omap", "!!pairs"};
    const json::object* object = value.if_object();
    if (object == nullptr) {
        return false;
    }
    return object->size() != 1 || std::find(reserved.begin(), reserved.end(),
                                            std::string_view(object->begin()->key())) == reserved.end();
}

} // namespace skw::catalog

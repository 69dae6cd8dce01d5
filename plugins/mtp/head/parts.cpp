// SPDX-License-Identifier: Apache-2.0
// Walks a name from its namespace to the layer's number. Every step is by whole components.
#include "mtp/head/parts.hpp"

#include "mtp/checkpoint/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skw::mtp {

namespace {

// Of two heads in one namespace: mtp.normal.* and mtp.sci.*.
constexpr std::array<std::string_view, 2> sub_heads{"normal", "sci"};
constexpr std::string_view layers = "layers.";
constexpr std::string_view numbered_siblings =
    "mtp_layers"; // its children are modules, as behind mtp.layers.

// A number and the dot behind it at the begin of a text.
struct Number {
    std::uint64_t value;
    std::size_t length;
};
std::optional<Number> leading_number(std::string_view text)
{
    const std::string_view first = first_component(text);
    const auto value = parse_index(first);
    return value && first.size() < text.size() ? std::optional(Number{*value, first.size() + 1})
                                               : std::nullopt;
}

} // namespace

Spot spot_of(std::string_view name, std::uint64_t first_layer)
{
    const NameParts parts = split_name(name);
    Spot spot;
    std::size_t used = parts.prefix.size();
    if (parts.rule == NameRule::layer) {
        const std::size_t number = parts.prefix.rfind('.', used - 2) + 1; // the prefix ends in "<number>."
        spot.numbering = name.substr(0, number);
        spot.place.layer = parts.layer - first_layer;
        spot.place.extra_layer = true;
    } else if (parts.rule == NameRule::alone) {
        used -= parts.word.size();
    } else {
        std::size_t skip = 0;
        if (parts.rule == NameRule::siblings) {
            // Groups that only differ behind "mtp_" count their layers together.
            spot.numbering = name.substr(0, used - parts.word.size() - 1 + std::string_view("mtp_").size());
            if (parts.word == numbered_siblings) {
                spot.numbering = parts.prefix;
            } else {
                spot.group = parts.word;
            }
        } else {
            const std::string_view first = first_component(parts.rest);
            const bool is_head = std::ranges::find(sub_heads, first) != sub_heads.end();
            // "mtp.normal.weight" would be a module of that name.
            if (is_head && parts.rest.find('.', first.size() + 1) != std::string_view::npos) {
                spot.place.head = first;
                used += first.size() + 1;
            }
            skip = name.substr(used).starts_with(layers) ? layers.size() : 0;
            spot.numbering = name.substr(0, used + skip);
        }
        if (const auto number = leading_number(name.substr(used + skip))) {
            spot.place.layer = number->value;
            used += skip + number->length;
        }
    }
    spot.place.prefix = name.substr(0, used);
    spot.place.rest = name.substr(used);
    return spot;
}

HeadParts sort_names(std::span<const std::string> names, const Detection& detection)
{
    HeadParts out;
    std::set<std::pair<std::string_view, std::string_view>> numberings; // with the head
    std::map<std::string_view, std::string_view> namespaces;            // by wrapper
    for (const std::string& name : names) {
        if (!detection.holds(name)) {
            continue;
        }
        const Spot spot = spot_of(name, detection.first_layer.value_or(0));
        std::string inner(spot.group);
        inner += spot.group.empty() ? "" : ".";
        inner += spot.place.rest;
        auto head = out.heads.find(spot.place.head);
        if (head == out.heads.end()) {
            head = out.heads.emplace(std::string(spot.place.head), HeadPart()).first;
        }
        HeadPart& part = head->second;
        std::set<std::string>& there = spot.place.layer ? part.layers[*spot.place.layer] : part.root;
        if (!there.insert(std::move(inner)).second && !out.twice) {
            out.twice = name;
        }
        const NameParts parts = split_name(name);
        if (parts.rule == NameRule::own_namespace || parts.rule == NameRule::siblings) {
            namespaces.emplace(std::string_view(name).substr(0, parts.prefix.size() - parts.word.size() - 1),
                               parts.prefix);
        }
        if (spot.place.layer) {
            numberings.emplace(spot.place.head, spot.numbering);
        }
    }
    for (const auto& [wrapper, prefix] : namespaces) {
        out.namespaces.emplace(prefix);
    }
    // The heads of one namespace number their layers apart, so each may have one way to do it.
    std::map<std::string_view, std::size_t> ways;
    for (const auto& [head, numbering] : numberings) {
        ++ways[head];
    }
    if (std::ranges::any_of(ways, [](const auto& one) { return one.second > 1; })) {
        for (const auto& [head, numbering] : numberings) {
            out.numberings.emplace(numbering);
        }
    }
    return out;
}

std::set<std::string_view> HeadParts::modules() const
{
    std::set<std::string_view> out;
    for (const auto& [head, part] : heads) {
        for (const std::string& name : part.root) {
            out.insert(first_component(name));
        }
        for (const auto& [index, names] : part.layers) {
            for (const std::string& name : names) {
                out.insert(first_component(name));
            }
        }
    }
    return out;
}

} // namespace skw::mtp

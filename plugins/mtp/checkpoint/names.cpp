// SPDX-License-Identifier: Apache-2.0
// Splits tensor names at their dots and matches whole components, never substrings.
#include "mtp/checkpoint/names.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace skw::mtp {

namespace {

constexpr std::array<std::string_view, 7> wrappers{"model",   "language_model", "text_model", "llm",
                                                   "thinker", "module",         "backbone"};
constexpr std::array<std::string_view, 7> markers{
    "eh_proj", "enorm", "hnorm", "e_proj", "h_proj", "shared_head", "transformer.shared_head"};

bool begins_with_component(std::string_view text, std::string_view component)
{
    return text.starts_with(component) && (text.size() == component.size() || text[component.size()] == '.');
}

bool is_sibling(std::string_view component)
{
    constexpr std::string_view start = "mtp_";
    return component.size() > start.size() && component.starts_with(start) &&
           std::ranges::all_of(component.substr(start.size()), [](char letter) {
               return letter == '_' || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
           });
}

} // namespace

std::string_view first_component(std::string_view text)
{
    return text.substr(0, text.find('.'));
}

std::optional<std::uint64_t> parse_index(std::string_view component)
{
    if (component.empty() || component.size() > 9 || (component.size() > 1 && component.front() == '0')) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char digit : component) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return value;
}

NameParts split_name(std::string_view name)
{
    std::size_t at = 0; // where the part behind the wrappers begins
    std::string_view first = first_component(name);
    while (std::ranges::find(wrappers, first) != wrappers.end() && at + first.size() < name.size()) {
        at += first.size() + 1;
        first = first_component(name.substr(at));
    }
    const auto parts_at = [&](NameRule rule, std::size_t end) {
        NameParts parts;
        parts.rule = rule;
        parts.prefix = name.substr(0, end);
        parts.rest = name.substr(end);
        parts.word = first;
        return parts;
    };
    const std::size_t behind = at + first.size();
    if (behind == name.size()) { // nothing stands behind the component: it is the tensor itself
        return first == "mtp" || is_sibling(first) ? parts_at(NameRule::alone, behind) : NameParts{};
    }
    if (first == "mtp") {
        return parts_at(NameRule::own_namespace, behind + 1);
    }
    if (is_sibling(first)) {
        return parts_at(NameRule::siblings, behind + 1);
    }
    if (first != "layers") {
        return {};
    }
    const std::string_view number = first_component(name.substr(behind + 1));
    const auto layer = parse_index(number);
    if (!layer || behind + 1 + number.size() >= name.size()) {
        return {};
    }
    NameParts parts = parts_at(NameRule::layer, behind + 1 + number.size() + 1);
    parts.layer = *layer;
    const auto marker = std::ranges::find_if(
        markers, [&](std::string_view one) { return begins_with_component(parts.rest, one); });
    if (marker != markers.end()) {
        parts.marker = *marker;
    }
    return parts;
}

std::set<std::uint64_t> marked_layers(std::span<const std::string> names, const LayerChoice& layers)
{
    std::map<std::string_view, std::string_view> seen; // a layer's prefix and the first module it showed
    std::set<std::uint64_t> marked;
    for (const std::string& name : names) {
        const NameParts parts = split_name(name);
        if (parts.marker.empty() || layers.holds(parts.layer)) {
            continue;
        }
        if (seen.try_emplace(parts.prefix, parts.marker).first->second != parts.marker) {
            marked.insert(parts.layer);
        }
    }
    return marked;
}

bool may_be_mtp(std::string_view name, const LayerChoice& layers)
{
    const NameParts parts = split_name(name);
    if (parts.rule != NameRule::layer) {
        return parts.rule != NameRule::none;
    }
    return !parts.marker.empty() || layers.holds(parts.layer);
}

} // namespace skw::mtp

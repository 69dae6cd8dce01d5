// SPDX-License-Identifier: Apache-2.0
// Decides what the candidates of a checkpoint are: the union of namespaces and layers, then block and family.
#include "mtp/head/layout.hpp"

#include "mtp/checkpoint/names.hpp"
#include "mtp/head/parts.hpp"

#include <skw/failure.hpp>

#include "safetensors/error.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

[[noreturn]] void refuse(skw_status status, std::string message, std::string hint = {})
{
    throw sdk::Failure(status, {}, std::move(message), std::move(hint));
}

// The first few of many, for a message.
template<class Range>
std::string list_of(const Range& names, std::string_view behind)
{
    constexpr std::size_t shown = 5;
    std::string list;
    std::size_t at = 0;
    for (const auto& name : names) {
        if (at++ < shown) {
            list += (list.empty() ? "" : ", ") + printable_name(name);
            list += name.ends_with('.') ? behind : "";
        }
    }
    return at > shown ? list + " and " + std::to_string(at - shown) + " more" : list;
}

// A layer that some rule makes a candidate.
struct Layer {
    std::uint64_t number = 0;
    bool behind_trunk = false;
    std::set<std::string_view> markers;
};

// The prefixes whose names belong to the head, together: dots3-note has a layer behind the trunk and an
// embedding in a namespace of its own, and either alone is only a part.
void collect_prefixes(std::span<const std::string> names, const TextConfig& config, Detection& head)
{
    std::set<std::string_view> prefixes, bare;
    std::map<std::string_view, Layer> layers;
    for (const std::string& name : names) {
        const NameParts parts = split_name(name);
        if (parts.rule == NameRule::layer) {
            Layer& layer = layers[parts.prefix];
            layer.number = parts.layer;
            layer.behind_trunk = config.trunk_layers && parts.layer >= *config.trunk_layers;
            if (!parts.marker.empty()) {
                layer.markers.insert(parts.marker);
            }
        } else if (parts.rule != NameRule::none) {
            prefixes.insert(parts.prefix);
        }
    }
    for (const auto& [prefix, layer] : layers) {
        // Two NextN modules make a layer an MTP layer wherever it stands: exported draft models keep theirs
        // at number 0. Behind the trunk one is enough to see that the rest is missing; with none, nobody can
        // tell what the layer is.
        if (layer.markers.size() >= 2 || (layer.behind_trunk && !layer.markers.empty())) {
            prefixes.insert(prefix);
            head.first_layer = std::min(head.first_layer.value_or(layer.number), layer.number);
        } else if (layer.behind_trunk) {
            bare.insert(prefix);
        }
    }
    if (!bare.empty()) {
        refuse(
            SKW_E_BAD_INPUT,
            "found layers beyond num_hidden_layers (" + std::to_string(config.trunk_layers.value_or(0)) +
                "), but no NextN marker (eh_proj, enorm, hnorm, shared_head) in them: " + list_of(bare, "*"),
            "the checkpoint's config.json and its tensors disagree; nobody can tell what these layers are");
    }
    head.prefixes.assign(prefixes.begin(), prefixes.end());
    if (head.first_layer && *head.first_layer >= config.trunk_layers.value_or(1)) {
        head.base_layer = head.first_layer;
    }
}

[[noreturn]] void refuse_nothing(const TextConfig& config, std::string_view source)
{
    std::string hint = "nothing in its config.json declares MTP heads, and no tensor name suggests them";
    const Family* family = find_family(config, {});
    if (config.declared_layers) {
        hint = "its config.json declares " + std::to_string(*config.declared_layers) + " MTP layer(s) (" +
               config.declared_by + "), but the checkpoint does not ship them: declared but not shipped";
        hint += family != nullptr ? ", as known of " + std::string(family->name)
                                  : ". Conversions drop these tensors; use the original release";
    } else if (family != nullptr) {
        hint += "; " + std::string(family->name) + ": " + std::string(family->status);
    }
    refuse(SKW_E_NOT_FOUND, nothing_found(source), std::move(hint));
}

// What is stored once must be claimed once: nobody can tell which of two heads is the right one.
void refuse_two_heads(const HeadParts& parts)
{
    const std::string hint = "the checkpoint is not as any release stores it; compare it with the original";
    if (!parts.numberings.empty()) {
        refuse(SKW_E_UNSUPPORTED,
               "found the layers of more than one MTP head: " + list_of(parts.numberings, "*"), hint);
    }
    if (parts.twice) {
        refuse(SKW_E_UNSUPPORTED,
               "found more than one MTP head: '" + printable_name(*parts.twice) +
                   "' stands in a second place, too",
               hint);
    }
    if (parts.namespaces.size() > 1) {
        refuse(SKW_E_UNSUPPORTED, "found more than one MTP head: " + list_of(parts.namespaces, "*"), hint);
    }
}

bool matches(const Block& block, const std::set<std::string_view>& modules)
{
    const auto there = [&](std::string_view module) { return modules.contains(module); };
    return std::ranges::all_of(block.all_of, there) &&
           (block.any_of.empty() || std::ranges::any_of(block.any_of, there));
}

// The block of which two modules or more are there, and what it lacks: "nextn without eh_proj".
std::string nearest_block(const std::set<std::string_view>& modules)
{
    for (const Block& block : blocks()) {
        std::string missing;
        std::size_t there = 0;
        for (const std::string_view module : block.required) {
            if (modules.contains(module)) {
                ++there;
            } else {
                missing += (missing.empty() ? "" : ", ") + std::string(module);
            }
        }
        if (there >= 2 && block.accept.empty()) {
            return std::string(block.layout) + " without " + missing;
        }
    }
    return {};
}

const Block* find_block(const std::set<std::string_view>& modules, const TextConfig& config)
{
    const std::span<const Block> table = blocks();
    auto row = std::ranges::find_if(table, [&](const Block& one) { return matches(one, modules); });
    if (row == table.end() && config.declares_dspark) {
        row = std::ranges::find(table, "dspark", &Block::layout);
    }
    return row == table.end() ? nullptr : &*row;
}

std::string printable_modules(const std::set<std::string_view>& modules)
{
    std::string list;
    for (const std::string_view module : modules) {
        if (list.size() > 200) {
            return list + ", ...";
        }
        list += (list.empty() ? "" : ", ") + printable_name(module);
    }
    return list;
}

} // namespace

std::string_view Detection::layout() const
{
    return block == nullptr ? "unknown" : block->layout;
}

bool Detection::holds(std::string_view name) const
{
    const std::string_view prefix = split_name(name).prefix;
    return !prefix.empty() && std::ranges::binary_search(prefixes, prefix, std::less<>());
}

Place Detection::place_of(std::string_view name) const
{
    return spot_of(name, first_layer.value_or(0)).place;
}

bool Detection::is_copy(std::string_view name) const
{
    if (block == nullptr || !holds(name)) {
        return false;
    }
    const Place place = place_of(name);
    const bool told = family != nullptr && (family->owns_all || !family->copies.empty());
    if (!told && !(place.extra_layer && base_layer)) {
        return false;
    }
    return std::ranges::any_of(told ? family->copies : block->copies, [&](std::string_view copy) {
        return copy.ends_with(".*") ? place.rest.starts_with(copy.substr(0, copy.size() - 1))
                                    : place.rest == copy;
    });
}

std::string nothing_found(std::string_view source)
{
    return "no MTP head tensors found in " + std::string(source) +
           "; confirm this model has native MTP heads (checked for mtp.* keys and model.layers.{N}.* via "
           "config.json)";
}

std::optional<Refusal> Detection::refusal() const
{
    if (block == nullptr) {
        constexpr std::string_view word = "unknown-block";
        return Refusal{SKW_E_UNSUPPORTED,
                       {},
                       "MTP-named tensors without a known fusion block (found under " +
                           list_of(prefixes, "*") + ": " + modules + ")" +
                           (nearly.empty() ? "" : "; it looks like " + nearly + ", so it may be incomplete"),
                       "a block that no rule knows is not published on a guess; mtp_accept: [" +
                           std::string(word) + "] takes the tensors as they are, and the sidecar says so",
                       word};
    }
    if (block->accept.empty()) {
        return std::nullopt;
    }
    return Refusal{
        SKW_E_UNSUPPORTED,
        {},
        "the tensors under " + list_of(prefixes, "*") +
            " are DSpark block-drafter stages (main_proj, markov_head or confidence_head), not an MTP "
            "head",
        "they need hidden states of several target layers and cannot serve as an MTP sidecar; "
        "mtp_accept: [" +
            std::string(block->accept) + "] takes them all the same, and the sidecar says so",
        block->accept};
}

Detection detect_layout(std::span<const std::string> names, const TextConfig& config, std::string_view source)
{
    Detection head;
    collect_prefixes(names, config, head);
    if (head.prefixes.empty()) {
        refuse_nothing(config, source);
    }
    const HeadParts parts = sort_names(names, head);
    refuse_two_heads(parts);
    for (const auto& [name, part] : parts.heads) {
        head.layers = std::max<std::uint64_t>(head.layers, part.layers.size());
    }
    const std::set<std::string_view> modules = parts.modules();
    head.block = find_block(modules, config);
    if (head.block == nullptr) {
        head.modules = printable_modules(modules);
        head.nearly = nearest_block(modules);
        return head;
    }
    head.family = find_family(config, head.block->layout);
    if (head.family != nullptr) {
        head.norm_convention = head.family->norms;
        head.concat_order = head.family->concat_order;
    }
    return head;
}

} // namespace skw::mtp

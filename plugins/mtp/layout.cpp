// SPDX-License-Identifier: Apache-2.0
// The table of families, and the decision which row a set of names is.
#include "mtp/layout.hpp"

#include "mtp/names.hpp"

#include <skw/failure.hpp>

#include "safetensors/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

[[noreturn]] void refuse(skw_status status, std::string message, std::string hint = {})
{
    throw sdk::Failure(status, {}, std::move(message), std::move(hint));
}

// The first row that matches counts, so drafters that only look like MTP heads come first.
const std::vector<Family> table{
    {.layout = "dspark",
     .support = Support::other_drafter,
     .all_of = {},
     .any_of = {"main_proj", "markov_head", "confidence_head"},
     .required = {},
     .concat_order = {}},
    {.layout = "qwen",
     .all_of = {"fc"},
     .any_of = {"pre_fc_norm_hidden", "pre_fc_norm_embedding"},
     .required = {"fc", "norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden"},
     .needs_layers = true,
     .concat_order = "embedding,hidden"},
    {.layout = "qwen-split",
     .all_of = {"fc_embedding", "fc_hidden"},
     .any_of = {},
     .required = {"fc_embedding", "fc_hidden"},
     .needs_layers = true,
     .concat_order = {}},
    {.layout = "nextn",
     .all_of = {"eh_proj"},
     .any_of = {"enorm", "hnorm"},
     .required = {"eh_proj", "enorm", "hnorm"},
     .in_layers = true,
     .concat_order = "embedding,hidden"},
    {.layout = "deepseek-v4",
     .support = Support::later,
     .all_of = {"e_proj", "h_proj"},
     .any_of = {},
     .required = {},
     .concat_order = {}},
};

// Families share names but not the meaning of norm weights, so the model type decides; unknown ones say
// nothing rather than something wrong.
struct Convention {
    std::string_view model_type; // begins with
    std::string_view norms;
};
constexpr std::array conventions{
    Convention{"qwen3_next", "zero_centred"}, Convention{"qwen3_5", "zero_centred"},
    Convention{"qwen3_6", "zero_centred"},    Convention{"qwen3_8", "zero_centred"},
    Convention{"exaone", "actual"},           Convention{"nemotron", "actual"},
};

std::string_view convention_of(std::string_view model_type)
{
    const auto row = std::ranges::find_if(
        conventions, [&](const Convention& one) { return model_type.starts_with(one.model_type); });
    return row == conventions.end() ? std::string_view() : row->norms;
}

std::string first_component(const std::string& name)
{
    return name.substr(0, name.find('.'));
}

std::set<std::string> modules_of(const HeadNames& names)
{
    std::set<std::string> modules;
    for (const std::string& name : names.root) {
        modules.insert(first_component(name));
    }
    for (const auto& [index, inside] : names.layers) {
        for (const std::string& name : inside) {
            modules.insert(first_component(name));
        }
    }
    return modules;
}

bool matches(const Family& family, const std::set<std::string>& modules)
{
    const auto there = [&](std::string_view module) { return modules.contains(std::string(module)); };
    return std::ranges::all_of(family.all_of, there) &&
           (family.any_of.empty() || std::ranges::any_of(family.any_of, there));
}

// What the names of a checkpoint offer, before it is decided what to do with it.
struct Offers {
    std::map<std::string, std::size_t> spaces;           // MTP namespaces by prefix, with counts
    std::map<std::string, std::set<std::string>> layers; // extra layers by prefix, with NextN modules
    bool bare_layer = false;                             // a layer behind the trunk without such modules
    std::vector<std::string> head;                       // names under "mtp."
};

Offers collect(std::span<const std::string> names, const TextConfig& config)
{
    Offers offers;
    std::map<std::string, std::pair<bool, std::set<std::string>>> layers;
    for (const std::string& name : names) {
        const NameParts parts = split_name(name);
        if (parts.rule == NameRule::layer) {
            auto& [behind, markers] = layers[std::string(parts.prefix)];
            behind = config.trunk_layers && parts.layer >= *config.trunk_layers;
            if (!parts.marker.empty()) {
                markers.emplace(parts.marker);
            }
        } else if (parts.rule != NameRule::none) {
            ++offers.spaces[std::string(parts.prefix)];
            if (parts.prefix == "mtp.") {
                offers.head.push_back(name);
            }
        }
    }
    // Two NextN modules make a layer an MTP layer wherever it stands: exported draft models keep theirs at
    // number 0. A layer behind the trunk counts even without them, but then nobody knows what it is.
    for (auto& [prefix, found] : layers) {
        if (found.second.size() >= 2) {
            offers.layers.emplace(prefix, std::move(found.second));
        } else if (found.first) {
            offers.layers.emplace(prefix, std::move(found.second));
            offers.bare_layer = true;
        }
    }
    return offers;
}

[[noreturn]] void refuse_nothing(const TextConfig& config, std::string_view source)
{
    std::string hint = "nothing in its config.json declares MTP heads, and no tensor name suggests them";
    if (config.declared_layers) {
        hint = "its config.json declares " + std::to_string(*config.declared_layers) + " MTP layer(s) (" +
               config.declared_by +
               "), but the checkpoint does not ship them: declared but not shipped. Conversions drop these "
               "tensors; use the original release";
    }
    refuse(SKW_E_NOT_FOUND,
           "no MTP head tensors found in " + std::string(source) +
               "; confirm this model has native MTP heads (checked for mtp.* keys and model.layers.{N}.* via "
               "config.json)",
           std::move(hint));
}

[[noreturn]] void refuse_other_layout(const Offers& offers, const TextConfig& config)
{
    std::vector<std::string> found;
    for (const auto& [prefix, count] : offers.spaces) {
        found.push_back(printable_name(prefix) + "* (" + std::to_string(count) + " tensors)");
    }
    for (const auto& [prefix, markers] : offers.layers) {
        std::string modules;
        for (const std::string& marker : markers) {
            modules += (modules.empty() ? " with " : ", ") + marker;
        }
        found.push_back(printable_name(prefix) + "*" + modules);
    }
    std::string list;
    for (std::size_t at = 0; at < found.size() && at < 5; ++at) {
        list += (at == 0 ? "" : ", ") + found[at];
    }
    if (found.size() > 5) {
        list += " and " + std::to_string(found.size() - 5) + " more";
    }
    if (offers.bare_layer && offers.spaces.empty()) {
        refuse(
            SKW_E_BAD_INPUT,
            "found layers beyond num_hidden_layers (" + std::to_string(config.trunk_layers.value_or(0)) +
                "), but no NextN marker (eh_proj, enorm, hnorm, shared_head) in them: " + list,
            "the checkpoint's config.json and its tensors disagree; nobody can tell what these layers are");
    }
    refuse(SKW_E_UNSUPPORTED,
           "the MTP head is stored as " + list + "; this version extracts the mtp.* layout only",
           "the tensors are there, but a later version has to bring this layout");
}

} // namespace

std::span<const Family> families()
{
    return table;
}

HeadNames sort_head_names(std::span<const std::string> names)
{
    constexpr std::string_view prefix = "mtp.";
    constexpr std::string_view layers = "layers.";
    HeadNames out;
    for (const std::string& name : names) {
        std::string_view rest = std::string_view(name).substr(prefix.size());
        std::string_view numbered = rest.starts_with(layers) ? rest.substr(layers.size()) : rest;
        const std::size_t dot = numbered.find('.');
        const auto index = parse_index(numbered.substr(0, dot));
        if (index && dot != std::string_view::npos) {
            out.layers[*index].emplace(numbered.substr(dot + 1));
        } else {
            out.root.emplace(rest);
        }
    }
    return out;
}

Detection detect_layout(std::span<const std::string> names, const TextConfig& config, std::string_view source)
{
    const Offers offers = collect(names, config);
    if (offers.spaces.empty() && offers.layers.empty()) {
        refuse_nothing(config, source);
    }
    if (!offers.layers.empty() || offers.head.empty() || offers.spaces.size() != 1) {
        refuse_other_layout(offers, config);
    }
    Detection head;
    head.prefix = "mtp.";
    head.names = sort_head_names(offers.head);
    const std::set<std::string> modules = modules_of(head.names);
    const auto row = std::ranges::find_if(table, [&](const Family& one) { return matches(one, modules); });
    if (row == table.end()) {
        std::string list;
        for (const std::string& module : modules) {
            if (list.size() < 200) {
                list += (list.empty() ? "" : ", ") + printable_name(module);
            }
        }
        refuse(SKW_E_UNSUPPORTED,
               "MTP-named tensors without a known fusion block (found under mtp.*: " + list + ")",
               "a block that no rule knows is not published on a guess");
    }
    if (row->support == Support::other_drafter) {
        refuse(SKW_E_UNSUPPORTED,
               "the tensors under mtp.* are DSpark block-drafter stages (main_proj, markov_head or "
               "confidence_head), not an MTP head",
               "they need hidden states of several target layers and cannot serve as an MTP sidecar");
    }
    if (row->support == Support::later) {
        refuse(SKW_E_UNSUPPORTED, "the MTP head under mtp.* has the " + std::string(row->layout) +
                                      " fusion block; this version extracts the Qwen and NextN blocks only");
    }
    head.family = &*row;
    head.norm_convention = convention_of(config.model_type);
    return head;
}

} // namespace skw::mtp

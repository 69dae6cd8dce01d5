// SPDX-License-Identifier: Apache-2.0
// Finds what a head lacks: a sidecar with a hole in it would load nowhere, or worse, somewhere.
#include "mtp/head/layout.hpp"

#include "mtp/checkpoint/companion_names.hpp"
#include "mtp/checkpoint/names.hpp"
#include "mtp/head/parts.hpp"

#include "safetensors/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

constexpr std::string_view fewer_layers = "fewer-layers"; // of mtp_accept
constexpr const char* damaged =
    "the checkpoint or its index is damaged; compare it with the original release";

class Findings {
public:
    void add(const std::string& what, std::string hint = damaged, std::string_view accept = {})
    {
        if (refusals.size() < incomplete_limit) {
            refusals.push_back({SKW_E_BAD_INPUT,
                                {},
                                "the MTP head was found, but it is incomplete: " + what,
                                std::move(hint),
                                accept});
        }
    }
    std::vector<Refusal> refusals;
};

// How a weight may be stored: as it is, LongCat's norms, and packed. Whether a packed one can be taken is
// another question.
constexpr std::array<std::string_view, 4> weights{".weight", ".m.weight", ".weight_packed", ".qweight"};

bool has_weight(const std::set<std::string>& names, std::string_view module)
{
    const std::string name(module);
    return names.contains(name) || std::ranges::any_of(weights, [&](std::string_view ending) {
               return names.contains(name + std::string(ending));
           });
}

void check_layers(const Detection& head, const HeadPart& part, const TextConfig& config, Findings& findings)
{
    if (part.layers.empty()) {
        if (head.block != nullptr && head.block->needs_layers) {
            findings.add("it has no numbered layer, only tensors beside them");
        }
        return;
    }
    // Layers behind the trunk are numbered as they are stored.
    const std::uint64_t base = head.first_layer.value_or(0);
    std::uint64_t next = 0;
    if (head.base_layer && config.trunk_layers && base > *config.trunk_layers) {
        findings.add("layer " + std::to_string(*config.trunk_layers) + " is missing, layer " +
                     std::to_string(base) + " is there");
    }
    for (const auto& [index, names] : part.layers) {
        if (index != next) {
            findings.add("layer " + std::to_string(base + next) + " is missing, layer " +
                         std::to_string(base + index) + " is there");
        }
        next = index + 1;
    }
    // More than declared happens in released checkpoints and loses nothing; fewer is a loss. What a drafter
    // declares does not count its stages.
    const bool is_drafter = head.block != nullptr && !head.block->accept.empty();
    if (!is_drafter && config.declared_layers && part.layers.size() < *config.declared_layers) {
        const std::string what = "config.json declares " + std::to_string(*config.declared_layers) +
                                 " MTP layer(s) (" + config.declared_by + "), the tensors make " +
                                 std::to_string(part.layers.size());
        if (part.layers.size() % config.step_layers != 0) {
            findings.add(what); // part of a step is a hole, whatever was declared
        } else {
            findings.add(what,
                         "released declarations are wrong at times; where the checkpoint is known to be "
                         "whole, mtp_accept: [" +
                             std::string(fewer_layers) + "] takes the layers that are there",
                         fewer_layers);
        }
    }
}

// A layer whose fusion modules are all there is: an index or a conversion lost the rest of it.
void check_bodies(const Detection& head, std::span<const std::string> names, Findings& findings)
{
    std::map<std::string_view, bool> layers; // by prefix: whether there is more
    for (const std::string& name : names) {
        const NameParts parts = split_name(name);
        if (parts.rule == NameRule::layer && head.holds(name)) {
            layers[parts.prefix] |= parts.marker.empty();
        }
    }
    for (const auto& [prefix, more] : layers) {
        if (!more) {
            findings.add("nothing but modules of the fusion stands in '" + printable_name(prefix) +
                         "*', the layer itself is missing");
        }
    }
}

// A step of a hybrid head is several stored layers, of which the first holds the fusion block. Where
// config.json does not tell how many, the mixer of such layers does.
bool may_lack_fusion(std::uint64_t index, const std::set<std::string>& names, const TextConfig& config)
{
    if (config.step_layers > 1) {
        return index % config.step_layers != 0;
    }
    const auto mixer = names.lower_bound("mixer.");
    return index != 0 && mixer != names.end() && mixer->starts_with("mixer.");
}

// What stands before the names of a layer, or of what lies beside the layers, as the checkpoint spells it: a
// message should name what can be searched for.
class Stems {
public:
    Stems(const Detection& head, std::span<const std::string> names)
        : first_layer_(head.first_layer.value_or(0))
    {
        for (const std::string& name : names) {
            const Spot spot = head.holds(name) ? spot_of(name, first_layer_) : Spot{};
            if (spot.group.empty()) { // the names of siblings have their group in them
                stems_.try_emplace({std::string(spot.place.head), spot.place.layer}, spot.place.prefix);
            }
        }
    }
    std::string of(std::string_view part, std::optional<std::uint64_t> layer) const
    {
        const auto known = stems_.find({std::string(part), layer});
        if (known != stems_.end()) {
            return std::string(known->second);
        }
        const std::string own = std::string(part) + (part.empty() ? "" : ".");
        return layer ? own + "layers." + std::to_string(first_layer_ + *layer) + "." : own;
    }

private:
    std::uint64_t first_layer_;
    std::map<std::pair<std::string, std::optional<std::uint64_t>>, std::string_view> stems_;
};

// stem: of the names beside the layers. shared: tensors beside two heads that both use; null: there are none.
void check_required(const Detection& head, const HeadPart& part, const std::string& stem,
                    const HeadPart* shared, const TextConfig& config, Findings& findings)
{
    if (head.block == nullptr) {
        return;
    }
    const Block& block = *head.block;
    if (!block.in_layers) {
        // Beside the layers, or in the first one: Intern-S2 keeps each head's fusion there.
        const auto first = part.layers.begin();
        for (const std::string_view module : block.required) {
            if (!has_weight(part.root, module) &&
                (first == part.layers.end() || !has_weight(first->second, module)) &&
                (shared == nullptr || !has_weight(shared->root, module))) {
                findings.add("'" + printable_name(stem) + std::string(module) + ".weight' is missing");
            }
        }
        return;
    }
    for (const auto& layer : part.layers) {
        const std::uint64_t index = layer.first;
        const std::set<std::string>& names = layer.second;
        const auto there = [&](std::string_view module) { return has_weight(names, module); };
        if (may_lack_fusion(index, names, config) && std::ranges::none_of(block.required, there)) {
            continue;
        }
        for (const std::string_view module : block.required) {
            if (!there(module)) {
                findings.add("'" + std::string(module) + ".weight' is missing in layer " +
                             std::to_string(head.first_layer.value_or(0) + index));
            }
        }
    }
}

// The experts of one block, by number, with the weights each of them has ("gate_proj.weight").
using Experts = std::map<std::uint64_t, std::set<std::string>>;

void collect_experts(const std::string& place, const std::set<std::string>& names,
                     std::map<std::string, Experts>& blocks)
{
    constexpr std::string_view word = "experts.";
    for (const std::string& name : names) {
        std::size_t at = name.find(word);
        while (at != std::string::npos && at != 0 && name[at - 1] != '.') {
            at = name.find(word, at + 1); // "shared_experts." is another module
        }
        if (at == std::string::npos) {
            continue;
        }
        const std::size_t number = at + word.size();
        const std::size_t dot = name.find('.', number);
        if (dot == std::string::npos) {
            continue; // fused experts are one tensor
        }
        if (const auto index = parse_index(std::string_view(name).substr(number, dot - number))) {
            std::set<std::string>& parts = blocks[place + name.substr(0, number)][*index];
            // Those are of the storage format's concern: a single quantised expert has more of them than a
            // plain one, and both are whole.
            if (std::string part = name.substr(dot + 1); !is_companion_ending(part)) {
                parts.insert(std::move(part));
            }
        }
    }
}

// needs   two sets that differ. Walks no further than the shorter one, so that a hostile block of many
//         experts and one with many parts stays cheap.
const std::string& first_difference(const std::set<std::string>& one, const std::set<std::string>& other)
{
    const auto [mine, theirs] = std::ranges::mismatch(one, other);
    if (mine == one.end()) {
        return *theirs;
    }
    return theirs == other.end() ? *mine : std::min(*mine, *theirs);
}

void check_experts(const std::string& block, const Experts& experts, Findings& findings)
{
    std::uint64_t next = 0;
    const auto& [first, parts] = *experts.begin();
    for (const auto& [index, own] : experts) {
        if (index != next) {
            findings.add("expert " + std::to_string(next) + " of '" + printable_name(block) +
                         "*' is missing, expert " + std::to_string(index) + " is there");
        }
        next = index + 1;
        if (own == parts) {
            continue;
        }
        findings.add("experts " + std::to_string(first) + " and " + std::to_string(index) + " of '" +
                     printable_name(block) + "*' differ in '" + printable_name(first_difference(own, parts)) +
                     "'");
    }
}

} // namespace

std::vector<Refusal> check_completeness(const Detection& head, std::span<const std::string> names,
                                        const TextConfig& config)
{
    Findings findings;
    const HeadParts parts = sort_names(names, head);
    const Stems stems(head, names);
    const auto bare = parts.heads.find("");
    const HeadPart* const shared =
        parts.heads.size() > 1 && bare != parts.heads.end() && bare->second.layers.empty() ? &bare->second
                                                                                           : nullptr;
    for (const auto& [name, part] : parts.heads) {
        if (&part == shared) {
            continue;
        }
        check_layers(head, part, config, findings);
        check_required(head, part, stems.of(name, std::nullopt), shared, config, findings);
        std::map<std::string, Experts> blocks;
        collect_experts(stems.of(name, std::nullopt), part.root, blocks);
        for (const auto& [index, inside] : part.layers) {
            collect_experts(stems.of(name, index), inside, blocks);
        }
        for (const auto& [block, experts] : blocks) {
            check_experts(block, experts, findings);
        }
    }
    check_bodies(head, names, findings);
    return std::move(findings.refusals);
}

} // namespace skw::mtp

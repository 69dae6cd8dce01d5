// SPDX-License-Identifier: Apache-2.0
// Finds what a head lacks: a sidecar with a hole in it would load nowhere, or worse, somewhere.
#include "mtp/layout.hpp"

#include "mtp/names.hpp"

#include <skw/failure.hpp>

#include "safetensors/error.hpp"

#include <algorithm>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

[[noreturn]] void refuse_incomplete(const std::string& what)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, {}, "the MTP head was found, but it is incomplete: " + what,
                       "the checkpoint or its index is damaged; compare it with the original release");
}

void check_layers(const Detection& head, const TextConfig& config)
{
    const auto& layers = head.names.layers;
    if (layers.empty()) {
        if (head.family->needs_layers || head.family->in_layers) {
            refuse_incomplete("there is no layer under mtp.layers.*");
        }
        return;
    }
    std::uint64_t next = 0;
    for (const auto& [index, names] : layers) {
        if (index != next) {
            refuse_incomplete("layer " + std::to_string(next) + " is missing, layer " +
                              std::to_string(index) + " is there");
        }
        ++next;
    }
    // More than declared happens in released checkpoints and loses nothing; fewer is a loss.
    if (config.declared_layers && next < *config.declared_layers) {
        refuse_incomplete("config.json declares " + std::to_string(*config.declared_layers) +
                          " MTP layer(s) (" + config.declared_by + "), the tensors make " +
                          std::to_string(next));
    }
}

void check_required(const Detection& head)
{
    const Family& family = *head.family;
    const auto weight = [](std::string_view module) { return std::string(module) + ".weight"; };
    if (!family.in_layers) {
        for (const std::string_view module : family.required) {
            if (!head.names.root.contains(weight(module))) {
                refuse_incomplete("'" + head.prefix + weight(module) + "' is missing");
            }
        }
        return;
    }
    // A step of the head may span several stored layers; the one with any of these modules has all of them.
    bool fused = false;
    for (const auto& layer : head.names.layers) {
        const std::set<std::string>& names = layer.second;
        const auto there = [&](std::string_view module) { return names.contains(weight(module)); };
        if (std::ranges::none_of(family.required, there)) {
            continue;
        }
        fused = true;
        for (const std::string_view module : family.required) {
            if (!there(module)) {
                refuse_incomplete("'" + weight(module) + "' is missing in layer " +
                                  std::to_string(layer.first));
            }
        }
    }
    if (!fused) {
        refuse_incomplete("no layer holds the weights of its fusion block");
    }
}

// The experts of one block, by number, with the parts each of them has ("gate_proj.weight").
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
            blocks[place + name.substr(0, number)][*index].insert(name.substr(dot + 1));
        }
    }
}

void check_experts(const std::string& block, const Experts& experts)
{
    std::uint64_t next = 0;
    const std::set<std::string>& parts = experts.begin()->second;
    for (const auto& [index, own] : experts) {
        if (index != next) {
            refuse_incomplete("expert " + std::to_string(next) + " of '" + printable_name(block) +
                              "*' is missing, expert " + std::to_string(index) + " is there");
        }
        ++next;
        if (own == parts) {
            continue;
        }
        std::vector<std::string> odd;
        std::ranges::set_symmetric_difference(own, parts, std::back_inserter(odd));
        refuse_incomplete("experts " + std::to_string(experts.begin()->first) + " and " +
                          std::to_string(index) + " of '" + printable_name(block) + "*' differ in '" +
                          printable_name(odd.front()) + "'");
    }
}

} // namespace

void check_completeness(const Detection& head, const TextConfig& config)
{
    check_layers(head, config);
    check_required(head);
    std::map<std::string, Experts> blocks;
    collect_experts(head.prefix, head.names.root, blocks);
    for (const auto& [index, names] : head.names.layers) {
        collect_experts(head.prefix + "layers." + std::to_string(index) + ".", names, blocks);
    }
    for (const auto& [block, experts] : blocks) {
        check_experts(block, experts);
    }
}

} // namespace skw::mtp

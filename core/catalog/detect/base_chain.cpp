// SPDX-License-Identifier: Apache-2.0
// The tags base_model:... followed from model to model.
#include "catalog/detect/base_chain.hpp"

#include "catalog/detect/told_as.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"
#include "support/letters.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace skw::catalog {
namespace {

constexpr std::size_t longest_chain = 16; // real ones have two or three models
constexpr std::string_view prefix = "base_model:";
constexpr std::string_view quantized = "base_model:quantized:";
constexpr std::array<std::string_view, 4> relations = {"adapter:", "finetune:", "merge:", "quantized:"};

// Tags are whatever a card's author wrote: what is no repository's name is no tag for us.
std::optional<std::string> repo_behind(std::string_view tag, std::string_view begin)
{
    if (!tag.starts_with(begin)) {
        return std::nullopt;
    }
    tag.remove_prefix(begin.size());
    const std::optional<RepoId> repo = RepoId::parse(tag);
    return repo ? std::optional(repo->text()) : std::nullopt;
}

std::string shown(const std::vector<std::string>& chain)
{
    std::string text;
    for (const std::string& id : chain) {
        text += (text.empty() ? "" : " -> ") + id;
    }
    return text;
}

bool holds(const std::vector<std::string>& chain, std::string_view id)
{
    return std::ranges::any_of(chain, [&](const std::string& one) { return equal_ignoring_case(one, id); });
}

[[noreturn]] void refuse(const std::vector<std::string>& chain, std::string_view what)
{
    throw Error(ErrorCode::bad_input, "",
                "the base models of " + chain.front() + " " + std::string(what) + ": " + shown(chain),
                "their cards name each other in base_model; add the entry by hand, or have a card corrected");
}

} // namespace

std::optional<std::string> quantized_from(const ModelInfo& info)
{
    for (const std::string& tag : info.tags) {
        if (auto repo = repo_behind(tag, quantized)) {
            return repo;
        }
    }
    return std::nullopt;
}

std::optional<std::string> immediate_base(const ModelInfo& info)
{
    if (auto repo = quantized_from(info)) {
        return repo;
    }
    for (const std::string& tag : info.tags) {
        if (!tag.starts_with(prefix)) {
            continue;
        }
        std::string_view rest = std::string_view(tag).substr(prefix.size());
        for (const std::string_view relation : relations) {
            if (rest.starts_with(relation)) {
                rest.remove_prefix(relation.size());
                break;
            }
        }
        if (auto repo = repo_behind(rest, "")) {
            return repo;
        }
    }
    return std::nullopt;
}

Bases follow_bases(const ModelInfo& info, ModelFacts& facts)
{
    Bases bases;
    bases.immediate = immediate_base(info);
    bases.chain = {info.id};
    ModelInfo last = info;
    while (const auto next = quantized_from(last)) {
        const bool seen = holds(bases.chain, *next);
        bases.chain.push_back(*next);
        if (seen) {
            refuse(bases.chain, "run in a circle");
        }
        if (bases.chain.size() > longest_chain) {
            refuse(bases.chain, "come to no end");
        }
        std::optional<ModelInfo> found =
            told_as("failed to fetch HF metadata for " + *next, [&] { return facts.find_model(*next); });
        if (!found) {
            bases.leaf_is_there = false;
            return bases;
        }
        last = std::move(*found);
        if (!equal_ignoring_case(last.id, *next) &&
            std::find(bases.chain.begin(), bases.chain.end() - 1, last.id) != bases.chain.end() - 1) {
            bases.chain.back() = last.id; // renamed on the Hub, to a model that was passed before
            refuse(bases.chain, "run in a circle");
        }
        bases.chain.back() = last.id;
    }
    std::optional<std::string> parent = immediate_base(last);
    if (parent && !holds(bases.chain, *parent)) {
        bases.parent = std::move(parent);
    }
    return bases;
}

} // namespace skw::catalog

// SPDX-License-Identifier: Apache-2.0
// The names of pre-scales and low-rank corrections, and the walk over the modules of quantised weights.
#include "mtp/storage/auxiliaries.hpp"

#include "mtp/storage/companions.hpp"
#include "mtp/storage/precision.hpp"

#include "safetensors/error.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

constexpr std::array<std::string_view, 3> pre_scales{"pre_quant_scale", "smooth_scale", "smooth_factor"};
constexpr std::array<std::string_view, 2> low_rank{"lora_a", "lora_b"};

std::string lower_case(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::string_view parent_of(std::string_view name)
{
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

bool is_quantised(const StoredTensor& tensor)
{
    const Element element = tensor.storage.element;
    return element == Element::e4m3 || element == Element::e5m2 || element == Element::i8 ||
           element == Element::fp4;
}

// Added to what the weight made, or numbers: neither changes what a stored element is worth.
bool is_independent(const StoredTensor& tensor)
{
    const std::string_view last = last_component(tensor.name);
    return last == "bias" || tensor.storage.element == Element::table || is_named_parameter(tensor.name);
}

bool is_matrix(const StoredTensor& tensor)
{
    return std::ranges::count_if(tensor.shape, [](std::uint64_t one) { return one > 1; }) >= 2;
}

class Neighbours {
public:
    explicit Neighbours(const std::vector<StoredTensor>& weights)
    {
        for (const StoredTensor& one : weights) {
            if (is_quantised(one)) {
                quantised_.emplace(one.name, &one);
                if (last_component(one.name) != "weight") {
                    fused_.emplace(parent_of(one.name), &one);
                }
            }
        }
    }
    bool empty() const noexcept { return quantised_.empty(); }

    // The quantised weight that this tensor may belong to; nullptr: none.
    const StoredTensor* owner(const StoredTensor& tensor) const
    {
        const std::string_view name = tensor.name;
        const std::string_view module = parent_of(name);
        // Itself, or two of one name, which is another complaint.
        if (const StoredTensor* same = find(name); same != nullptr && same != &tensor) {
            return nullptr;
        }
        for (std::string_view above = module; !above.empty(); above = parent_of(above)) {
            const StoredTensor* weight = find(above); // "x.weight.state" of "x.weight"
            if (weight == nullptr) {
                weight = find(std::string(above) + ".weight");
            }
            if (weight != nullptr && weight != &tensor && (above != module || !is_independent(tensor))) {
                return weight;
            }
        }
        return find(name) != nullptr || is_independent(tensor) ? nullptr : owner_of_fused(tensor, module);
    }

private:
    const StoredTensor* find(std::string_view name) const
    {
        const auto at = quantised_.find(name);
        return at == quantised_.end() ? nullptr : at->second;
    }

    const StoredTensor* owner_of_fused(const StoredTensor& tensor, std::string_view module) const
    {
        const auto fused = fused_.find(module);
        if (fused == fused_.end()) {
            return nullptr;
        }
        const std::string_view name = tensor.name;
        const std::size_t last = name.size() - last_component(name).size();
        for (std::size_t at = name.find('_', last); at != std::string_view::npos;
             at = name.find('_', at + 1)) {
            if (const StoredTensor* weight = find(name.substr(0, at))) {
                return name.substr(at) == "_bias" ? nullptr : weight;
            }
        }
        const bool is_weight = is_matrix(tensor) && name.find("scale", last) == std::string_view::npos;
        return is_weight ? nullptr : fused->second;
    }

    std::map<std::string_view, const StoredTensor*> quantised_; // by name
    std::map<std::string_view, const StoredTensor*> fused_;     // one of each module that has them
};

} // namespace

std::string_view auxiliary_reason(std::string_view name)
{
    const std::string text = lower_case(name);
    const auto ends_last = [&text](std::string_view ending) { return text.ends_with(ending); };
    if (std::ranges::any_of(pre_scales, ends_last)) {
        return " scales the input of a weight (SmoothQuant, AWQ), so that the stored weight is not the "
               "trained "
               "one";
    }
    for (std::string_view left = text; !left.empty(); left = parent_of(left)) {
        const std::string_view last = last_component(left);
        if (last.find("svdquant") != std::string_view::npos ||
            std::ranges::any_of(low_rank, [last](std::string_view one) { return last.ends_with(one); })) {
            return " is a low-rank part of a weight (LoRA, SVDQuant), without which the stored weight is not "
                   "the trained one";
        }
    }
    return {};
}

void refuse_auxiliaries(std::vector<StoredTensor>& weights, RefusalList& refusals)
{
    const Neighbours neighbours(weights);
    if (neighbours.empty()) {
        return;
    }
    std::vector<bool> refused(weights.size());
    for (std::size_t at = 0; at < weights.size(); ++at) {
        const StoredTensor& tensor = weights[at];
        const StoredTensor* owner = neighbours.owner(tensor);
        if (owner == nullptr) {
            continue;
        }
        refused[at] = true;
        refusals.add(tensor.source, SKW_E_UNSUPPORTED,
                     " stands beside " + printable_name(owner->source.name) + ", which is stored as " +
                         owner->storage.format +
                         "; what it does to that weight is not known, and without it the values may be wrong",
                     original_release, "beside " + std::string(last_component(tensor.source.name)));
    }
    std::size_t at = 0;
    std::erase_if(weights, [&](const StoredTensor&) { return refused[at++]; });
}

} // namespace skw::mtp

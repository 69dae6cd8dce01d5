// SPDX-License-Identifier: Apache-2.0
// Sorts the tensors of a head into weights, companions, calibration values and what cannot be taken.
#include "mtp/storage/storage.hpp"

#include "mtp/storage/auxiliaries.hpp"
#include "mtp/storage/companions.hpp"
#include "mtp/storage/formats.hpp"
#include "mtp/storage/geometry.hpp"
#include "mtp/storage/refusals.hpp"

#include "safetensors/error.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::dtype_name;
using safetensors::printable_name;

constexpr std::string_view complete_release =
    "the checkpoint is incomplete or was edited; use the original release";

struct Marked {
    Marking marking;
    std::string_view ending; // taken off for the output name
};

Marked marking_of(const SourceTensor& tensor)
{
    if (tensor.dtype == safetensors::Dtype::u8) {
        if (last_component(tensor.name) == "weight_packed") {
            return {Marking::packed, "_packed"};
        }
        if (tensor.name.ends_with("_blocks")) {
            return {Marking::blocks, "_blocks"};
        }
    }
    return {Marking::none, ""};
}

bool is_routed_expert(std::string_view name)
{
    while (!name.empty()) {
        const auto dot = name.find('.');
        if (name.substr(0, dot) == "experts") {
            return true;
        }
        name = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    }
    return false;
}

class StorageReader {
public:
    StorageReader(std::vector<SourceTensor> tensors, const TextConfig& config,
                  std::span<const std::string> shards)
        : tensors_(sorted(std::move(tensors))),
          by_name_(tensors_),
          config_(config),
          roles_(tensors_.size(), Role::weight),
          beside_(tensors_.size()),
          refusals_(shards)
    {
    }

    StoredHead run()
    {
        refuse_foreign_packings();
        for (std::size_t at = 0; at < tensors_.size(); ++at) {
            assign_role(at);
        }
        for (std::size_t at = 0; at < tensors_.size(); ++at) {
            settle(at);
        }
        std::ranges::stable_sort(out_.weights, {}, &StoredTensor::name);
        refuse_equal_names();
        refuse_auxiliaries(out_.weights, refusals_);
        out_.refusals = refusals_.finish();
        return std::move(out_);
    }

private:
    enum class Role : std::uint8_t { weight, companion, calibration, foreign };
    struct Packed {
        const ForeignPacking* packing = nullptr;
        const SourceTensor* tensor = nullptr; // the one to name
    };

    static std::vector<SourceTensor> sorted(std::vector<SourceTensor> tensors)
    {
        std::ranges::sort(tensors, {}, &SourceTensor::name);
        return tensors;
    }

    // A packed module is one complaint, not one for each of its tensors.
    void refuse_foreign_packings()
    {
        std::map<std::string_view, Packed> modules;
        for (const SourceTensor& tensor : tensors_) {
            const ForeignPacking* packing = find_packing(tensor);
            if (packing == nullptr || judge_calibration(tensor, by_name_) == Calibration::yes) {
                continue;
            }
            Packed& module = modules[packed_module(tensor.name)];
            if (module.packing == nullptr || packing < module.packing) {
                module = {packing, &tensor};
            }
        }
        for (auto& [name, module] : modules) {
            std::string main(name);
            main.append(name.empty() ? "" : ".").append(module.packing->main);
            if (const SourceTensor* weight = by_name_.find(main)) {
                module.tensor = weight;
            }
            refusals_.add(*module.tensor, SKW_E_UNSUPPORTED,
                          " is stored as " + std::string(dtype_name(module.tensor->dtype)) + ", part of " +
                              std::string(module.packing->format) + "; " +
                              std::string(module.packing->reason),
                          original_release);
        }
        for (std::size_t at = 0; at < tensors_.size() && !modules.empty(); ++at) {
            if (modules.contains(packed_module(tensors_[at].name))) {
                roles_[at] = Role::foreign;
            }
        }
    }

    void assign_role(std::size_t at)
    {
        const SourceTensor& tensor = tensors_[at];
        if (roles_[at] == Role::foreign) {
            return;
        }
        if (const std::string_view reason = auxiliary_reason(tensor.name); !reason.empty()) {
            roles_[at] = Role::foreign;
            refusals_.add(tensor, SKW_E_UNSUPPORTED, std::string(reason), original_release);
            return;
        }
        switch (judge_calibration(tensor, by_name_)) {
        case Calibration::no: break;
        case Calibration::yes: roles_[at] = Role::calibration; return;
        case Calibration::unfit: refuse_calibration(at); return;
        }
        const Claim claim = find_claim(tensor, by_name_);
        if (claim.name == nullptr) {
            return;
        }
        roles_[at] = Role::companion;
        if (claim.weight == nullptr) {
            refuse_orphan(tensor, claim.weight_name, "' is not in the checkpoint", "missing");
            return;
        }
        Candidate& weight = beside_[index_of(claim.weight)];
        const auto put = [&weight, &tensor](const SourceTensor*& slot) {
            if (slot != nullptr) {
                weight.clash = slot;
                weight.with = &tensor;
            }
            slot = &tensor;
        };
        switch (claim.name->role) {
        case CompanionRole::scale:
            put(weight.scale);
            weight.scale_name = claim.name->scale;
            break;
        case CompanionRole::multiplied:
        case CompanionRole::divisor:
            put(weight.second);
            weight.divide = claim.name->role == CompanionRole::divisor;
            break;
        case CompanionRole::zero: put(weight.zero); break;
        }
        holders_.emplace_back(at, index_of(claim.weight));
    }

    void refuse_calibration(std::size_t at)
    {
        const SourceTensor& tensor = tensors_[at];
        const std::string stored = std::string(dtype_name(tensor.dtype)) + " " + shape_text(tensor.shape);
        roles_[at] = Role::foreign;
        refusals_.add(tensor, SKW_E_UNSUPPORTED,
                      " has the name of a measured range beside a weight, but is stored as " + stored +
                          ", neither one value nor one for each row",
                      original_release, std::string(last_component(tensor.name)) + " " + stored);
    }

    void settle(std::size_t at)
    {
        const SourceTensor& tensor = tensors_[at];
        if (roles_[at] == Role::calibration) {
            out_.left_out.push_back(tensor.name);
        } else if (roles_[at] == Role::companion) {
            check_holder(at);
        } else if (roles_[at] == Role::weight) {
            take(tensor, beside_[at]);
        }
    }

    // A scale of a scale would vanish without a word.
    void check_holder(std::size_t at)
    {
        const auto held =
            std::ranges::lower_bound(holders_, at, {}, &std::pair<std::size_t, std::size_t>::first);
        if (held != holders_.end() && held->first == at &&
            (roles_[held->second] == Role::companion || roles_[held->second] == Role::calibration)) {
            refuse_orphan(tensors_[at], tensors_[held->second].name, "' is no weight", "no weight");
        }
    }

    void take(const SourceTensor& tensor, Candidate& candidate)
    {
        const auto refuse = [&](skw_status status, const std::string& text, std::string_view hint) {
            refusals_.add(tensor, status, text, hint);
        };
        if (candidate.clash != nullptr) {
            refuse(SKW_E_BAD_INPUT,
                   " is stored as " + std::string(dtype_name(tensor.dtype)) +
                       " with two of a kind beside it: " +
                       printable_name(last_component(candidate.clash->name)) + " and " +
                       printable_name(last_component(candidate.with->name)),
                   original_release);
            return;
        }
        const std::string_view reason = foreign_dtype_reason(tensor.dtype);
        if (!reason.empty() && !is_index_table(tensor.name, tensor.dtype)) {
            refuse(SKW_E_UNSUPPORTED,
                   " is stored as " + std::string(dtype_name(tensor.dtype)) + "; " + std::string(reason),
                   original_release);
            return;
        }
        const Marked marked = marking_of(tensor);
        candidate.weight = &tensor;
        candidate.marking = marked.marking;
        auto matched = match_format(candidate, config_);
        if (const auto* complaint = std::get_if<Complaint>(&matched)) {
            refuse(complaint->status, complaint->text, original_release);
            return;
        }
        auto& stored = std::get<StoredTensor>(matched);
        if (contradicts_experts(stored)) {
            refuse(SKW_E_BAD_INPUT,
                   " is stored as " + stored.storage.format +
                       ", but config.json gives the experts the dtype '" +
                       printable_name(config_.expert_dtype) + "'",
                   original_release);
            return;
        }
        stored.name = tensor.name.substr(0, tensor.name.size() - marked.ending.size());
        out_.weights.push_back(std::move(stored));
    }

    bool contradicts_experts(const StoredTensor& stored) const
    {
        // Plain values cannot be misread, whatever an old config.json says.
        if (stored.is_plain() || !is_routed_expert(stored.source.name)) {
            return false;
        }
        const Element element = stored.storage.element;
        return (config_.expert_dtype == "fp4" && element != Element::fp4) ||
               (config_.expert_dtype == "fp8" && element != Element::e4m3 && element != Element::e5m2);
    }

    void refuse_orphan(const SourceTensor& tensor, const std::string& weight, const char* what,
                       std::string_view key)
    {
        refusals_.add(tensor, SKW_E_BAD_INPUT,
                      " is a scale, but its weight '" + printable_name(weight) + what, complete_release, key);
    }

    void refuse_equal_names()
    {
        for (std::size_t at = 1; at < out_.weights.size(); ++at) {
            const StoredTensor &one = out_.weights[at - 1], &other = out_.weights[at];
            if (one.name == other.name) {
                refusals_.add(other.source, SKW_E_BAD_INPUT,
                              " and " + printable_name(one.source.name) + " would both become " +
                                  printable_name(one.name),
                              original_release, "equal names");
            }
        }
    }

    std::size_t index_of(const SourceTensor* tensor) const
    {
        return static_cast<std::size_t>(tensor - tensors_.data());
    }

    std::vector<SourceTensor> tensors_; // by name
    TensorsByName by_name_;
    const TextConfig& config_;
    std::vector<Role> roles_;
    std::vector<Candidate> beside_;                            // companions, by the weight's index
    std::vector<std::pair<std::size_t, std::size_t>> holders_; // companion, weight; by companion
    RefusalList refusals_;
    StoredHead out_;
};

} // namespace

StoredHead read_storage(std::vector<SourceTensor> tensors, const TextConfig& config,
                        std::span<const std::string> shards)
{
    return StorageReader(std::move(tensors), config, shards).run();
}

} // namespace skw::mtp

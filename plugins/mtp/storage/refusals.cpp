// SPDX-License-Identifier: Apache-2.0
// The refusal tables: packings of tools and dtypes, each with its own reason.
#include "mtp/storage/refusals.hpp"

#include "mtp/storage/companions.hpp"

#include "safetensors/error.hpp"

#include <algorithm>
#include <array>

namespace skw::mtp {

namespace {

using safetensors::Dtype;
using safetensors::printable_name;

struct DtypeReason {
    Dtype dtype;
    std::string_view reason;
};
constexpr std::string_view other_bias =
    "its exponent bias and NaN code differ from the usual F8, so that a mix-up is off by a factor of two";
constexpr std::string_view no_weights = "no released MTP weight is stored like this";
constexpr std::string_view unknown_integers =
    "integers are taken only as index tables, because others may be packed weights of an unknown kind";
constexpr std::array<DtypeReason, 15> dtype_reasons{{
    {Dtype::f8_e4m3fnuz, other_bias},
    {Dtype::f8_e5m2fnuz, other_bias},
    {Dtype::f8_e8m0, "it holds powers of two for scales, no weights"},
    {Dtype::f4, no_weights},
    {Dtype::f6_e2m3, no_weights},
    {Dtype::f6_e3m2, no_weights},
    {Dtype::boolean, no_weights},
    {Dtype::c64, no_weights},
    {Dtype::f64, no_weights},
    {Dtype::u16, unknown_integers},
    {Dtype::u32, unknown_integers},
    {Dtype::u64, unknown_integers},
    {Dtype::i16, unknown_integers},
    {Dtype::i32, unknown_integers},
    {Dtype::i64, unknown_integers},
}};

constexpr std::array<std::string_view, 5> index_tables{"tid2eid", "d2t", "t2d", "position_ids",
                                                       "num_batches_tracked"};

} // namespace

std::span<const ForeignPacking> foreign_packings()
{
    constexpr std::string_view lossy =
        "their order and zero points are the tool's own, and the original values are lost";
    static const std::vector<ForeignPacking> rows{
        {"GPTQ or AWQ packed integers", "qweight", lossy, {"qweight", "qzeros", "g_idx"}},
        {"compressed-tensors packed integers",
         "weight_packed",
         lossy,
         {"weight_packed", "weight_shape", "weight_g_idx"}},
        {"bitsandbytes blocks",
         "weight",
         "their code book and nested scales are the tool's own, and the original values are lost",
         {"absmax", "quant_map", "nested_absmax", "nested_quant_map", "quant_state", "bitsandbytes__nf4",
          "bitsandbytes__fp4", "SCB"}},
        {"EXL3 trellis codes", "trellis", lossy, {"trellis", "suh", "svh"}},
        {"EXL2 packed integers",
         "q_weight",
         lossy,
         {"q_weight", "q_scale", "q_scale_max", "q_groups", "q_group_map", "q_invperm", "q_perm"}},
        {"HQQ packed integers", "W_q", lossy, {"W_q"}},
        {"integers with an offset (Ascend)",
         "weight",
         "whether the offset is added or taken away is not documented",
         {"weight_offset", "deq_scale", "quant_bias"}},
        {"a group-quantised format with separate scales and biases (MLX)",
         "weight",
         "the original values are lost",
         {"scales", "biases"}},
    };
    return rows;
}

const ForeignPacking* find_packing(const SourceTensor& tensor)
{
    const std::string_view last = last_component(tensor.name);
    if (last == "weight_packed" && tensor.dtype == Dtype::u8) {
        return nullptr; // FP4 of compressed-tensors, which is taken
    }
    for (const ForeignPacking& one : foreign_packings()) {
        if (std::ranges::find(one.markers, last) != one.markers.end()) {
            return &one;
        }
    }
    return nullptr;
}

std::string_view packed_module(std::string_view name)
{
    const auto without = [&name](std::string_view ending) {
        if (name.ends_with(ending)) {
            name.remove_suffix(ending.size());
        }
    };
    const auto dot = name.rfind('.');
    name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
    without(".quant_state");
    without(".weight");
    return name;
}

std::string_view foreign_dtype_reason(Dtype dtype)
{
    const auto row = std::ranges::find(dtype_reasons, dtype, &DtypeReason::dtype);
    return row == dtype_reasons.end() ? std::string_view() : row->reason;
}

bool is_index_table(std::string_view name, Dtype dtype)
{
    return (dtype == Dtype::i16 || dtype == Dtype::i32 || dtype == Dtype::i64) &&
           std::ranges::find(index_tables, last_component(name)) != index_tables.end();
}

void RefusalList::add(const SourceTensor& tensor, skw_status status, const std::string& text,
                      std::string_view hint, std::string_view key)
{
    const std::string_view used = key.empty() ? std::string_view(text) : key;
    if (const auto known = entries_.find(used); known != entries_.end()) {
        ++known->second.more;
        return;
    }
    if (entries_.size() == limit) {
        ++beyond_;
        return;
    }
    std::string place = tensor.shard < shards_.size() ? printable_name(shards_[tensor.shard]) : "";
    entries_.emplace(used,
                     Entry{tensor.name,
                           {status, std::move(place), printable_name(tensor.name) + text, std::string(hint)},
                           0});
}

std::vector<Refusal> RefusalList::finish()
{
    std::vector<Entry> entries;
    for (auto& [key, entry] : entries_) {
        if (entry.more != 0) {
            entry.refusal.message += "; and " + std::to_string(entry.more) + " more like it";
        }
        entries.push_back(std::move(entry));
    }
    entries_.clear();
    std::ranges::sort(entries, {}, &Entry::name);
    std::vector<Refusal> out;
    for (Entry& entry : entries) {
        out.push_back(std::move(entry.refusal));
    }
    if (beyond_ != 0) {
        out.push_back({SKW_E_UNSUPPORTED, "",
                       std::to_string(beyond_) + " further tensors cannot be taken, for other reasons",
                       std::string(original_release)});
    }
    return out;
}

} // namespace skw::mtp

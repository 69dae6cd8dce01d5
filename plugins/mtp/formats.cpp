// SPDX-License-Identifier: Apache-2.0
// Tells weights from scales, calibration values and packed formats.
#include "mtp/formats.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::Dtype;
using safetensors::dtype_name;
using safetensors::printable_name;

// Measured activations and cache ranges: they belong to a quantised trunk and are no weights.
constexpr std::array<std::string_view, 5> calibration{"input_scale", "activation_scale", "input_global_scale",
                                                      "k_scale", "v_scale"};

struct Packed {
    std::string_view component; // the last one of the name
    std::string_view format;
};
// Names that only tool-specific packings use, whatever their dtype.
constexpr std::array packed_formats{
    Packed{"qweight", "GPTQ or AWQ packed integers"},
    Packed{"qzeros", "GPTQ or AWQ packed integers"},
    Packed{"g_idx", "GPTQ packed integers"},
    Packed{"scales", "a group-quantised format with separate scales (MLX, GPTQ or AWQ)"},
    Packed{"biases", "MLX group quantisation"},
    Packed{"weight_packed", "compressed-tensors packed values"},
    Packed{"weight_shape", "compressed-tensors packed values"},
    Packed{"weight_offset", "integers with an offset (Ascend)"},
    Packed{"absmax", "bitsandbytes blocks"},
    Packed{"nested_absmax", "bitsandbytes blocks"},
    Packed{"quant_map", "bitsandbytes blocks"},
    Packed{"nested_quant_map", "bitsandbytes blocks"},
    Packed{"trellis", "EXL3 trellis codes"},
    Packed{"q_weight", "EXL2 packed integers"},
    Packed{"q_scale", "EXL2 packed integers"},
    Packed{"q_scale_max", "EXL2 packed integers"},
    Packed{"q_groups", "EXL2 packed integers"},
    Packed{"q_invperm", "EXL2 packed integers"},
    Packed{"q_perm", "EXL2 packed integers"},
    Packed{"W_q", "HQQ packed integers"},
};

// Integers that count or number something: token and expert tables, positions.
constexpr std::array<std::string_view, 5> index_tables{"tid2eid", "d2t", "t2d", "position_ids",
                                                       "num_batches_tracked"};

// Endings of scales; what is left in front of them, with weight_suffix behind it, is the weight's name.
struct Companion {
    std::string_view ending;
    std::string_view weight_suffix;
};
constexpr std::array companions{
    Companion{"_scale_inv", ""},
    Companion{".weight_scale_2", ".weight"},
    Companion{".weight_global_scale", ".weight"},
    Companion{".weight_zero_point", ".weight"},
    Companion{".weight_scale", ".weight"},
    Companion{".scale", ".weight"},
    Companion{"_blocks", ""},
    Companion{"_scales", ""},
    Companion{"_scale", ""},
};

constexpr std::string_view only_floats =
    "; this version reads BF16, F16 and F32 only; use the BF16 release of "
    "the model";

std::string_view last_component(std::string_view name)
{
    return name.substr(name.rfind('.') + 1); // npos + 1 is 0: no dot, all of it
}

std::string shape_text(std::span<const std::uint64_t> shape)
{
    std::string out = "[";
    for (std::size_t at = 0; at < shape.size(); ++at) {
        out += (at == 0 ? "" : ", ") + std::to_string(shape[at]);
    }
    return out + "]";
}

// How scales lie over a weight, in words; only a description, nothing is computed with it.
std::string geometry(const SourceTensor& weight, const SourceTensor& scale)
{
    const auto elements = safetensors::tensor_bytes(Dtype::u8, scale.shape).value_or(0);
    if (elements == 1) {
        return "one scale";
    }
    if (weight.shape.size() < 2 || scale.shape.empty()) {
        return "scales of shape " + shape_text(scale.shape);
    }
    const std::uint64_t rows = weight.shape[weight.shape.size() - 2];
    const std::uint64_t columns = weight.shape.back();
    if (elements == rows && scale.shape.front() == rows) {
        return "per-channel scales";
    }
    if (scale.shape.size() == weight.shape.size()) {
        const auto blocks = [](std::uint64_t length, std::uint64_t side) {
            return (length + side - 1) / side;
        };
        constexpr std::array<std::array<std::uint64_t, 2>, 7> sides{
            {{128, 128}, {64, 64}, {32, 32}, {1, 128}, {1, 64}, {1, 32}, {1, 16}}};
        for (const auto& [height, width] : sides) {
            if (scale.shape[scale.shape.size() - 2] == blocks(rows, height) &&
                scale.shape.back() == blocks(columns, width)) {
                return std::to_string(height) + "x" + std::to_string(width) + " block scales";
            }
        }
    }
    return "scales of shape " + shape_text(scale.shape);
}

class Selector {
public:
    Selector(std::vector<SourceTensor> tensors, std::span<const std::string> shards)
        : tensors_(std::move(tensors)),
          shards_(shards)
    {
        std::ranges::sort(tensors_, {}, &SourceTensor::name);
        for (const SourceTensor& tensor : tensors_) {
            by_name_.emplace(tensor.name, &tensor);
        }
    }

    Selection run()
    {
        Selection out;
        for (const SourceTensor& tensor : tensors_) {
            const std::string_view last = last_component(tensor.name);
            if (std::ranges::find(calibration, last) != calibration.end()) {
                out.left_out.push_back(tensor.name);
                continue;
            }
            check_names(tensor, last);
            out.tensors.push_back({tensor, action_of(tensor, last)});
        }
        return out;
    }

private:
    [[noreturn]] void refuse(const SourceTensor& tensor, skw_status status, const std::string& text) const
    {
        throw sdk::Failure(status, printable_name(shards_[tensor.shard]), printable_name(tensor.name) + text);
    }
    [[noreturn]] void refuse_stored_as(const SourceTensor& tensor, const std::string& format) const
    {
        refuse(tensor, SKW_E_UNSUPPORTED,
               " is stored as " + std::string(dtype_name(tensor.dtype)) + format + std::string(only_floats));
    }

    const SourceTensor* find(const std::string& name) const
    {
        const auto at = by_name_.find(name);
        return at == by_name_.end() ? nullptr : at->second;
    }

    void check_names(const SourceTensor& tensor, std::string_view last) const
    {
        const auto format = std::ranges::find(packed_formats, last, &Packed::component);
        if (format != packed_formats.end()) {
            refuse_stored_as(tensor, ", part of " + std::string(format->format));
        }
        for (const Companion& one : companions) {
            if (!tensor.name.ends_with(one.ending)) {
                continue;
            }
            const std::string base = tensor.name.substr(0, tensor.name.size() - one.ending.size());
            if (const SourceTensor* weight = find(base + std::string(one.weight_suffix))) {
                refuse_stored_as(*weight, " with " + geometry(*weight, tensor) + " (" +
                                              printable_name(tensor.name) + ")");
            }
            // "hc_attn_scale" and a lone ".scale" are parameters of their own; the other endings are not.
            if (one.ending != "_scale" && one.ending != "_scales" && one.ending != "_blocks" &&
                one.ending != ".scale") {
                refuse(tensor, SKW_E_BAD_INPUT,
                       " is a scale, but its weight '" +
                           printable_name(base + std::string(one.weight_suffix)) +
                           "' is not in the checkpoint");
            }
            return;
        }
    }

    // The scale of a quantised weight, by the names that exist.
    const SourceTensor* scale_of(const SourceTensor& weight) const
    {
        for (const Companion& one : companions) {
            if (weight.name.ends_with(one.weight_suffix)) {
                const std::string base = weight.name.substr(0, weight.name.size() - one.weight_suffix.size());
                if (const SourceTensor* scale = find(base + std::string(one.ending))) {
                    return scale;
                }
            }
        }
        return nullptr;
    }

    Action action_of(const SourceTensor& tensor, std::string_view last) const
    {
        switch (tensor.dtype) {
        case Dtype::bf16: return Action::copy;
        case Dtype::f16: return Action::from_f16;
        case Dtype::f32: return Action::from_f32;
        case Dtype::i16:
        case Dtype::i32:
        case Dtype::i64:
            // An unknown integer may be a packed weight of a kind nobody told us, so only names of tables
            // pass.
            if (std::ranges::find(index_tables, last) != index_tables.end()) {
                return Action::keep;
            }
            break;
        default: break;
        }
        if (const SourceTensor* scale = scale_of(tensor)) {
            refuse_stored_as(tensor,
                             " with " + geometry(tensor, *scale) + " (" + printable_name(scale->name) + ")");
        }
        refuse_stored_as(tensor, dtype_name(tensor.dtype).starts_with("F8") ? " without a scale" : "");
    }

    std::vector<SourceTensor> tensors_;
    std::span<const std::string> shards_;
    std::unordered_map<std::string_view, const SourceTensor*> by_name_;
};

} // namespace

Selection select_tensors(std::vector<SourceTensor> tensors, std::span<const std::string> shards)
{
    return Selector(std::move(tensors), shards).run();
}

} // namespace skw::mtp

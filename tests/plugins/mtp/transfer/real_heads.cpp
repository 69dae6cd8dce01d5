// SPDX-License-Identifier: Apache-2.0
// Names and shapes of released heads, and where their bytes lie.
#include "real_heads.hpp"

#include "mtp/transfer/geometry.hpp"

#include <algorithm>
#include <utility>

namespace skw::test {

using mtp::Element;
using mtp::Grid;
using mtp::GridShape;
using mtp::OutputTensor;
using mtp::SourceTensor;
using safetensors::Dtype;

void Head::add(const std::string& name, Element element, std::vector<std::uint64_t> shape,
               std::optional<ScaleRecipe> scale, Dtype made)
{
    OutputTensor tensor{name, made, {}};
    tensor.stored.shape = std::move(shape);
    tensor.stored.storage.element = element;
    tensor.stored.source.dtype = element == Element::f32 ? Dtype::f32 : Dtype::bf16;
    tensor.stored.source.end = tensor.stored.elements() * mtp::stored_bits(tensor.stored) / 8;
    ++stored_;
    if (scale) {
        const GridShape blocks =
            mtp::grid_shape(tensor.stored, Grid{{}, scale->block_rows, scale->block_columns, false});
        SourceTensor source{name + "_scale", scale->dtype, {blocks.rows, blocks.columns}, 0, 0, 0};
        source.end = blocks.values_per_matrix() * safetensors::dtype_bits(scale->dtype) / 8;
        tensor.stored.storage.scale = Grid{source, scale->block_rows, scale->block_columns, false};
        ++stored_;
    }
    tensors.push_back(std::move(tensor));
}

void Head::place()
{
    std::ranges::sort(tensors, {}, &OutputTensor::name);
    std::uint64_t at = 100'000;
    const auto put = [&at](SourceTensor& tensor) {
        tensor.end += at - tensor.begin;
        tensor.begin = at;
        at = tensor.end;
    };
    if (apart_) {
        for (OutputTensor& tensor : tensors) {
            if (tensor.stored.storage.scale) {
                put(tensor.stored.storage.scale->tensor);
            }
        }
    }
    for (const Element element : {Element::f32, Element::bf16, Element::fp4, Element::e4m3}) {
        for (OutputTensor& tensor : tensors) {
            if (tensor.stored.storage.element == element) {
                put(tensor.stored.source);
                if (!apart_ && tensor.stored.storage.scale) {
                    put(tensor.stored.storage.scale->tensor);
                }
            }
        }
    }
}

Head deepseek_v3(bool scales_apart)
{
    Head head(scales_apart);
    const std::string layer = "model.layers.61.";
    const ScaleRecipe tiles{Dtype::f32, 128, 128, false};
    constexpr std::uint64_t wide = 7168;
    for (const char* name : {"embed_tokens.weight", "shared_head.head.weight"}) {
        head.add(layer + name, Element::bf16, {129280, wide});
    }
    for (const char* name :
         {"enorm", "hnorm", "shared_head.norm", "input_layernorm", "post_attention_layernorm"}) {
        head.add(layer + name + ".weight", Element::bf16, {wide});
    }
    head.add(layer + "eh_proj.weight", Element::bf16, {wide, 2 * wide});
    head.add(layer + "self_attn.q_a_proj.weight", Element::e4m3, {1536, wide}, tiles);
    head.add(layer + "self_attn.q_a_layernorm.weight", Element::bf16, {1536});
    head.add(layer + "self_attn.q_b_proj.weight", Element::e4m3, {24576, 1536}, tiles);
    head.add(layer + "self_attn.kv_a_proj_with_mqa.weight", Element::e4m3, {576, wide}, tiles);
    head.add(layer + "self_attn.kv_a_layernorm.weight", Element::bf16, {512});
    head.add(layer + "self_attn.kv_b_proj.weight", Element::e4m3, {32768, 512}, tiles);
    head.add(layer + "self_attn.o_proj.weight", Element::e4m3, {wide, 16384}, tiles);
    head.add(layer + "mlp.gate.weight", Element::bf16, {256, wide});
    head.add(layer + "mlp.gate.e_score_correction_bias", Element::f32, {256}, std::nullopt, Dtype::f32);
    for (std::size_t expert = 0; expert <= 256; ++expert) {
        const std::string place =
            layer + (expert == 256 ? "mlp.shared_experts." : "mlp.experts." + std::to_string(expert) + ".");
        head.add(place + "gate_proj.weight", Element::e4m3, {2048, wide}, tiles);
        head.add(place + "up_proj.weight", Element::e4m3, {2048, wide}, tiles);
        head.add(place + "down_proj.weight", Element::e4m3, {wide, 2048}, tiles);
    }
    head.place();
    return head;
}

Head deepseek_v4_experts(bool scales_apart)
{
    Head head(scales_apart);
    const ScaleRecipe groups{Dtype::f8_e8m0, 1, 32, false};
    for (std::size_t expert = 0; expert < 256; ++expert) {
        const std::string place = "mtp.0.ffn.experts." + std::to_string(expert) + ".";
        head.add(place + "w1.weight", Element::fp4, {2048, 4096}, groups);
        head.add(place + "w2.weight", Element::fp4, {4096, 2048}, groups);
        head.add(place + "w3.weight", Element::fp4, {2048, 4096}, groups);
    }
    head.place();
    return head;
}

} // namespace skw::test

// SPDX-License-Identifier: Apache-2.0
// The formulas of the header, with sums that cannot wrap around.
#include "vindex/estimate.hpp"

#include "vindex/sums.hpp"

#include <algorithm>

namespace skw::vindex {
namespace {

constexpr std::uint64_t tokens_kept = 10; // LARQL's default for one feature

std::uint64_t features(const Model& model)
{
    return model.kind == Experts::separate ? times(model.layers, model.experts, model.expert_width)
                                           : times(model.layers, model.width);
}

std::uint64_t attention_layer(const Model& model, std::uint64_t key_heads, std::uint64_t head_size)
{
    const std::uint64_t query = times(model.query_heads, head_size), key = times(key_heads, head_size);
    return plus(plus(q4_bytes(query, model.hidden), q4_bytes(model.hidden, query)),
                plus(q4_bytes(key, model.hidden), q6_bytes(key, model.hidden)));
}

std::uint64_t expert_layer(const Model& model)
{
    const std::uint64_t one = plus(q4_bytes(times(2, model.expert_width), model.hidden),
                                   q4_bytes(model.hidden, model.expert_width));
    return model.experts == 0 ? 0 : plus(24, times(model.experts, plus(32, one)));
}

template<class... More>
std::uint64_t sum(std::uint64_t first, More... more)
{
    std::uint64_t all = first;
    ((all = plus(all, more)), ...);
    return all;
}

} // namespace

std::uint64_t Sizes::full() const
{
    return sum(gate, embeddings, down_meta, attention, feed_forward, experts, router, norms, layer_embeddings,
               head, tokenizer);
}

std::uint64_t Sizes::slice() const
{
    return sum(embeddings, norms, feed_forward, experts, tokenizer);
}

Sizes estimate_sizes(const Model& model, std::uint64_t tokenizer_bytes)
{
    const std::uint64_t all = features(model);
    const std::uint64_t plain_layers = model.layers - model.full_layers;
    Sizes sizes;
    sizes.gate = times(2, all, model.hidden);
    sizes.embeddings = times(2, model.vocabulary, model.hidden);
    sizes.down_meta = sum(16, times(4, model.layers), times(all, 8 + 8 * tokens_kept));
    sizes.attention =
        plus(times(plain_layers, attention_layer(model, model.key_heads, model.head_size)),
             times(model.full_layers, attention_layer(model, model.full_key_heads, model.full_head_size)));
    if (model.kind != Experts::separate) {
        sizes.feed_forward = times(model.layers, plus(times(2, q4_bytes(model.width, model.hidden)),
                                                      q6_bytes(model.hidden, model.width)));
    }
    sizes.experts = times(model.layers, expert_layer(model));
    // Four norms a layer and the last one, in FP32; more than any family has would not show.
    sizes.norms = times(4, plus(times(4, model.layers), 1), model.hidden);
    const std::uint64_t routers = times(model.layers, model.experts, model.hidden);
    if (model.kind == Experts::separate) {
        sizes.router = times(2, routers);
    } else {
        sizes.norms = plus(sizes.norms, times(4, routers));
    }
    sizes.layer_embeddings =
        times(2, model.layers, model.layer_embedding, plus(model.layer_vocabulary, times(3, model.hidden)));
    sizes.head = model.tied_head ? 0 : q4_bytes(model.vocabulary, model.hidden);
    sizes.tokenizer = tokenizer_bytes;
    return sizes;
}

LargestFile find_largest(const Model& model, const Sizes& sizes, bool slice_only)
{
    LargestFile largest{"embeddings.bin", sizes.embeddings};
    const auto consider = [&](const char* name, std::uint64_t bytes) {
        if (bytes > largest.bytes) {
            largest = {name, bytes};
        }
    };
    consider("the interleaved feed-forward file", sizes.feed_forward);
    consider("the expert file of one layer", expert_layer(model));
    consider("norms.bin", sizes.norms);
    if (!slice_only) {
        consider("gate_vectors.bin", sizes.gate);
        consider("down_meta.bin", sizes.down_meta);
        consider("the attention file", sizes.attention);
        consider("router_weights.bin", sizes.router);
        consider("ple_weights.bin", sizes.layer_embeddings);
        consider("the output head file", sizes.head);
    }
    return largest;
}

std::uint64_t estimate_disk(std::uint64_t source_bytes, const Sizes& sizes, bool with_slice)
{
    const std::uint64_t all = sum(source_bytes, sizes.full(), with_slice ? sizes.slice() : 0);
    return plus(all, all / 20);
}

std::uint64_t estimate_memory(const Model& model)
{
    const std::uint64_t down = model.kind == Experts::separate
                                   ? times(8, model.experts, model.expert_width, model.hidden)
                                   : times(8, model.width, model.hidden);
    return sum(times(8, model.vocabulary, model.hidden), times(4 * 1024, model.vocabulary),
               times(700, features(model)), down);
}

double estimate_seconds(const Model& model)
{
    return 2.0 * static_cast<double>(model.vocabulary) * static_cast<double>(model.hidden) *
           static_cast<double>(features(model)) / 0.17e12;
}

} // namespace skw::vindex

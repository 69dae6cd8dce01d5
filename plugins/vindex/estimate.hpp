// SPDX-License-Identifier: Apache-2.0
// What an extraction will take, from the dimensions alone: file sizes, disk, memory, time.
//
// The sizes are those of LARQL's format, exact but for tokenizer and tables; memory is good to about 30 %,
// time is an order of magnitude. larql-vindex notes, section 6, holds the figures they were checked against.
#pragma once

#include "vindex/model.hpp"

#include <cstdint>
#include <string>

namespace skw::vindex {

inline constexpr std::uint64_t upload_limit = 5'000'000'000; // of one file: larql sends it in one piece

// Bytes. H hidden, I width, V vocabulary, L layers, E experts, M their width, T features of all layers
// (L*I, or L*E*M where experts replace the dense network); q4 and q6 as in sums.hpp.
struct Sizes {
    std::uint64_t gate = 0;             // 2*T*H
    std::uint64_t embeddings = 0;       // 2*V*H
    std::uint64_t down_meta = 0;        // 16 + 4*L + T*(8 + 8*10)
    std::uint64_t attention = 0;        // each layer: q4(q,H) + q4(kv,H) + q6(kv,H) + q4(H,q)
    std::uint64_t feed_forward = 0;     // L*(2*q4(I,H) + q6(H,I)), 0 for separate experts
    std::uint64_t experts = 0;          // L*(24 + 32*E + E*(q4(2*M,H) + q4(H,M)))
    std::uint64_t router = 0;           // 2*L*E*H, separate experts
    std::uint64_t norms = 0;            // small; 4*L*E*H more for a hybrid's routers
    std::uint64_t layer_embeddings = 0; // 2*(V*L*P + 2*L*P*H + ...), the table is nearly all of it
    std::uint64_t head = 0;             // q4(V,H) for a head of its own
    std::uint64_t tokenizer = 0;        // as at the source

    std::uint64_t full() const;
    std::uint64_t slice() const; // what the preset expert-server carries
};
Sizes estimate_sizes(const Model& model, std::uint64_t tokenizer_bytes);

struct LargestFile {
    std::string name;
    std::uint64_t bytes = 0;
};
LargestFile find_largest(const Model& model, const Sizes& sizes, bool slice_only);

// Source, whole index and slice lie on the disk at once; 5 % are added for what the formulas leave out.
std::uint64_t estimate_disk(std::uint64_t source_bytes, const Sizes& sizes, bool with_slice);
// The peak: 8*V*H + 4*V*1024 + 700*T + the down matrices of a layer.
std::uint64_t estimate_memory(const Model& model);
// 2*V*H*T operations at 0.17 Tflop/s, what upstream's own figure for a 4B model comes to.
double estimate_seconds(const Model& model);

} // namespace skw::vindex

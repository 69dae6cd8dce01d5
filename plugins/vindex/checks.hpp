// SPDX-License-Identifier: Apache-2.0
// The checks of a finished vindex. LARQL checks little of what it writes: a folder that lacks layers, experts
// or whole files comes with exit 0. Each complaint names the file and both numbers.
#pragma once

#include "vindex/index.hpp"
#include "vindex/local_files.hpp"
#include "vindex/model.hpp"
#include "vindex/source.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::vindex {

// What the folder must be an index of.
struct Asked {
    std::string repo;  // the model as larql was given it
    std::string quant; // "q4k"
    Model model;
    std::uint64_t embedding_rows = 0; // of the source's embedding table; 0: not found, the config counts
    bool has_own_head = false;        // the source has a head tensor that it uses
};

// The two spellings of k-quant file names that LARQL has had.
enum class Names : std::uint8_t { q4k, kquant };
std::string attention_file(Names names);        // "attn_weights_q4k.bin"
std::string feed_forward_file(Names names);     // "interleaved_q4k.bin"
std::string head_file(Names names);             // "lm_head_q4.bin", "lm_head_kquant.bin"
std::string manifest_of(std::string_view file); // "attn_weights_q4k_manifest.json"
std::string expert_file(std::uint64_t layer);   // "layers/layer_00.weights"

// One tensor of a k-quant file.
struct PackedTensor {
    std::string key;
    std::uint64_t rows = 0, columns = 0; // columns with the filling
    std::string format;
    std::uint64_t offset = 0, length = 0;
};

// One expert of a layer file.
struct ExpertRanges {
    std::uint64_t gate_up = 0, gate_up_length = 0, down = 0, down_length = 0;
};
struct ExpertLayer {
    std::uint64_t width = 0;
    std::vector<ExpertRanges> entries;
};

// All of these throw Failure(SKW_E_BAD_INPUT) with the file as its place.

// V1 and V11: no left-over of an unfinished run, one family of names, no file that does not belong, none
// missing.
Names check_files(const Files& files, const Asked& asked);
// V2, V3, V12: version, source, dimensions, the end marks.
void check_index(const Index& index, const Asked& asked);
// V5: the layer table covers gate_vectors.bin.
void check_gate(const Index& index, const Files& files);
// V6: embeddings.bin and down_meta.bin.
void check_embeddings(const Index& index, const Files& files);
void check_down_meta(const Index& index, const LocalFile& file);
// V7: the attention manifest covers its file, four tensors a layer.
std::vector<PackedTensor> check_attention(const Index& index, const Files& files, Names names,
                                          std::string_view manifest_text);
// V8: the same for gate, up and down; empty only where experts replace them.
std::vector<PackedTensor> check_feed_forward(const Index& index, const Asked& asked, const Files& files,
                                             Names names, std::string_view manifest_text);
// V9: one expert file.
ExpertLayer check_expert_file(const Index& index, const Asked& asked, const LocalFile& file);
// V9: as many of them as layers, and what index.json says about experts.
void check_experts(const Index& index, const Asked& asked, const Files& files);
// The routers that choose between experts: a row for each expert and layer, with or without biases.
void check_routers(const Index& index, const Asked& asked, const Files& files);
// Settings that larql copies as they are, against the staged source. Gives those it has left out.
std::vector<std::string> check_copies(const std::filesystem::path& folder,
                                      const std::filesystem::path& staged, const Files& files);
// V10: what weight_manifest.json names, and that nothing is missing from it. Gives the vectors of norms.bin.
std::vector<PackedTensor> check_weights(const Index& index, const Asked& asked, const Files& files,
                                        Names names, std::string_view manifest_text);

// V4: file -> SHA-256 of every file against the checksums of index.json.
using Hashes = std::map<std::string, std::string, std::less<>>;
void check_hashes(const Index& index, const Hashes& hashes);

// V13: the slice holds just what its preset copies, unchanged.
void check_slice(const Files& full, const Hashes& full_hashes, std::string_view full_index,
                 const Files& slice, const Hashes& slice_hashes, std::string_view slice_index);
// The files of a full vindex that the preset expert-server copies.
std::vector<std::string> slice_files(const Files& full);

// V14: rows of every kind of file against the source's tensors.
struct SampleInput {
    const std::filesystem::path& folder;
    const Index& index;
    const Source& source;
    Names names;
    const std::vector<PackedTensor>& attention;
    const std::vector<PackedTensor>& feed_forward;
    const std::vector<ExpertLayer>& experts; // by layer; empty without
    const std::vector<PackedTensor>& norms;  // vectors of norms.bin
    bool has_head_file;
};
// Gives what could not be compared, one sentence each. tick is called often and may throw.
std::vector<std::string> check_samples(const SampleInput& input, const std::function<void()>& tick);

} // namespace skw::vindex

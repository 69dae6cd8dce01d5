// SPDX-License-Identifier: Apache-2.0
// The staged checkpoint: its shards checked, its tensors found by name, single rows of them as floats.
#pragma once

#include "vindex/local_files.hpp"

#include "safetensors/reader.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::vindex {

// One file of the source's listing.
struct SourceFile {
    std::string path;
    std::uint64_t size = 0;
};

// What of a listing LARQL reads, and so what is staged.
struct Selection {
    std::vector<SourceFile> shards;                         // in the order of their names
    std::vector<SourceFile> others;                         // config, tokenizer, templates, the index
    std::map<std::string, std::string, std::less<>> placed; // tensor -> shard path, as the index says

    std::uint64_t bytes() const;
    std::uint64_t shard_bytes() const;
    std::uint64_t tokenizer_bytes() const;
    std::vector<std::string> paths() const;
};

// The index of a listing that has one, by path; "" otherwise.
std::string find_index(const std::vector<SourceFile>& listing);

// needs   index_text the file that find_index names, "" without one
// fails   Failure(SKW_E_BAD_INPUT): no weights, a shard that the index names and the listing lacks, no
//         config.json or tokenizer.json
Selection select_files(const std::vector<SourceFile>& listing, std::string_view index_text);

struct SourceTensor {
    std::size_t shard = 0;
    safetensors::Tensor tensor;
    std::uint64_t begin = 0; // in the file

    std::uint64_t columns() const noexcept { return tensor.shape.empty() ? 1 : tensor.shape.back(); }
    std::uint64_t rows() const noexcept; // all dimensions but the last, multiplied
};

class Source {
public:
    // Opens every shard below `root` and checks it: size as listed, header and data as long as the file,
    // every tensor where the index puts it. Throws Failure(SKW_E_BAD_INPUT).
    Source(const std::filesystem::path& root, const Selection& selection);

    // By its full name, or by what is left of it without the prefixes that families put before the text
    // part ("model.", "language_model.", ...). null: no such tensor, or one of another part of the model.
    const SourceTensor* find(std::string_view name) const;
    // needs   row < tensor.rows()
    std::vector<float> row(const SourceTensor& tensor, std::uint64_t row) const;
    std::size_t tensor_count() const noexcept { return tensors_.size(); }

private:
    void read_shard(std::size_t number, const Selection& selection);

    std::vector<LocalFile> shards_;
    std::map<std::string, SourceTensor, std::less<>> tensors_;
    std::map<std::string, std::string, std::less<>> short_names_; // short -> full
};

// "layers.0.mlp.up_proj.weight" of "model.language_model.layers.0.mlp.up_proj.weight"; "" for towers of
// images and sound, which no vindex holds.
std::string short_name(std::string_view name);

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// Which files of a checkpoint count, and which tensor names they hold together. Pure: no bytes are read here.
#pragma once

#include "mtp/checkpoint/index.hpp"
#include "mtp/checkpoint/tensor.hpp"

#include "safetensors/reader.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

struct ListedFile {
    std::string path;
    std::uint64_t size = 0;
};

// The files of the root folder that count; sub-folders, consolidated* and adapter* do not.
struct CheckpointFiles {
    std::optional<ListedFile> config, index;
    std::vector<ListedFile> weights; // *.safetensors, by name

    const ListedFile* find_weights(std::string_view name) const;
};
// fails   sdk::Failure: several indexes and none is model.safetensors.index.json
CheckpointFiles choose_files(std::span<const ListedFile> listing);

// A checkpoint's MTP candidates as they become known: first from the index, then from the headers.
class Universe {
public:
    // fails   sdk::Failure that names the index: a shard that is not in the listing
    Universe(const CheckpointFiles& files, std::optional<Index> index, std::string index_file);

    // Weight files that the index does not mention (all of them without an index): only their headers tell.
    const std::vector<std::string>& unindexed() const noexcept { return unindexed_; }
    // The names known so far.
    std::vector<std::string> names() const;
    // The files that hold candidates, by name.
    std::vector<std::string> shards() const;

    // Takes the candidates of one header. The header is the authority on what a file holds.
    // gives   names that the index does not know, for a warning
    // fails   sdk::Failure: a name that the index places here but the header lacks; a name with two homes
    std::vector<std::string> add_header(const std::string& file,
                                        const std::vector<safetensors::Tensor>& tensors,
                                        std::uint64_t data_begin);

    // The candidates with their bytes, once all headers are in; SourceTensor::shard counts in shards().
    std::vector<SourceTensor> tensors() const;

private:
    struct Home {
        std::string file;
        std::optional<SourceTensor> tensor; // as soon as its header was read
    };
    std::string index_file_;
    std::vector<std::string> unindexed_;
    std::map<std::string, Home, std::less<>> homes_;           // by tensor name
    std::map<std::string, std::size_t, std::less<>> expected_; // names of the index whose header is to come
    std::size_t names_bytes_ = 0;
};

} // namespace skw::mtp

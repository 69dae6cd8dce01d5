// SPDX-License-Identifier: Apache-2.0
// Reconciles listing, index and headers; every disagreement that could lose or double a tensor is refused.
#include "mtp/checkpoint/universe.hpp"

#include <skw/failure.hpp>

#include "safetensors/error.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace skw::mtp {

namespace {

using safetensors::printable_name;

constexpr std::string_view index_ending = ".safetensors.index.json";

bool is_ignored(std::string_view name)
{
    return name.starts_with("consolidated") || name.starts_with("adapter");
}

} // namespace

const ListedFile* CheckpointFiles::find_weights(std::string_view name) const
{
    const auto at = std::ranges::lower_bound(weights, name, {}, &ListedFile::path);
    return at != weights.end() && at->path == name ? &*at : nullptr;
}

CheckpointFiles choose_files(std::span<const ListedFile> listing)
{
    CheckpointFiles files;
    std::vector<ListedFile> indexes;
    for (const ListedFile& file : listing) {
        if (!is_plain_file_name(file.path) || is_ignored(file.path)) {
            continue;
        }
        if (file.path == "config.json") {
            files.config = file;
        } else if (file.path.ends_with(index_ending)) {
            indexes.push_back(file);
        } else if (file.path.ends_with(".safetensors")) {
            files.weights.push_back(file);
        }
    }
    std::ranges::sort(files.weights, {}, &ListedFile::path);
    const auto usual = std::ranges::find(indexes, "model.safetensors.index.json", &ListedFile::path);
    if (usual != indexes.end()) {
        files.index = *usual;
    } else if (indexes.size() == 1) {
        files.index = indexes.front();
    } else if (indexes.size() > 1) {
        throw sdk::Failure(SKW_E_BAD_INPUT,
                           printable_name(indexes[0].path) + ", " + printable_name(indexes[1].path),
                           "several indexes, and none is model.safetensors.index.json; it is not clear which "
                           "one describes the model");
    }
    return files;
}

Universe::Universe(const CheckpointFiles& files, std::optional<Index> index, std::string index_file)
    : index_file_(std::move(index_file))
{
    std::set<std::string, std::less<>> indexed;
    if (index) {
        for (const std::string& shard : index->shards) {
            if (files.find_weights(shard) == nullptr) {
                throw sdk::Failure(SKW_E_BAD_INPUT, index_file_,
                                   "it names the file '" + printable_name(shard) +
                                       "', which is not in the repository",
                                   "the upload of the checkpoint may be incomplete; use a complete revision");
            }
            indexed.insert(shard);
        }
        for (IndexedName& one : index->names) {
            names_bytes_ += one.name.size();
            ++expected_[index->shards[one.shard]];
            homes_.emplace(std::move(one.name), Home{index->shards[one.shard], std::nullopt});
        }
    }
    for (const ListedFile& file : files.weights) {
        if (!indexed.contains(file.path)) {
            unindexed_.push_back(file.path);
        }
    }
}

std::vector<std::string> Universe::names() const
{
    std::vector<std::string> out;
    out.reserve(homes_.size());
    for (const auto& [name, home] : homes_) {
        out.push_back(name);
    }
    return out;
}

std::vector<std::string> Universe::shards() const
{
    std::set<std::string> files;
    for (const auto& [name, home] : homes_) {
        files.insert(home.file);
    }
    return {files.begin(), files.end()};
}

std::vector<std::string> Universe::add_header(const std::string& file,
                                              const std::vector<safetensors::Tensor>& tensors,
                                              std::uint64_t data_begin)
{
    const bool indexed = !std::ranges::binary_search(unindexed_, file); // in the order of the listing: sorted
    std::size_t& expected = expected_[file];
    std::vector<std::string> unknown;
    for (const safetensors::Tensor& tensor : tensors) {
        const auto [at, is_new] = homes_.try_emplace(tensor.name, Home{file, std::nullopt});
        if (at->second.file != file) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file),
                               "it holds the tensor '" + printable_name(tensor.name) +
                                   "', which is also in '" + printable_name(at->second.file) +
                                   "'; a tensor must have one home");
        }
        if (is_new) {
            names_bytes_ += tensor.name.size();
            if (homes_.size() > head_names_limit || names_bytes_ > head_names_bytes_limit) {
                throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file), too_many_head_names());
            }
            if (indexed) {
                unknown.push_back(tensor.name);
            }
        }
        expected -= !is_new && !at->second.tensor ? 1u : 0u;
        at->second.tensor = SourceTensor{
            tensor.name, tensor.dtype, tensor.shape, 0, data_begin + tensor.begin, data_begin + tensor.end};
    }
    if (expected == 0) {
        return unknown;
    }
    for (const auto& [name, home] : homes_) {
        if (home.file == file && !home.tensor) {
            throw sdk::Failure(SKW_E_BAD_INPUT, printable_name(file),
                               "the index " + index_file_ + " places '" + printable_name(name) +
                                   "' here, but the file's header does not have it");
        }
    }
    return unknown;
}

std::vector<SourceTensor> Universe::tensors() const
{
    const std::vector<std::string> files = shards();
    std::vector<SourceTensor> out;
    out.reserve(homes_.size());
    for (const auto& [name, home] : homes_) {
        if (home.tensor) {
            out.push_back(*home.tensor);
            out.back().shard =
                static_cast<std::size_t>(std::ranges::lower_bound(files, home.file) - files.begin());
        }
    }
    return out;
}

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Chooses files by path: repositories hold further checkpoints (original/, consolidated, adapters) that LARQL
// would map together with the right one.
#include "vindex/json_fields.hpp"
#include "vindex/source.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace skw::vindex {
namespace {

constexpr std::size_t shards_limit = 2000;
constexpr std::size_t placed_limit = 1'000'000;
constexpr std::string_view index_name = "model.safetensors.index.json";
constexpr std::string_view weights_folder = "weights/";
constexpr std::array<std::string_view, 6> side_files = {"config.json",
                                                        "tokenizer.json",
                                                        "tokenizer_config.json",
                                                        "special_tokens_map.json",
                                                        "generation_config.json",
                                                        "chat_template.jinja"};

[[noreturn]] void refuse(std::string_view place, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(place), std::move(text));
}

const SourceFile* find_file(const std::vector<SourceFile>& listing, std::string_view path)
{
    const auto found = std::ranges::find(listing, path, &SourceFile::path);
    return found == listing.end() ? nullptr : &*found;
}

bool lies_in(std::string_view path, std::string_view folder)
{
    return path.starts_with(folder) && path.find('/', folder.size()) == std::string_view::npos;
}

// Where LARQL looks: at the root, in weights/ only if the root has no shard.
std::string_view folder_of_shards(const std::vector<SourceFile>& listing)
{
    const bool at_root = std::ranges::any_of(listing, [](const SourceFile& file) {
        return file.path.ends_with(".safetensors") && lies_in(file.path, "");
    });
    return at_root ? std::string_view() : weights_folder;
}

std::vector<SourceFile> shards_of_index(const std::vector<SourceFile>& listing, std::string_view index_text,
                                        std::string_view index_path, Selection& selection)
{
    const std::string place(index_path);
    const json::object index = read_json_object(index_text, place);
    const std::string folder(folder_of_shards(listing));
    std::set<std::string> names;
    for (const auto& [tensor, file] : Fields(index, place).object("weight_map")) {
        const json::string* text = file.if_string();
        const std::string name = text != nullptr ? std::string(*text) : std::string();
        if (!name.ends_with(".safetensors") || name.find('/') != std::string::npos || name.front() == '.') {
            refuse(place, "it places '" + shown(tensor) + "' in '" + shown(name) +
                              "', which is no safetensors file beside the index");
        }
        if (selection.placed.size() == placed_limit || names.size() > shards_limit) {
            refuse(place, "it names more tensors or files than any model has");
        }
        names.insert(name);
        selection.placed[std::string(tensor)] = folder + name;
    }
    std::vector<SourceFile> shards;
    for (const std::string& name : names) {
        const SourceFile* file = find_file(listing, folder + name);
        if (file == nullptr) {
            refuse(place, "it names " + shown(name) +
                              ", which the repository does not hold; LARQL would leave "
                              "those layers out without a word");
        }
        shards.push_back(*file);
    }
    return shards;
}

std::vector<SourceFile> shards_without_index(const std::vector<SourceFile>& listing)
{
    const std::string folder(folder_of_shards(listing));
    if (const SourceFile* single = find_file(listing, folder + "model.safetensors")) {
        return {*single};
    }
    std::vector<SourceFile> shards;
    std::ranges::copy_if(listing, std::back_inserter(shards), [&](const SourceFile& file) {
        return file.path.ends_with(".safetensors") && lies_in(file.path, folder);
    });
    std::ranges::sort(shards, {}, &SourceFile::path);
    return shards;
}

std::uint64_t total(const std::vector<SourceFile>& files)
{
    std::uint64_t sum = 0;
    for (const SourceFile& file : files) {
        sum = plus(sum, file.size);
    }
    return sum;
}

} // namespace

std::string find_index(const std::vector<SourceFile>& listing)
{
    const std::string path = std::string(folder_of_shards(listing)) + std::string(index_name);
    const bool beside = find_file(listing, path) != nullptr;
    return beside                                      ? path
           : find_file(listing, index_name) != nullptr ? std::string(index_name)
                                                       : std::string();
}

Selection select_files(const std::vector<SourceFile>& listing, std::string_view index_text)
{
    Selection selection;
    const std::string index = find_index(listing);
    selection.shards = index.empty() ? shards_without_index(listing)
                                     : shards_of_index(listing, index_text, index, selection);
    if (selection.shards.empty() || selection.shards.size() > shards_limit) {
        refuse("source",
               selection.shards.empty()
                   ? "the repository holds no .safetensors weights at its root or in weights/; LARQL "
                     "reads nothing else here"
                   : "the repository holds more shards than any model has");
    }
    for (const std::string_view name : side_files) {
        if (const SourceFile* file = find_file(listing, name)) {
            selection.others.push_back(*file);
        } else if (name == "config.json" || name == "tokenizer.json") {
            refuse("source", "the repository holds no " + std::string(name) + ", which LARQL needs");
        }
    }
    if (!index.empty()) {
        selection.others.push_back(*find_file(listing, index));
    }
    return selection;
}

std::uint64_t Selection::shard_bytes() const
{
    return total(shards);
}

std::uint64_t Selection::bytes() const
{
    return plus(total(shards), total(others));
}

std::uint64_t Selection::tokenizer_bytes() const
{
    const SourceFile* file = find_file(others, "tokenizer.json");
    return file == nullptr ? 0 : file->size;
}

std::vector<std::string> Selection::paths() const
{
    std::vector<std::string> paths;
    for (const std::vector<SourceFile>* part : {&shards, &others}) {
        std::ranges::transform(*part, std::back_inserter(paths), &SourceFile::path);
    }
    std::ranges::sort(paths);
    return paths;
}

} // namespace skw::vindex

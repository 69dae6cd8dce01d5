// SPDX-License-Identifier: Apache-2.0
// The slice expert-server against the vindex it was cut from: LARQL copies files and rewrites index.json.
#include "vindex/checks.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>

namespace skw::vindex {
namespace {

constexpr std::array<std::string_view, 5> copied = {"index.json", "embeddings.bin", "norms.bin",
                                                    "tokenizer.json", "weight_manifest.json"};
constexpr std::array<std::string_view, 2> copied_prefixes = {"interleaved_", "layers/"};
constexpr std::array<std::string_view, 2> rewritten = {"extract_level", "has_model_weights"};

[[noreturn]] void refuse(std::string_view file, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, shown(file), std::move(text));
}

bool is_copied(std::string_view name)
{
    return std::ranges::find(copied, name) != copied.end() ||
           std::ranges::any_of(copied_prefixes,
                               [&](std::string_view prefix) { return name.starts_with(prefix); });
}

json::object without_rewritten(std::string_view text)
{
    json::object index = read_json_object(text, index_file);
    for (const std::string_view name : rewritten) {
        index.erase(name);
    }
    return index;
}

} // namespace

std::vector<std::string> slice_files(const Files& full)
{
    std::vector<std::string> names;
    for (const auto& [name, size] : full) {
        if (is_copied(name)) {
            names.push_back(name);
        }
    }
    return names;
}

void check_slice(const Files& full, const Hashes& full_hashes, std::string_view full_index,
                 const Files& slice, const Hashes& slice_hashes, std::string_view slice_index)
{
    for (const std::string& name : slice_files(full)) {
        if (!slice.contains(name)) {
            refuse(name, "the slice lacks it");
        }
    }
    for (const auto& [name, size] : slice) {
        if (!full.contains(name) || !is_copied(name)) {
            refuse(name, "it does not belong into an expert-server slice");
        }
        const auto wanted = full_hashes.find(name), found = slice_hashes.find(name);
        const bool same =
            wanted != full_hashes.end() && found != slice_hashes.end() && wanted->second == found->second;
        if (name != index_file && !same) {
            refuse(name, "its copy in the slice differs from the one in the whole vindex");
        }
    }
    const json::object sliced = read_json_object(slice_index, index_file);
    const Fields fields(sliced, std::string(index_file));
    if (!fields.has("extract_level") || !fields.truth("has_model_weights")) {
        refuse(index_file, "the slice's has no extract_level, or says that it holds no weights");
    }
    if (without_rewritten(full_index) != without_rewritten(slice_index)) {
        refuse(index_file, "the slice's differs from the whole vindex's in more than extract_level and "
                           "has_model_weights");
    }
}

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// Which files a full vindex has: those it must have, those it may have, and nothing else.
#include "vindex/checks.hpp"

#include "vindex/json_fields.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace skw::vindex {
namespace {

constexpr std::string_view checkpoint = ".extract_checkpoint.json";

constexpr std::string_view needed[] = {"index.json",          "tokenizer.json", "gate_vectors.bin",
                                       "embeddings.bin",      "down_meta.bin",  "norms.bin",
                                       "weight_manifest.json"};
constexpr std::string_view allowed[] = {
    "router_weights.bin",     "ple_weights.bin",     "tokenizer_config.json",  "special_tokens_map.json",
    "generation_config.json", "chat_template.jinja", "relation_clusters.json", "feature_labels.json",
    "feature_clusters.jsonl", "knn_store.bin"};
// "*" stands for the spelling of the family.
constexpr std::string_view packed_needed[] = {"attn_weights_*.bin", "attn_weights_*_manifest.json",
                                              "interleaved_*.bin", "interleaved_*_manifest.json"};
constexpr std::string_view packed_allowed[] = {"down_features_*.bin", "down_features_*_manifest.json"};

std::string with_family(std::string_view pattern, Names names)
{
    std::string name(pattern);
    return name.replace(name.find('*'), 1, names == Names::q4k ? "q4k" : "kquant");
}

std::vector<std::string> packed_names(Names names)
{
    std::vector<std::string> all = {head_file(names)};
    for (const std::string_view pattern : packed_needed) {
        all.push_back(with_family(pattern, names));
    }
    for (const std::string_view pattern : packed_allowed) {
        all.push_back(with_family(pattern, names));
    }
    return all;
}

[[noreturn]] void refuse(std::string_view file, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, shown(file), std::move(text));
}

std::string first_of_family(const Files& files, Names names)
{
    for (const std::string& name : packed_names(names)) {
        if (files.contains(name)) {
            return name;
        }
    }
    return {};
}

Names find_family(const Files& files)
{
    const std::string old_name = first_of_family(files, Names::q4k);
    const std::string new_name = first_of_family(files, Names::kquant);
    if (!old_name.empty() && !new_name.empty()) {
        refuse(new_name,
               "it lies beside " + old_name +
                   ": the folder mixes the file names of two generations of LARQL, and a reader may "
                   "take the wrong ones");
    }
    return new_name.empty() ? Names::q4k : Names::kquant;
}

bool is_expert_file(std::string_view name)
{
    constexpr std::string_view head = "layers/layer_", tail = ".weights";
    if (!name.starts_with(head) || !name.ends_with(tail) || name.size() <= head.size() + tail.size()) {
        return false;
    }
    const std::string_view number = name.substr(head.size(), name.size() - head.size() - tail.size());
    return number.size() <= 4 && std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

template<class List>
bool holds(const List& list, std::string_view name)
{
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

} // namespace

std::string attention_file(Names names)
{
    return with_family(packed_needed[0], names);
}

std::string feed_forward_file(Names names)
{
    return with_family(packed_needed[2], names);
}

std::string head_file(Names names)
{
    return names == Names::q4k ? "lm_head_q4.bin" : "lm_head_kquant.bin";
}

std::string manifest_of(std::string_view file)
{
    return std::string(file.substr(0, file.rfind('.'))) + "_manifest.json";
}

std::string expert_file(std::uint64_t layer)
{
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "layers/layer_%02llu.weights",
                  static_cast<unsigned long long>(layer));
    return text.data();
}

Names check_files(const Files& files, const Asked& asked)
{
    if (files.contains(checkpoint)) {
        refuse(checkpoint, "the extraction did not finish: its checkpoint is still there");
    }
    const Names names = find_family(files);
    const std::vector<std::string> packed = packed_names(names);
    for (const auto& [name, size] : files) {
        if (is_expert_file(name)) {
            if (asked.model.kind == Experts::none) {
                refuse(name, "the source has no experts, but the folder holds an expert file");
            }
        } else if (name.starts_with('.') || name.find("/.") != std::string::npos) {
            refuse(name, "a hidden file does not belong into a vindex");
        } else if (!holds(needed, name) && !holds(allowed, name) && !holds(packed, name)) {
            refuse(name, "it does not belong into a vindex of quant " + asked.quant);
        }
    }
    std::vector<std::string> wanted(std::begin(needed), std::end(needed));
    for (const std::string_view pattern : packed_needed) {
        wanted.push_back(with_family(pattern, names));
    }
    for (const std::string& name : wanted) {
        const auto found = files.find(name);
        if (found == files.end()) {
            refuse(name, "it is missing; the extraction did not write it");
        }
        const bool may_be_empty = asked.model.kind == Experts::separate && name == feed_forward_file(names);
        if (found->second == 0 && !may_be_empty) {
            refuse(name, "it is empty");
        }
    }
    return names;
}

std::vector<std::string> check_copies(const std::filesystem::path& folder,
                                      const std::filesystem::path& staged, const Files& files)
{
    std::vector<std::string> left_out;
    static constexpr std::array copied = {"tokenizer_config.json", "special_tokens_map.json",
                                          "generation_config.json", "chat_template.jinja"};
    constexpr std::uint64_t limit = 64u << 20;
    for (const char* name : copied) {
        std::error_code none;
        const bool in_source = std::filesystem::is_regular_file(staged / name, none);
        if (!files.contains(name)) {
            if (in_source) {
                left_out.emplace_back(name);
            }
            continue;
        }
        if (!in_source || LocalFile(folder / name, name).read_all(limit) !=
                              LocalFile(staged / name, name).read_all(limit)) {
            refuse(name, in_source ? "it is not the source's" : "it does not come from the source");
        }
    }
    return left_out;
}

} // namespace skw::vindex

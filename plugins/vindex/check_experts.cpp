// SPDX-License-Identifier: Apache-2.0
// The files of a model's experts. LARQL may leave the whole store out, and nothing else shows it.
#include "vindex/checks.hpp"

#include "vindex/sums.hpp"

#include <skw/failure.hpp>

#include <algorithm>
#include <array>

namespace skw::vindex {
namespace {

constexpr std::string_view magic = "LYRW";
constexpr std::uint32_t format_version = 1;
constexpr std::uint32_t format_q4_k = 4;
constexpr std::size_t head_bytes = 24, entry_bytes = 32;

[[noreturn]] void refuse(std::string_view file, std::string text)
{
    throw sdk::Failure(SKW_E_BAD_INPUT, std::string(file), std::move(text));
}

std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t at, std::size_t width)
{
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) {
        value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
    }
    return value;
}

void require_equal(const LocalFile& file, std::string_view what, std::uint64_t found, std::uint64_t wanted)
{
    if (found != wanted) {
        refuse(file.shown(),
               std::string(what) + " is " + std::to_string(found) + " and must be " + std::to_string(wanted));
    }
}

} // namespace

ExpertLayer check_expert_file(const Index& index, const Asked& asked, const LocalFile& file)
{
    std::array<std::byte, head_bytes> head{};
    file.read_exactly(0, head);
    const std::string_view begin(reinterpret_cast<const char*>(head.data()), magic.size());
    if (begin != magic || number_at(head, 4, 4) != format_version) {
        refuse(file.shown(), "it does not begin as an expert file of version 1 does");
    }
    if (number_at(head, 8, 4) != format_q4_k) {
        refuse(file.shown(), "its experts are of format " + std::to_string(number_at(head, 8, 4)) +
                                 ", where Q4_K (4) belongs: the vindex mixes quantizations");
    }
    require_equal(file, "the number of experts", number_at(head, 12, 4), asked.model.experts);
    require_equal(file, "the width of an expert", number_at(head, 16, 4), asked.model.expert_width);
    require_equal(file, "the hidden size", number_at(head, 20, 4), index.hidden);

    std::vector<std::byte> table(static_cast<std::size_t>(asked.model.experts) * entry_bytes);
    file.read_exactly(head_bytes, table);
    ExpertLayer layer;
    layer.width = asked.model.expert_width;
    const std::uint64_t both = q4_bytes(times(2, layer.width), index.hidden);
    const std::uint64_t down = q4_bytes(index.hidden, layer.width);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (std::size_t at = 0; at < table.size(); at += entry_bytes) {
        const ExpertRanges entry{number_at(table, at, 8), number_at(table, at + 8, 8),
                                 number_at(table, at + 16, 8), number_at(table, at + 24, 8)};
        const std::string name = "expert " + std::to_string(at / entry_bytes);
        require_equal(file, name + ": the length of gate and up", entry.gate_up_length, both);
        require_equal(file, name + ": the length of down", entry.down_length, down);
        ranges.emplace_back(entry.gate_up, entry.gate_up_length);
        ranges.emplace_back(entry.down, entry.down_length);
        layer.entries.push_back(entry);
    }
    std::ranges::sort(ranges);
    std::uint64_t end = plus(head_bytes, table.size());
    for (const auto& [offset, length] : ranges) {
        require_equal(file, "the begin of a part", offset, end);
        end = plus(end, length);
    }
    if (end != file.size()) {
        refuse(file.shown(),
               "it has " + std::to_string(file.size()) + " bytes, its experts end at " + std::to_string(end));
    }
    return layer;
}

void check_experts(const Index& index, const Asked& asked, const Files& files)
{
    const bool wanted = asked.model.kind != Experts::none;
    if (index.has_experts != wanted) {
        refuse(index_file, wanted ? "model_config.moe is missing, but the source has " +
                                        std::to_string(asked.model.experts) + " experts a layer"
                                  : std::string("model_config.moe is set, but the source has no experts"));
    }
    if (!wanted) {
        return;
    }
    if (index.experts != asked.model.experts) {
        refuse(index_file, "model_config.moe.num_experts is " + std::to_string(index.experts) +
                               ", the source's config.json says " + std::to_string(asked.model.experts));
    }
    if (index.hybrid != (asked.model.kind == Experts::hybrid)) {
        refuse(index_file, "model_config.moe.hybrid is wrong for a model of type " + shown(asked.model.type));
    }
    if (index.hybrid && index.ffn_layout != "per_layer") {
        refuse(index_file, "ffn_layout is '" + shown(index.ffn_layout) +
                               "' and must be 'per_layer': the experts were not written");
    }
    const auto found = static_cast<std::uint64_t>(
        std::ranges::count_if(files, [](const auto& file) { return file.first.starts_with("layers/"); }));
    if (found != index.layers) {
        refuse("layers/", "it holds " + std::to_string(found) + " expert files, the model has " +
                              std::to_string(index.layers) + " layers with experts" +
                              (found == 0 ? "; LARQL left the experts out" : ""));
    }
    for (std::uint64_t layer = 0; layer < index.layers; ++layer) {
        if (!files.contains(expert_file(layer))) {
            refuse(expert_file(layer), "it is missing");
        }
    }
}

void check_routers(const Index& index, const Asked& asked, const Files& files)
{
    static constexpr std::string_view name = "router_weights.bin";
    const auto file = files.find(name);
    if (file == files.end()) {
        if (asked.model.kind == Experts::separate) { // a hybrid model's may lie in norms.bin
            refuse(name, "it is missing");
        }
        return;
    }
    const std::uint64_t rows = times(index.layers, asked.model.experts); // of f16
    const std::uint64_t bare = times(2, rows, index.hidden), biased = times(2, rows, plus(index.hidden, 1));
    if (file->second != bare && file->second != biased) {
        refuse(name, "it has " + std::to_string(file->second) + " bytes and must have " +
                         std::to_string(bare) + ", or " + std::to_string(biased) + " with biases");
    }
}

} // namespace skw::vindex

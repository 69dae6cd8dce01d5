// SPDX-License-Identifier: Apache-2.0
// The sidecar file before it exists: its header, the order of its tensors, and the ranges to read for them.
#pragma once

#include "mtp/fetch.hpp"

#include "safetensors/writer.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::mtp {

// Where the sidecar comes from, as it is recorded in it.
struct Origin {
    std::string repo;
    std::string revision; // 40 hex digits, or "" if it is not known
    std::string tool;     // "skulk-weights 0.1.0"
};

// The header's __metadata__: only what is known, texts only.
std::map<std::string, std::string> make_metadata(const Head& head, const Origin& origin);

// One request: neighbours in the output that are near neighbours in one shard too.
struct Range {
    std::size_t shard = 0;
    std::uint64_t begin = 0, end = 0; // bytes of the file; gaps between its tensors included
    std::size_t first = 0, last = 0;  // tensors of the output, [first, last)
};
inline constexpr std::uint64_t merge_gap_bytes = 64u << 10; // a larger gap costs more than a request

// Ranges for tensors in output order. Empty tensors need no bytes and break nothing.
std::vector<Range> plan_ranges(std::span<const SelectedTensor> ordered);

struct Output {
    safetensors::Layout layout;
    std::vector<SelectedTensor> ordered; // as layout.tensors
    std::vector<Range> ranges;
};
// fails   sdk::Failure (a header no reader would take)
Output plan_output(const Head& head, const Origin& origin);

} // namespace skw::mtp

// SPDX-License-Identifier: Apache-2.0
// Reads what a checkpoint says about its MTP head through the host: config, index, headers; no tensor data.
#pragma once

#include "mtp/formats.hpp"
#include "mtp/layout.hpp"

#include <skw/services.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skw::mtp {

inline constexpr std::uint64_t config_limit = 16u << 20;
inline constexpr std::uint64_t index_limit = 64u << 20;
inline constexpr std::uint64_t header_probe_bytes = 64u << 10; // of the first request for a header
inline constexpr std::size_t unindexed_limit = 1000;           // headers that are read only to look

// What was asked of the Hub.
struct Meter {
    std::uint64_t requests = 0;
    std::uint64_t bytes_read = 0;
};

struct Head {
    Detection detection;
    Selection selection;
    std::vector<std::string> shards; // the files that hold its tensors
};

// Finds the head of the plan's input and checks it, telling the operator as it goes.
// needs   input: its id; source: the repo, for messages; buffer of at least 64 KiB, for the call only
// fails   sdk::Failure; everything hostile in the checkpoint is one, with the file and the reason
Head read_head(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
               const std::string& source, std::span<std::byte> buffer, Meter& meter);

} // namespace skw::mtp

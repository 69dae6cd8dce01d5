// SPDX-License-Identifier: Apache-2.0
// Reads what a checkpoint says about its MTP head through the host: config, index, headers; no tensor data.
#pragma once

#include "mtp/head/layout.hpp"
#include "mtp/options.hpp"
#include "mtp/storage/storage.hpp"
#include "mtp/transfer/transfer.hpp"

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
inline constexpr std::size_t survey_buffer_bytes = 1u << 20;
inline constexpr std::size_t unindexed_limit = 1000; // headers that are read only to look

// A head as its checkpoint describes it.
struct Head {
    Detection detection;
    TextConfig config;
    StoredHead stored;
    std::uint64_t names = 0;         // of its tensors as they are stored, scales included
    std::vector<std::string> shards; // the files that hold its tensors, by SourceTensor::shard
    std::vector<Refusal> refusals;   // why it is not taken, in the order in which a run would stop
};

// What a survey tells while it reads; each call may do nothing.
class SurveyEvents {
public:
    virtual ~SurveyEvents() = default;
    virtual void found(std::size_t shards, const std::vector<std::string>& prefixes);
    virtual void reading(std::size_t number, std::size_t shards, const std::string& file);
    virtual void ready(std::size_t number, std::size_t shards);
};

// Finds the head of an input and reads all its headers.
// needs   input: its id; source: the repo, for messages; buffer of at least 64 KiB, for the call only
// fails   sdk::Failure: there is no head; a checkpoint that is broken or hostile, with file and reason
Head read_head(const sdk::Call& call, const sdk::Hub& hub, const std::string& input,
               const std::string& source, const Options& options, std::span<std::byte> buffer, Meter& meter,
               SurveyEvents& events);

} // namespace skw::mtp

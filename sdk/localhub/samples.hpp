// SPDX-License-Identifier: Apache-2.0
// Sample repos as plans: which there are, and what each consists of. Nothing here touches a disk.
#pragma once

#include "localhub/sample.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct SeedOptions {
    std::string sample; // a name of seed_samples()
    std::string repo;   // "" = the sample's own
    // qwen-mtp: 1, 2, 4 ... 64, by which linear dimensions are divided (16 when absent). Samples of MTP
    // families: 1 for the real dimensions, where seed_samples() says that they are known; absent for small
    // ones.
    std::optional<std::uint64_t> scale{};
    SampleType mtp_type = SampleType::bf16; // qwen-mtp
    bool single_file = false;  // qwen-mtp and MTP families: one model.safetensors without an index
    std::uint64_t experts = 0; // MTP families with experts: so many in each layer; 0 = the sample's own
    // vision
    std::uint64_t bytes = 0; // of all weight files together; 0 = a few MB
    std::uint64_t files = 2; // weight files
    // vindex-source
    bool moe = false;       // experts behind a router in place of the MLP
    bool untied = false;    // an output head of its own
    bool synthetic = false; // shards are described, not written; a server computes their bytes
};

struct SeedSample {
    std::string name, repo, summary;
    bool family = false;  // made by a row of families/
    bool real = false;    // `scale` 1 is understood
    bool experts = false; // `experts` is understood
};
const std::vector<SeedSample>& seed_samples();

// What a sample consists of: small files by path, shards by path.
struct SampleRepo {
    std::string repo;
    std::map<std::string, std::string> texts;
    std::map<std::string, SampleShard> shards;
    bool synthetic = false;

    std::uint64_t mtp_bytes() const; // of the tensors of the MTP head
    std::uint64_t mtp_tensors() const;
    std::uint64_t bytes() const; // of all shards
};
// Pure: the same options give the same repo. Throws UsageError for an unknown sample, or numbers it cannot be
// made with.
SampleRepo plan_sample(const SeedOptions& options);

} // namespace skw::localhub

// SPDX-License-Identifier: Apache-2.0
// Sample repos, made in a root without a server.
#pragma once

#include "localhub/sample.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skw::localhub {

struct SeedOptions {
    std::string sample; // a name of seed_samples()
    std::string repo;   // "" = the sample's own
    // qwen-mtp
    std::uint64_t scale = 16; // 1, 2, 4 ... 64: linear dimensions are divided by it
    SampleType mtp_type = SampleType::bf16;
    bool single_file = false; // one model.safetensors without an index
    // vision
    std::uint64_t bytes = 0; // of all weight files together; 0 = a few MB
    std::uint64_t files = 2; // weight files
    // vindex-source
    bool moe = false;    // experts behind a router in place of the MLP
    bool untied = false; // an output head of its own
};

struct SeedSample {
    std::string name, repo, summary;
};
const std::vector<SeedSample>& seed_samples();

// What a sample consists of: small files by path, shards by path.
struct SampleRepo {
    std::string repo;
    std::map<std::string, std::string> texts;
    std::map<std::string, SampleShard> shards;

    std::uint64_t mtp_bytes() const; // of the tensors mtp.*
    std::uint64_t bytes() const;     // of all shards
};
// Pure: the same options give the same repo. Throws UsageError for an unknown sample, or numbers it cannot be
// made with.
SampleRepo plan_sample(const SeedOptions& options);

struct Seeded {
    std::string repo, commit;
    bool unchanged = false; // the repo held exactly this before; no commit was made
};
// Throws Error(conflict) while a server uses the root. Told of each file before it is written.
Seeded seed(const std::filesystem::path& root, const SampleRepo& sample,
            const std::function<void(std::string_view path, std::uint64_t bytes)>& progress = {});

} // namespace skw::localhub

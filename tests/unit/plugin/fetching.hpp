// SPDX-License-Identifier: Apache-2.0
// A fetch from sources in memory into a scratch folder.
#pragma once

#include "plugin/fetch.hpp"
#include "unit/plugin/stream_sources.hpp"

#include <utility>
#include <vector>

namespace skw::plugin::testing {

struct Fetching {
    Fetching()
    {
        std::filesystem::create_directory(scratch);
        sources.files = {{"config.json", "{}"}, {"deep/er/model.bin", "0123456789"}, {"empty", ""}};
    }
    FetchRequest request()
    {
        return {.input = "source", .files = sources.list("source"), .into = into, .allowed = 1u << 30};
    }
    void fetch(const FetchRequest& wanted)
    {
        fetch_files(sources, scratch, wanted, stop.get_token(),
                    [this](std::uint64_t done, std::uint64_t total) { told.emplace_back(done, total); });
    }
    void fetch() { fetch(request()); }
    std::string content(const char* path) const { return read_file(into / path, 1u << 24); }
    void one_file(std::string bytes) { sources.files = {{"one.bin", std::move(bytes)}}; }

    TempFolder folder;
    const std::filesystem::path scratch = folder.path() / "scratch";
    const std::filesystem::path into = scratch / "hub/snapshot";
    StreamSources sources;
    std::stop_source stop;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
};

} // namespace skw::plugin::testing

// SPDX-License-Identifier: Apache-2.0
// Sources in memory with the faults that fetching has to live with. Safe for several threads.
#pragma once

#include "unit/plugin/plugin_tree.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace skw::plugin::testing {

class StreamSources final : public Sources {
public:
    std::map<std::string, std::string> files; // "*.json" have a blob id, the others a SHA-256
    std::size_t piece = 1u << 20;             // the most that one read gives
    std::uint64_t cut_after = UINT64_MAX;     // bytes of all reads; then every read fails
    std::function<void(const std::string& path)> on_read;
    std::size_t meet = 0; // so many streams wait for each other when they are opened

    std::vector<std::pair<std::string, std::uint64_t>> opened; // path and offset
    std::uint64_t bytes_read = 0;
    std::size_t most_open = 0;
    bool met = false;

    std::vector<SourceFile> list(std::string_view input) override;
    std::unique_ptr<ByteStream> open(std::string_view input, std::string_view path, std::uint64_t offset,
                                     std::uint64_t length) override;
    void read_at(std::string_view input, std::string_view path, std::uint64_t offset,
                 std::span<std::byte> into) override;

private:
    class Stream;
    std::size_t take(const std::string& path, std::size_t wanted);

    std::mutex mutex_;
    std::condition_variable all_there_;
    std::size_t open_ = 0;
};

} // namespace skw::plugin::testing

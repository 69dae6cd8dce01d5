// SPDX-License-Identifier: Apache-2.0
// Folders with plugins for the tests, sources in memory, and a record of what an operation told.
#pragma once

#include "plugin/host.hpp"
#include "support/files.hpp"
#include "unit/error_of.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin::testing {

// A place with plugin folders, gone at the end.
class PluginTree {
public:
    const std::filesystem::path& root() const { return folder_.path(); }
    // Copies the fixture library and writes a manifest that fits it: id "test.<fixture>", kind <fixture>.
    // id and kind may be given; edit changes the manifest before it is written.
    std::filesystem::path add(std::string_view fixture, std::string_view id = {}, std::string_view kind = {},
                              const std::function<void(json::object&)>& edit = {},
                              std::string_view folder_name = {});
    Inventory discover(std::string_view source = "builtin") const;
    // The one plugin of the tree with that id.
    Candidate candidate(std::string_view id) const;

private:
    TempFolder folder_;
};

// A manifest that parses; size and sha256 are those of content.
json::object make_manifest(std::string_view id, std::string_view kind, std::string_view content);

// Files in memory, read in pieces of at most `piece` bytes.
class MemorySources final : public Sources {
public:
    std::map<std::string, std::string> files;
    std::size_t piece = 5;
    int opened = 0;

    std::vector<SourceFile> list(std::string_view input) override;
    std::unique_ptr<ByteStream> open(std::string_view input, std::string_view path, std::uint64_t offset,
                                     std::uint64_t length) override;
    void read_at(std::string_view input, std::string_view path, std::uint64_t offset,
                 std::span<std::byte> into) override;

private:
    std::mutex mutex_;
};

class Record final : public Events {
public:
    void log(int level, std::string_view text) override;
    void progress(std::string_view step, std::uint64_t done, std::uint64_t total) override;
    std::vector<std::pair<int, std::string>> lines;
    std::vector<std::string> steps;
    std::function<void()> on_progress;

private:
    std::mutex mutex_;
};

// A plan with the input "source" (patterns *.bin) and the output "one" (staged as one.bin), "do" as asked.
json::value make_plan(std::string_view kind, std::string_view doing, json::value size = nullptr,
                      json::value scratch_bytes = nullptr);

// Names of everything below a folder, sorted.
std::vector<std::string> tree_of(const std::filesystem::path& folder);

using skw::testing::error_of;

} // namespace skw::plugin::testing

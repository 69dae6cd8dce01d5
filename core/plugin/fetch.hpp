// SPDX-License-Identifier: Apache-2.0
// Whole files of an input into a folder of the scratch directory, several at a time.
#pragma once

#include "plugin/host.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

struct FetchRequest {
    std::string input;
    std::vector<SourceFile> files;
    std::filesystem::path into; // absolute, below the scratch directory; made if needed
    std::uint64_t allowed = 0;  // bytes that the plan still lets be written
};

// Of all files together, in bytes; may go back when a file has to be read anew. One call at a time.
using FetchProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;
// The same of one of them; all of it done = it has ended.
using FetchFileProgress = std::function<void(std::string_view path, std::uint64_t done, std::uint64_t size)>;

// Looks for room first, then brings all files; see fetch_file() for what is done with what is there. The
// first failure ends the others; what is there stays. Throws Error: contract (a folder elsewhere, more bytes
// than the plan has), no_space, cancelled, and as fetch_file.
void fetch_files(Sources& sources, const std::filesystem::path& scratch, const FetchRequest& request,
                 const std::stop_token& stop, const FetchProgress& progress,
                 const FetchFileProgress& file_progress = {});

} // namespace skw::plugin

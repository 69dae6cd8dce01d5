// SPDX-License-Identifier: Apache-2.0
// What an execution reads: the planned inputs, file by file or by parts of files.
#pragma once

#include "plugin/rights.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// A part of a file of an input. Positions count from the beginning of the part.
class InputPart {
public:
    InputPart(Sources& sources, std::string input, std::string path, std::uint64_t begin,
              std::uint64_t length)
        : sources_(sources),
          input_(std::move(input)),
          path_(std::move(path)),
          begin_(begin),
          length_(length)
    {
    }
    std::string place() const { return input_ + "/" + path_; }
    // Reads on; 0 only at the end. One stream, opened by the first call. Calls that overlap are refused.
    std::size_t read(std::span<std::byte> into);
    // Reads at a position; 0 only at or past the end. Calls may overlap.
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const;

private:
    Sources& sources_;
    std::string input_, path_;
    std::uint64_t begin_, length_;
    std::mutex mutex_;
    std::unique_ptr<ByteStream> stream_;
    std::uint64_t position_ = 0;
};

// The inputs of a plan. Threads: any. Throws Error(contract) for what the plan does not name.
class Inputs {
public:
    Inputs(Sources& sources, const Rights& rights) : sources_(sources), rights_(rights) {}

    const PlannedInput& planned(std::string_view input) const;
    // What the plan's patterns select, sorted by path. The listing is fetched once.
    std::vector<SourceFile> list(std::string_view input);
    SourceFile stat(std::string_view input, std::string_view path); // Error(not_found)
    // Throws Error(bad_argument) if the part leaves the file.
    std::shared_ptr<InputPart> open(std::string_view input, std::string_view path);
    std::shared_ptr<InputPart> open(std::string_view input, std::string_view path, std::uint64_t offset,
                                    std::uint64_t length);

private:
    Sources& sources_;
    const Rights& rights_;
    std::mutex mutex_;
    std::map<std::string, std::vector<SourceFile>, std::less<>> listings_;
};

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// Runs of larql: what it says while it works, and what becomes of its end.
#pragma once

#include "vindex/job.hpp"

#include <skw/process.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skw::vindex {

struct ToolEnd {
    std::optional<std::int64_t> exit, signal;
    std::string path, sha256; // of the binary
    std::string error;        // its last line "Error: ..." on standard error, "" if there was none

    bool good() const noexcept { return exit == 0; }
    // "ended with exit code 1: Error: not a directory" or "was ended by signal 9"
    std::string text() const;
};

using OnLine = std::function<void(std::int32_t stream, std::string_view line)>;
ToolEnd run_tool(const sdk::Process& process, std::string_view step, const OnLine& on_line);

// Runs a tool that the host may end for doing nothing. That is no passing fault which running again cures by
// itself, so it becomes Failure(SKW_E_FAILED) with what to do next.
ToolEnd unless_hanging(const std::string& command, const std::string& next,
                       const std::function<ToolEnd()>& run);

// What larql can do, asked before anything is downloaded.
struct Larql {
    std::string version; // "larql 0.2.0"
    std::string sha256;
};
// A word that `larql <verb> --help` has to tell of, and the step of the plan that asks.
struct Need {
    std::string_view step, verb, word;
};
std::span<const Need> needs_of_larql();
// "--quant" in a help text, but not in "--quantize".
bool mentions(std::string_view text, std::string_view word);

// Throws Failure: SKW_E_UNSUPPORTED naming the flag that this larql lacks, SKW_E_FAILED if it does not
// answer.
Larql probe_larql(const sdk::Process& process, bool with_slice);

// Turns the lines of an extraction into progress of the step "extract" and one line for each stage.
class ExtractLines {
public:
    ExtractLines(sdk::Call call, std::uint64_t layers) : call_(call), total_(4 * layers) {}
    void take(std::string_view line);

private:
    sdk::Call call_;
    std::uint64_t total_, done_ = 0;
    std::size_t stages_ = 0;
};

// The name in a line "-- NAME --" drawn with box characters; "" for other lines. The layer of a line
// "  COMPONENT L 3: 0.1 s"; nullopt for other lines.
std::string stage_of(std::string_view line);
std::optional<std::uint64_t> layer_of(std::string_view line);

} // namespace skw::vindex

// SPDX-License-Identifier: Apache-2.0
// A plan as the list of what its execution may touch, and the shape every document of a plugin must have.
#pragma once

#include "plugin/host.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

struct PlannedInput {
    RepoId repo;
    std::optional<CommitId> revision;  // nullopt: not pinned yet
    std::vector<std::string> patterns; // empty: every file
};

struct PlannedOutput {
    RepoPath path;
    std::string file;                  // its name below the scratch root
    std::optional<std::uint64_t> size; // nullopt: not known before it is made
};

// The tool that one step runs.
struct PlannedCommand {
    std::vector<std::string> words;               // the first is the tool's name
    std::vector<EnvironmentVariable> environment; // "{scratch}" in a value: the private directory
    std::optional<std::string> uploads;           // the folder the tool uploads to the target by itself
    std::string endpoint_variable;
};

struct Rights {
    std::map<std::string, PlannedInput, std::less<>> inputs;
    std::map<std::string, PlannedOutput, std::less<>> outputs;
    std::map<std::string, PlannedCommand, std::less<>> commands; // by step
    std::set<std::string, std::less<>> mirrors;                  // inputs
    std::set<std::string, std::less<>> folders;                  // names below the scratch root
    // Bytes of scratch room; 0: none; nullopt: as much as the file system has.
    std::optional<std::uint64_t> scratch_bytes = 0;
};

// Checks a skw.plan/1 of `plugin` for `kind` and reads the rights out of it. Throws Error(contract) that
// names the plugin and the place in the document. An unconfigured plan gives no rights.
Rights read_plan(const json::value& plan, const Candidate& plugin, std::string_view kind);

// The documents that are only looked at. Throw Error(contract).
void check_describe(const json::value& document, const Candidate& plugin);
void check_checks(const json::value& document, const Candidate& plugin);
void check_inspection(const json::value& document, const Candidate& plugin);
std::vector<Finding> read_findings(const json::value& document, const Candidate& plugin);

// The outputs a skw.result/1 claims must be the ones that were staged. Throws Error(contract).
void check_result(const json::value& document, const Candidate& plugin,
                  const std::vector<StagedOutput>& staged);

// A pattern of a plan: "*" is any run of characters, "/" included, "?" is one byte; all else is itself.
bool matches(std::string_view pattern, std::string_view path) noexcept;
bool selects(const PlannedInput& input, std::string_view path) noexcept;

} // namespace skw::plugin

// SPDX-License-Identifier: Apache-2.0
// The tools of a plan: which may run, with which variables, and what one has uploaded by itself.
#pragma once

#include "plugin/file_hashes.hpp"
#include "plugin/host.hpp"
#include "plugin/rights.hpp"
#include "support/child_process.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skw::plugin {

// The variables of this process that any tool may know: none in which a secret of the operator's may stand.
std::map<std::string, std::string> variables_for_tools();

// What the tools of one execution are run with. The references must outlive the Processes.
struct ToolSettings {
    const Candidate& plugin;
    const Rights& rights;
    std::filesystem::path root;                            // the scratch root, where the plan's folders lie
    std::function<std::filesystem::path()> private_folder; // "{scratch}"; asked for when a tool runs
    FileHashes& hashes;
    ToolTarget* target = nullptr;            // null: no tool may upload
    std::chrono::milliseconds idle_limit{0}; // 0: none
};

// The tools of one execution. One runs at a time; a second call meanwhile is refused.
class Processes {
public:
    explicit Processes(ToolSettings settings) : settings_(std::move(settings)) {}

    // Runs the command of a step to its end and gives skw.exit/1. take is called in this thread. Throws
    // Error: contract (no command in the plan, or the uploaded folder holds what cannot be uploaded),
    // not_found (no such tool), permission (may not have the token), timed_out, io, cancelled, and what
    // the target throws.
    json::object run(std::string_view step, const TakeLine& take, const std::stop_token& stop);

    // The files of the folders that tools have uploaded, sorted by path; nullopt: no tool has.
    std::optional<std::vector<UploadedFile>> uploaded() const;

private:
    void require_token_rights() const;
    std::vector<std::string> environment_of(const PlannedCommand& command) const;
    void note_uploads(const std::string& folder, const std::stop_token& stop);

    const ToolSettings settings_;
    std::atomic<bool> running_{false};
    std::optional<std::map<std::string, UploadedFile>> uploaded_; // by path
};

} // namespace skw::plugin

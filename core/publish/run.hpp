// SPDX-License-Identifier: Apache-2.0
// Doing what a plan says: pin, make, commit once, file. Every repo ends in its old state or its new one.
#pragma once

#include "hub/client.hpp"
#include "publish/observer.hpp"
#include "publish/plan.hpp"
#include "support/error.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace skw::publish {

struct PublishedFile {
    std::string path;
    std::uint64_t size = 0;
    std::string sha256; // "" = not known: a small file that was compared by its git blob id
    std::string way;    // of hub::Way, or "tool": how the content came into the repo
};

enum class Outcome {
    not_run,        // an earlier one failed, or the run was interrupted
    not_configured, // the entry does not ask for it
    up_to_date,     // the target names this source already
    unchanged,      // the target holds the same files already
    published,
    failed,
    interrupted, // while it was being made
};
std::string_view name_of(Outcome outcome) noexcept;

// What became of one artifact.
struct ArtifactReport {
    std::string kind;
    Outcome outcome = Outcome::not_run;
    std::optional<Error> error;        // failed
    std::optional<Error> filing_error; // the artifact itself is well
    std::string repo;
    std::optional<std::string> commit;
    std::optional<std::string> source_repo, source_revision;
    std::vector<PublishedFile> files;
    std::vector<std::string> removed;
    std::optional<std::string> collection; // slug it was filed into
    std::vector<std::string> messages;
    json::value metrics; // of the plugin
    double seconds = 0;
};

struct EntryReport {
    std::string key;
    std::vector<ArtifactReport> artifacts;
};

struct Report {
    std::vector<EntryReport> entries;
    hub::Traffic traffic;
    std::chrono::system_clock::time_point started{};
    double seconds = 0;
    int interrupted_code = exit_code::interrupted; // what a run that a signal ended exits with
    std::string plan_digest; // SHA-256 of the reviewed plan that was run; "" = there was none

    std::vector<const ArtifactReport*> artifacts() const; // of all entries
    // 0; the failure's own code; "partial" if some of several failed; "unfiled" if only filing failed;
    // "interrupted".
    int exit_code() const;
};

struct RunOptions {
    std::filesystem::path scratch;             // the scratch root
    std::chrono::system_clock::time_point now; // for the card
    std::stop_token stop;
    bool keep_going = false; // after a failed artifact, and with the next entry
    std::chrono::seconds tool_idle_limit{900};
};

// What has to hold before anything is touched: every selected artifact is configured (unless such are passed
// over) and can be made. Throws Error with the contract's text.
void check_runnable(const std::vector<Plan>& plans);

// Runs the entries in order, and the artifacts of each. A failure is told to the observer and stands in the
// report; it ends the run unless options.keep_going, as an interruption always does. What is published stays.
Report run_publish(const std::vector<Plan>& plans, const Kinds& kinds, hub::Client& hub,
                   const RunOptions& options, Observer& observer);

// A headline, a line an artifact: what became of it, and with several entries a line of sums. No line break
// at the end.
std::string summary_text(const Report& report);

// The report as a document: skw.publish.report/1.
json::value report_json(const Report& report);

} // namespace skw::publish

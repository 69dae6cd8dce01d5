// SPDX-License-Identifier: Apache-2.0
// Doing what a plan says: pin, make, commit once, file. Every repo ends in its old state or its new one.
#pragma once

#include "hub/client.hpp"
#include "publish/observer.hpp"
#include "publish/plan.hpp"

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
    std::string sha256;
};

// What became of one artifact.
struct ArtifactReport {
    std::string kind;
    std::string outcome; // "published", "up_to_date", "not_configured"
    std::string repo;
    std::optional<std::string> commit;
    std::optional<std::string> source_repo, source_revision;
    std::vector<PublishedFile> files;
    std::optional<std::string> collection; // slug it was filed into
    std::vector<std::string> messages;
    json::value metrics; // of the plugin
    double seconds = 0;
};

struct Report {
    std::string key;
    std::vector<ArtifactReport> artifacts;
    hub::Traffic traffic;
};

struct RunOptions {
    std::filesystem::path scratch;             // the scratch root
    std::chrono::system_clock::time_point now; // for the card
    std::stop_token stop;
};

// What has to hold before anything is touched: every selected artifact is configured (unless all were asked
// for) and can be made. Throws Error with the contract's text.
void check_runnable(const Plan& plan);

// Runs the artifacts in order; the first failure ends the run, what is published stays.
Report run_publish(const Plan& plan, const Kinds& kinds, hub::Client& hub, const RunOptions& options,
                   Observer& observer);

// The report as a document: skw.publish.report/1.
json::value report_json(const Report& report);

} // namespace skw::publish

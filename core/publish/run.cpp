// SPDX-License-Identifier: Apache-2.0
// Doing what a plan says, artifact by artifact.
#include "publish/run.hpp"

#include "publish/artifact_run.hpp"
#include "support/error.hpp"

namespace skw::publish {

void check_runnable(const Plan& plan)
{
    for (const ArtifactPlan& artifact : plan.artifacts) {
        if (!artifact.configured && plan.request.artifact != "all") {
            throw Error(ErrorCode::bad_input, "", artifact.message);
        }
        if (artifact.configured && !artifact.can_execute) {
            throw Error(ErrorCode::unsupported, "",
                        "this version plans and checks " + artifact.kind.name +
                            " artifacts but cannot make them; nothing was changed",
                        "see the plan with --dry-run, or choose another artifact with --artifact");
        }
    }
}

Report run_publish(const Plan& plan, const Kinds& kinds, hub::Client& hub, const RunOptions& options,
                   Observer& observer)
{
    check_runnable(plan);
    Report report{plan.request.entry.key, {}, {}};
    for (const ArtifactPlan& artifact : plan.artifacts) {
        if (!artifact.configured) {
            ArtifactReport skipped;
            skipped.kind = artifact.kind.name;
            skipped.outcome = "not_configured";
            report.artifacts.push_back(std::move(skipped));
            continue;
        }
        ArtifactRun run(plan.request, artifact, kinds.artifact(artifact.kind.name), hub, options, observer);
        report.artifacts.push_back(run.publish());
    }
    report.traffic = hub.traffic();
    return report;
}

json::value report_json(const Report& report)
{
    const auto optional = [](const std::optional<std::string>& text) {
        return text ? json::value(*text) : json::value();
    };
    json::array artifacts;
    for (const ArtifactReport& artifact : report.artifacts) {
        json::object one;
        one["kind"] = artifact.kind;
        one["outcome"] = artifact.outcome;
        one["repo"] = artifact.repo.empty() ? json::value() : json::value(artifact.repo);
        one["commit"] = optional(artifact.commit);
        one["source_repo"] = optional(artifact.source_repo);
        one["source_revision"] = optional(artifact.source_revision);
        one["collection"] = optional(artifact.collection);
        json::array files;
        for (const PublishedFile& file : artifact.files) {
            files.push_back(json::object{{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}});
        }
        one["files"] = std::move(files);
        json::array messages;
        for (const std::string& message : artifact.messages) {
            messages.emplace_back(message);
        }
        one["messages"] = std::move(messages);
        one["metrics"] = artifact.metrics;
        one["seconds"] = artifact.seconds;
        artifacts.push_back(std::move(one));
    }
    json::object out;
    out["schema"] = "skw.publish.report/1";
    out["key"] = report.key;
    out["artifacts"] = std::move(artifacts);
    out["traffic"] = json::object{{"requests", report.traffic.requests},
                                  {"received_bytes", report.traffic.received_bytes},
                                  {"sent_bytes", report.traffic.sent_bytes}};
    return out;
}

} // namespace skw::publish

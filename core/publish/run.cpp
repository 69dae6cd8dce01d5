// SPDX-License-Identifier: Apache-2.0
// Doing what a plan says, artifact by artifact.
#include "publish/run.hpp"

#include "publish/artifact_run.hpp"
#include "support/error.hpp"

#include <exception>
#include <new>

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

namespace {

// One artifact, whatever comes of it.
ArtifactReport run_artifact(const Plan& plan, const ArtifactPlan& artifact, const Kinds& kinds,
                            hub::Client& hub, const RunOptions& options, Observer& observer)
{
    ArtifactReport report;
    report.kind = artifact.kind.name;
    const auto begin = std::chrono::steady_clock::now();
    try {
        const Work work{plan.request, artifact, kinds.artifact(artifact.kind.name), hub, options, observer};
        ArtifactRun(work, report).publish();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        report.outcome = Outcome::failed;
        report.error = error;
    } catch (const std::bad_alloc&) {
        report.outcome = Outcome::failed;
        report.error = Error(ErrorCode::resource, report.kind, "out of memory", "free some and run it again");
    } catch (const std::exception&) { // a bug: its own words may hold anything
        report.outcome = Outcome::failed;
        report.error = Error(ErrorCode::internal, report.kind, "internal error",
                             "please report this with the command line you used");
    }
    if (report.error) {
        observer.failed(*report.error);
    }
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

} // namespace

Report run_publish(const Plan& plan, const Kinds& kinds, hub::Client& hub, const RunOptions& options,
                   Observer& observer)
{
    check_runnable(plan);
    Report report{plan.request.entry.key, {}, {}};
    bool stopped = false;
    for (const ArtifactPlan& artifact : plan.artifacts) {
        if (artifact.configured && !stopped) {
            report.artifacts.push_back(run_artifact(plan, artifact, kinds, hub, options, observer));
            stopped = report.artifacts.back().outcome == Outcome::failed && !options.keep_going;
            continue;
        }
        ArtifactReport skipped;
        skipped.kind = artifact.kind.name;
        skipped.outcome = artifact.configured ? Outcome::not_run : Outcome::not_configured;
        report.artifacts.push_back(std::move(skipped));
    }
    report.traffic = hub.traffic();
    return report;
}

} // namespace skw::publish

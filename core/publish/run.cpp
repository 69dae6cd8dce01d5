// SPDX-License-Identifier: Apache-2.0
// Doing what plans say, entry by entry and artifact by artifact.
#include "publish/run.hpp"

#include "publish/artifact_run.hpp"
#include "publish/shared_target.hpp"
#include "support/error.hpp"

#include <exception>
#include <map>
#include <new>

namespace skw::publish {
namespace {

void check_runnable(const Plan& plan)
{
    for (const ArtifactPlan& artifact : plan.artifacts) {
        if (!artifact.configured && !plan.request.artifacts.empty() && !plan.request.pass_over) {
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

std::string target_of(const ArtifactPlan& artifact)
{
    return std::string(artifact.document.at("target").at("repo").as_string());
}

// What the operator who stopped it may want to know: what is lost, and what the next run does.
std::string interruption_text(const ArtifactPlan& artifact, const ArtifactReport& report)
{
    const json::object& plan = artifact.document.as_object();
    const auto has = [&](std::string_view name) {
        const json::value* list = plan.if_contains(name);
        return list != nullptr && list->is_array() && !list->get_array().empty();
    };
    if (report.commit) {
        return "it is published; the next run files it in its collection";
    }
    if (has("folders")) {
        return "the next run fetches only what is not in scratch yet";
    }
    if (has("mirrors")) {
        return "the next run sends only what did not reach the Hub whole";
    }
    return "what was made is removed; the next run makes it anew";
}

class Run {
public:
    Run(bool several, const Kinds& kinds, hub::Client& hub, const RunOptions& options, Observer& observer)
        : several_(several),
          kinds_(kinds),
          hub_(hub),
          options_(options),
          observer_(observer)
    {
    }

    EntryReport run_entry(const Plan& plan)
    {
        EntryReport report{plan.request.entry.key, {}};
        for (const ArtifactPlan& artifact : plan.artifacts) {
            if (artifact.configured && !stopped_) {
                report.artifacts.push_back(run_artifact(plan.request, artifact));
                const Outcome outcome = report.artifacts.back().outcome;
                stopped_ = outcome == Outcome::interrupted ||
                           (outcome == Outcome::failed && !options_.keep_going);
                continue;
            }
            ArtifactReport skipped;
            skipped.kind = artifact.kind.name;
            skipped.outcome = artifact.configured ? Outcome::not_run : Outcome::not_configured;
            report.artifacts.push_back(std::move(skipped));
        }
        return report;
    }

    bool stopped() const noexcept { return stopped_; }

private:
    // Entries may share a target, as all quantisations of a model share its MTP sidecar. What this run has
    // committed there is no change by somebody else, and no reason to make it a second time.
    void account_for_own_commits(Request& request, ArtifactPlan& artifact) const
    {
        const auto own = commits_.find(target_of(artifact));
        if (own == commits_.end()) {
            return;
        }
        request.force = false;
        if (artifact.pins) {
            artifact.pins->head = own->second;
            artifact.pins->may_be_done = true;
        }
    }

    // One artifact, whatever comes of it.
    ArtifactReport run_artifact(Request request, ArtifactPlan artifact)
    {
        ArtifactReport report;
        report.kind = artifact.kind.name;
        const auto begin = std::chrono::steady_clock::now();
        try {
            targets_.claim(request, artifact);
            account_for_own_commits(request, artifact);
            const Work work{request, artifact, kinds_.artifact(artifact.kind.name), hub_, options_, observer_};
            ArtifactRun(work, report).publish();
        } catch (const Error& error) {
            report.outcome =
                error.code() == ErrorCode::cancelled ? Outcome::interrupted : Outcome::failed;
            report.error = several_ && error.code() == ErrorCode::stale_plan
                               ? error.inside(request.entry.key)
                               : error;
        } catch (const std::bad_alloc&) {
            report.outcome = Outcome::failed;
            report.error = Error(ErrorCode::resource, report.kind, "out of memory", "free some and run it again");
        } catch (const std::exception&) { // a bug: its own words may hold anything
            report.outcome = Outcome::failed;
            report.error = Error(ErrorCode::internal, report.kind, "internal error",
                                 "please report this with the command line you used");
        }
        if (report.outcome == Outcome::failed) {
            observer_.failed(*report.error);
        } else if (report.outcome == Outcome::interrupted) {
            observer_.failed(Error(ErrorCode::cancelled, report.kind,
                                   "interrupted: " + interruption_text(artifact, report)));
        }
        if (report.commit) {
            commits_[target_of(artifact)] = *report.commit;
        }
        report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return report;
    }

    const bool several_; // entries
    const Kinds& kinds_;
    hub::Client& hub_;
    const RunOptions& options_;
    Observer& observer_;
    SharedTargets targets_;
    std::map<std::string, std::string> commits_; // target -> our last commit
    bool stopped_ = false;
};

} // namespace

void check_runnable(const std::vector<Plan>& plans)
{
    for (const Plan& plan : plans) {
        check_runnable(plan);
    }
}

Report run_publish(const std::vector<Plan>& plans, const Kinds& kinds, hub::Client& hub,
                   const RunOptions& options, Observer& observer)
{
    check_runnable(plans);
    Report report;
    report.started = options.now;
    const auto begin = std::chrono::steady_clock::now();
    Run run(plans.size() > 1, kinds, hub, options, observer);
    for (const Plan& plan : plans) {
        if (!run.stopped()) {
            observer.entry(plan.request.entry.key, report.entries.size() + 1, plans.size());
        }
        report.entries.push_back(run.run_entry(plan));
    }
    report.traffic = hub.traffic();
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

} // namespace skw::publish

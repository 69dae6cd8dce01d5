// SPDX-License-Identifier: Apache-2.0
// What became of a publish: exit code, summary for people, document for programs.
#include "publish/run.hpp"

#include "support/error.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

json::value optional(const std::optional<std::string>& text)
{
    return text ? json::value(*text) : json::value();
}

json::value optional(const std::optional<Error>& error)
{
    if (!error) {
        return nullptr;
    }
    json::object one;
    one["code"] = name_of(error->code());
    one["place"] = error->place();
    one["reason"] = error->reason();
    one["hint"] = error->hint();
    return one;
}

json::array texts(const std::vector<std::string>& list)
{
    json::array out;
    for (const std::string& text : list) {
        out.emplace_back(text);
    }
    return out;
}

json::object artifact_json(const ArtifactReport& artifact)
{
    json::object one;
    one["kind"] = artifact.kind;
    one["outcome"] = name_of(artifact.outcome);
    one["error"] = optional(artifact.error);
    one["repo"] = artifact.repo.empty() ? json::value() : json::value(artifact.repo);
    one["commit"] = optional(artifact.commit);
    one["source_repo"] = optional(artifact.source_repo);
    one["source_revision"] = optional(artifact.source_revision);
    one["collection"] = optional(artifact.collection);
    one["filing_error"] = optional(artifact.filing_error);
    json::array files;
    for (const PublishedFile& file : artifact.files) {
        files.push_back(
            json::object{{"path", file.path},
                         {"size", file.size},
                         {"sha256", file.sha256.empty() ? json::value() : json::value(file.sha256)},
                         {"way", file.way}});
    }
    one["files"] = std::move(files);
    one["removed"] = texts(artifact.removed);
    one["messages"] = texts(artifact.messages);
    one["metrics"] = artifact.metrics;
    one["seconds"] = artifact.seconds;
    return one;
}

std::string fate_of(const ArtifactReport& artifact)
{
    const std::string where = artifact.repo.empty() ? "" : "  hf://" + artifact.repo;
    switch (artifact.outcome) {
    case Outcome::not_run: return "not run       after the failure before it";
    case Outcome::not_configured: return "skipped       not configured for this entry";
    case Outcome::failed: return "failed      " + where;
    case Outcome::up_to_date:
    case Outcome::unchanged: return "unchanged   " + where;
    case Outcome::published:
        return "published   " + where + " at " + artifact.commit.value_or("").substr(0, 12);
    }
    return "";
}

} // namespace

std::string_view name_of(Outcome outcome) noexcept
{
    switch (outcome) {
    case Outcome::not_run: return "not_run";
    case Outcome::not_configured: return "not_configured";
    case Outcome::up_to_date: return "up_to_date";
    case Outcome::unchanged: return "unchanged";
    case Outcome::published: return "published";
    case Outcome::failed: break;
    }
    return "failed";
}

int Report::exit_code() const
{
    const auto is = [](Outcome outcome) {
        return [outcome](const ArtifactReport& artifact) { return artifact.outcome == outcome; };
    };
    const auto failed = std::ranges::find_if(artifacts, is(Outcome::failed));
    if (failed != artifacts.end()) {
        const bool some_well = std::ranges::any_of(artifacts, [&](const ArtifactReport& artifact) {
            return artifact.outcome == Outcome::published || artifact.outcome == Outcome::unchanged ||
                   artifact.outcome == Outcome::up_to_date;
        });
        return some_well ? exit_code::partial : exit_code_of(failed->error->code());
    }
    const bool unfiled = std::ranges::any_of(
        artifacts, [](const ArtifactReport& artifact) { return artifact.filing_error.has_value(); });
    return unfiled ? exit_code::unfiled : exit_code::ok;
}

std::string summary_text(const Report& report)
{
    std::size_t widest = 0;
    for (const ArtifactReport& artifact : report.artifacts) {
        widest = std::max(widest, artifact.kind.size());
    }
    std::string out = "summary of " + report.key;
    for (const ArtifactReport& artifact : report.artifacts) {
        out +=
            "\n  " + artifact.kind + std::string(widest - artifact.kind.size() + 2, ' ') + fate_of(artifact);
        out += artifact.filing_error ? ", not filed in its collection" : "";
    }
    return out;
}

json::value report_json(const Report& report)
{
    json::array artifacts;
    for (const ArtifactReport& artifact : report.artifacts) {
        artifacts.push_back(artifact_json(artifact));
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

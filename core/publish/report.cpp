// SPDX-License-Identifier: Apache-2.0
// What became of a publish: exit code, summary for people, document for programs.
#include "publish/run.hpp"

#include "support/clock.hpp"
#include "support/error.hpp"
#include "support/version.hpp"

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
    case Outcome::not_run: return "not run       after what ended the run before it";
    case Outcome::not_configured: return "skipped       not configured for this entry";
    case Outcome::failed: return "failed      " + where;
    case Outcome::interrupted: return "interrupted " + where;
    case Outcome::up_to_date:
    case Outcome::unchanged: return "unchanged   " + where;
    case Outcome::published:
        return "published   " + where + " at " + artifact.commit.value_or("").substr(0, 12);
    }
    return "";
}

bool is_well(Outcome outcome)
{
    return outcome == Outcome::published || outcome == Outcome::unchanged || outcome == Outcome::up_to_date;
}

// One line of the summary.
struct Line {
    std::string key, kind, fate;
};

// "3 published, 1 unchanged, 1 failed"
std::string sums_text(const Report& report)
{
    std::string out;
    const auto add = [&](std::string_view word, std::initializer_list<Outcome> outcomes) {
        const std::vector<const ArtifactReport*> all = report.artifacts();
        const auto count = std::ranges::count_if(all, [&](const ArtifactReport* artifact) {
            return std::ranges::find(outcomes, artifact->outcome) != outcomes.end();
        });
        if (count > 0) {
            out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(word);
        }
    };
    add("published", {Outcome::published});
    add("unchanged", {Outcome::unchanged, Outcome::up_to_date});
    add("failed", {Outcome::failed});
    add("interrupted", {Outcome::interrupted});
    add("not run", {Outcome::not_run});
    return out.empty() ? "nothing to publish" : out;
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
    case Outcome::interrupted: return "interrupted";
    case Outcome::failed: break;
    }
    return "failed";
}

std::vector<const ArtifactReport*> Report::artifacts() const
{
    std::vector<const ArtifactReport*> all;
    for (const EntryReport& entry : entries) {
        for (const ArtifactReport& artifact : entry.artifacts) {
            all.push_back(&artifact);
        }
    }
    return all;
}

int Report::exit_code() const
{
    const std::vector<const ArtifactReport*> all = artifacts();
    const auto find = [&](Outcome outcome) {
        return std::ranges::find_if(all, [outcome](const auto* one) { return one->outcome == outcome; });
    };
    if (find(Outcome::interrupted) != all.end()) {
        return interrupted_code;
    }
    if (const auto failed = find(Outcome::failed); failed != all.end()) {
        const bool some_well = std::ranges::any_of(all, [](const auto* one) { return is_well(one->outcome); });
        return some_well ? exit_code::partial : exit_code_of((*failed)->error->code());
    }
    const bool unfiled =
        std::ranges::any_of(all, [](const auto* one) { return one->filing_error.has_value(); });
    return unfiled ? exit_code::unfiled : exit_code::ok;
}

std::string summary_text(const Report& report)
{
    const bool several = report.entries.size() > 1;
    std::vector<Line> lines;
    for (const EntryReport& entry : report.entries) {
        for (const ArtifactReport& artifact : entry.artifacts) {
            // Of many entries each would leave out the same kinds.
            if (!several || artifact.outcome != Outcome::not_configured) {
                lines.push_back({several ? entry.key : "", artifact.kind,
                                 fate_of(artifact) +
                                     (artifact.filing_error ? ", not filed in its collection" : "")});
            }
        }
        if (several && std::ranges::all_of(entry.artifacts, [](const ArtifactReport& artifact) {
                return artifact.outcome == Outcome::not_configured;
            })) {
            lines.push_back({entry.key, "-", "skipped       nothing of this is configured for this entry"});
        }
    }
    std::size_t widest_key = 0, widest_kind = 0;
    for (const Line& line : lines) {
        widest_key = std::max(widest_key, line.key.size());
        widest_kind = std::max(widest_kind, line.kind.size());
    }
    std::string out = "summary of " + (several ? std::to_string(report.entries.size()) + " entries"
                                               : report.entries.empty() ? std::string("nothing")
                                                                        : report.entries.front().key);
    for (const Line& line : lines) {
        out += "\n  ";
        if (several) {
            out += line.key + std::string(widest_key - line.key.size() + 2, ' ');
        }
        out += line.kind + std::string(widest_kind - line.kind.size() + 2, ' ') + line.fate;
        out.resize(out.find_last_not_of(' ') + 1); // a fate without more to say ends in its column
    }
    return several ? out + "\n" + sums_text(report) : out;
}

json::value report_json(const Report& report)
{
    json::array entries;
    for (const EntryReport& entry : report.entries) {
        json::array artifacts;
        for (const ArtifactReport& artifact : entry.artifacts) {
            artifacts.push_back(artifact_json(artifact));
        }
        entries.push_back(json::object{{"key", entry.key}, {"artifacts", std::move(artifacts)}});
    }
    json::object out;
    out["schema"] = "skw.publish.report/1";
    out["program"] = json::object{{"name", "skulk-weights"}, {"version", SKW_VERSION}};
    out["started"] = utc_text(report.started);
    out["seconds"] = report.seconds;
    out["exit_code"] = report.exit_code();
    out["plan_sha256"] = report.plan_digest.empty() ? json::value() : json::value(report.plan_digest);
    out["entries"] = std::move(entries);
    out["traffic"] = json::object{{"requests", report.traffic.requests},
                                  {"received_bytes", report.traffic.received_bytes},
                                  {"sent_bytes", report.traffic.sent_bytes}};
    return out;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// What a publish will do, as data.
#include "publish/plan.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

std::vector<std::string> selected_kinds(const Request& request, const Kinds& kinds)
{
    return request.artifacts.empty() ? kinds.names() : request.artifacts;
}

ArtifactPlan plan_artifact(const Request& request, const Kinds& kinds, const std::string& name)
{
    plugin::Artifact& artifact = kinds.artifact(name);
    ArtifactPlan plan;
    plan.kind = artifact.kind();
    plan.can_execute = artifact.can_execute();
    plan.document = artifact.plan(plan_request(request, name, nullptr));
    const json::object& document = plan.document.as_object();
    const json::value* configured = document.if_contains("configured");
    plan.configured = configured == nullptr || !configured->is_bool() || configured->get_bool();
    if (const json::value* message = document.if_contains("message");
        message != nullptr && message->is_string()) {
        plan.message = std::string(message->get_string());
    }
    return plan;
}

std::string text_field(const json::object& fields, std::string_view name)
{
    const json::value* value = fields.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// "none" for the whole vindex, else the slice names.
std::string slices_text(const json::object& fields)
{
    const json::value* slices = fields.if_contains("slices");
    std::string joined;
    if (slices != nullptr && slices->is_array()) {
        for (const json::value& slice : slices->get_array()) {
            if (slice.is_string()) {
                joined += (joined.empty() ? "" : ",") + std::string(slice.get_string());
            }
        }
    }
    return joined == "full" || joined.empty() ? "none" : joined;
}

std::string artifact_text(const ArtifactPlan& artifact, const collection::Policy& collection)
{
    if (!artifact.configured) {
        return artifact.kind.name + " step: not configured for this entry\n";
    }
    std::vector<std::pair<std::string, std::string>> lines;
    for (const json::value& line : artifact.document.at("summary").as_array()) {
        lines.emplace_back(std::string(line.at("label").as_string()) + ":",
                           std::string(line.at("value").as_string()));
    }
    if (collection.on() && !artifact.kind.collection_title.empty()) {
        lines.emplace_back(artifact.kind.name + " collection:", artifact.kind.collection_title);
    }
    return aligned_lines(lines, 1);
}

} // namespace

json::value plan_request(const Request& request, std::string_view kind, const json::value& facts)
{
    json::object out;
    out["schema"] = "skw.plan_request/1";
    out["kind"] = kind;
    out["entry"] = request.entry.fields;
    out["options"] = json::object{{"force", request.force}};
    out["scratch"] = request.scratch;
    out["host"] = json::object{{"name", "skulk-weights"}, {"version", SKW_VERSION}};
    if (!facts.is_null()) {
        out["facts"] = facts;
    }
    out["finished"] = json::array();
    return out;
}

Plan plan_publish(const Request& request, const Kinds& kinds)
{
    Plan plan{request, {}};
    for (const std::string& name : selected_kinds(request, kinds)) {
        plan.artifacts.push_back(plan_artifact(request, kinds, name));
    }
    return plan;
}

std::string artifacts_text(const Request& request)
{
    std::string joined;
    for (const std::string& kind : request.artifacts) {
        joined += (joined.empty() ? "" : ",") + kind;
    }
    return joined.empty() ? "all" : joined;
}

std::string plan_text(const Plan& plan)
{
    const Request& request = plan.request;
    const catalog::Entry& entry = request.entry;
    std::string out = "model key: " + entry.key + "\n";
    out += "tier: " + entry.tier + "\n";
    out += "artifact: " + artifacts_text(request) + "\n";
    out += "source model: " + entry.source_model + "\n";
    out +=
        "output path: " + lexically_clean(request.scratch + "/" + text_field(entry.fields, "output_name")) +
        "\n";
    out += "target repo: hf://" + entry.hf_repo + "\n";
    out += request.collection.on()
               ? "vindex collection: " + collection::collection_url(*request.collection.slug) + "\n"
               : std::string("collection: disabled\n");
    out += "publish slices: " + slices_text(entry.fields) + "\n";
    out += std::string("force overwrite: ") + (request.force ? "1" : "0") + "\n";
    for (const ArtifactPlan& artifact : plan.artifacts) {
        out += artifact_text(artifact, request.collection);
    }
    return out;
}

json::object plan_entry_json(const Plan& plan)
{
    json::object out;
    out["key"] = plan.request.entry.key;
    out["artifact"] = artifacts_text(plan.request);
    out["force"] = plan.request.force;
    out["scratch"] = plan.request.scratch;
    out["collection"] =
        plan.request.collection.on() ? json::value(*plan.request.collection.slug) : json::value();
    json::array artifacts;
    for (const ArtifactPlan& artifact : plan.artifacts) {
        json::object one;
        one["kind"] = artifact.kind.name;
        one["configured"] = artifact.configured;
        one["can_execute"] = artifact.can_execute;
        one["collection_title"] = artifact.kind.collection_title.empty()
                                      ? json::value()
                                      : json::value(artifact.kind.collection_title);
        one["plan"] = artifact.document;
        artifacts.push_back(std::move(one));
    }
    out["artifacts"] = std::move(artifacts);
    return out;
}

json::value plan_json(const std::vector<Plan>& plans)
{
    json::array entries;
    for (const Plan& plan : plans) {
        entries.push_back(plan_entry_json(plan));
    }
    return json::object{{"schema", "skw.publish.plan/1"}, {"entries", std::move(entries)}};
}

} // namespace skw::publish

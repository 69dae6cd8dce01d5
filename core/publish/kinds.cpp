// SPDX-License-Identifier: Apache-2.0
// The artifact kinds of this machine.
#include "publish/kinds.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

namespace skw::publish {
namespace {

// "/mtp_source_repo/0" -> "mtp_source_repo": the field decides the order of complaints.
std::string top_field(std::string_view pointer)
{
    if (pointer.starts_with('/')) {
        pointer.remove_prefix(1);
    }
    return std::string(pointer.substr(0, pointer.find('/')));
}

} // namespace

Kinds::Kinds(plugin::Inventory inventory) : inventory_(std::move(inventory)), names_(inventory_.kinds()) {}

plugin::Artifact& Kinds::artifact(std::string_view kind) const
{
    if (const auto found = loaded_.find(kind); found != loaded_.end()) {
        return *found->second;
    }
    const plugin::Candidate* candidate = inventory_.find_kind(kind);
    if (candidate == nullptr) {
        if (const plugin::Candidate* unusable = inventory_.find(kind)) {
            throw Error(ErrorCode::unsupported, "plugin " + unusable->id,
                        "cannot be used (" + unusable->status + "): " + unusable->reason,
                        "install this program again, or see `skulk-weights plugins show " + unusable->id +
                            "`");
        }
        const std::string near = nearest_name(kind, names());
        throw Error(
            ErrorCode::not_found, "", "no usable plugin makes artifacts of the kind " + python_repr(kind),
            near.empty() ? "`skulk-weights plugins list` shows what there is" : "did you mean " + near + "?");
    }
    return *loaded_.emplace(std::string(kind), plugin::load_artifact(*candidate, kind)).first->second;
}

std::vector<std::string> Kinds::fields() const
{
    std::vector<std::string> all;
    for (const plugin::Candidate& candidate : inventory_.plugins) {
        for (const plugin::Kind& kind : candidate.kinds) {
            all.insert(all.end(), kind.entry_fields.begin(), kind.entry_fields.end());
        }
    }
    return all;
}

std::vector<catalog::FieldFinding> Kinds::check(const json::object& entry) const
{
    std::vector<catalog::FieldFinding> findings;
    for (const std::string& name : names_) {
        for (plugin::Finding& finding : artifact(name).validate(entry)) {
            if (finding.severity == "error") {
                findings.push_back({top_field(finding.path), std::move(finding.message)});
            }
        }
    }
    return findings;
}

std::vector<std::string> Kinds::warnings() const
{
    std::vector<std::string> lines;
    for (const plugin::Candidate& candidate : inventory_.plugins) {
        if (!candidate.usable()) {
            lines.push_back("plugin " + candidate.id + " cannot be used (" + candidate.status +
                            "): " + candidate.reason);
        }
    }
    return lines;
}

} // namespace skw::publish

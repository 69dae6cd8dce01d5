// SPDX-License-Identifier: Apache-2.0
// Artifacts of one run that go to the same repository.
#include "publish/shared_target.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

json::value member_or_null(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    return value != nullptr ? *value : json::value();
}

json::array inputs_of(const json::object& plan)
{
    json::array out;
    for (const json::value& input : plan.at("inputs").as_array()) {
        json::object one;
        for (const char* name : {"id", "repo", "revision", "patterns"}) {
            one[name] = member_or_null(input.as_object(), name);
        }
        out.push_back(std::move(one));
    }
    return out;
}

// A field that names a source or the target: the plan has it, whether or not the entry says it.
bool names_a_repo(const json::value& field, const json::object& plan)
{
    const json::array& inputs = plan.at("inputs").as_array();
    return field.is_string() &&
           (field == plan.at("target").at("repo") ||
            std::ranges::any_of(inputs, [&](const json::value& input) { return input.at("repo") == field; }));
}

// What decides what comes out, each under the name that a message gives it.
json::object work_of(const Request& request, const ArtifactPlan& artifact)
{
    const json::object& plan = artifact.document.as_object();
    json::object work;
    work["the kind"] = artifact.kind.name;
    work["the source"] = inputs_of(plan);
    for (const std::string& name : artifact.kind.entry_fields) {
        const json::value field = member_or_null(request.entry.fields, name);
        if (!field.is_null() && !names_a_repo(field, plan)) {
            work[name] = field;
        }
    }
    const json::value own = member_or_null(request.entry.fields, "artifacts");
    if (const json::object* kinds = own.if_object(); kinds != nullptr && kinds->contains(artifact.kind.name)) {
        work["artifacts." + artifact.kind.name] = kinds->at(artifact.kind.name);
    }
    return work;
}

// The name of something that is not the same; "" = all is.
std::string difference(const json::object& first, const json::object& second)
{
    for (const json::object* one : {&first, &second}) {
        for (const auto& member : *one) {
            const std::string_view name = member.key();
            if (canonical_json(member_or_null(first, name)) != canonical_json(member_or_null(second, name))) {
                return std::string(name);
            }
        }
    }
    return "";
}

} // namespace

std::string SharedTargets::claim(const Request& request, const ArtifactPlan& artifact)
{
    const std::string target(artifact.document.at("target").at("repo").as_string());
    Claim claim{request.entry.key, artifact.kind.name, work_of(request, artifact)};
    const auto [first, is_first] = claims_.try_emplace(target, claim);
    if (is_first) {
        return "";
    }
    const Claim& earlier = first->second;
    if (const std::string other = difference(earlier.work, claim.work); !other.empty()) {
        throw Error(ErrorCode::bad_input, "hf://" + printable(target, 200),
                    "is the target of " + earlier.kind + " of the entry " + earlier.entry + " and of " +
                        claim.kind + " of the entry " + claim.entry + ", which do not say the same: " + other +
                        " differs, so the second would replace the first",
                    "name another repository in one of the entries, or publish only one of them");
    }
    return earlier.entry;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// Where the artifacts of catalog entries would go.
#include "publish/targets.hpp"

#include "publish/plan.hpp"

#include <utility>

namespace skw::publish {
namespace {

std::optional<RepoId> repo_of(const json::value* object)
{
    const json::value* repo =
        object != nullptr && object->is_object() ? object->get_object().if_contains("repo") : nullptr;
    return repo != nullptr && repo->is_string() ? RepoId::parse(repo->get_string()) : std::nullopt;
}

// The first of a list in the plan; nullptr: there is none.
const json::value* first_of(const json::object& plan, std::string_view list)
{
    const json::value* found = plan.if_contains(list);
    return found != nullptr && found->is_array() && !found->get_array().empty() ? &found->get_array().front()
                                                                                : nullptr;
}

std::optional<Target> find_target(const catalog::Entry& entry, const ArtifactPlan& artifact)
{
    const json::object* plan = artifact.configured ? artifact.document.if_object() : nullptr;
    std::optional<RepoId> repo = plan != nullptr ? repo_of(plan->if_contains("target")) : std::nullopt;
    if (!repo) {
        return std::nullopt;
    }
    const std::string& title = artifact.kind.collection_title;
    const std::string slug = entry.hf_collection.value_or("");
    const bool by_title = !slug.empty() && !title.empty();
    return Target{entry.key,
                  artifact.kind.name,
                  std::move(*repo),
                  by_title ? title : slug,
                  by_title,
                  repo_of(first_of(*plan, "inputs")),
                  first_of(*plan, "outputs") != nullptr || first_of(*plan, "folders") != nullptr};
}

} // namespace

void visit_targets(std::span<const catalog::Entry> entries, const Kinds& kinds,
                   const std::function<bool(Target&& target, const json::value& plan)>& visit,
                   const PlanFailed& failed)
{
    for (const catalog::Entry& entry : entries) {
        Request request;
        request.entry = entry;
        request.scratch = "scratch"; // shown in commands only, which nobody sees here
        Plan plan;
        try {
            plan = plan_publish(request, kinds);
        } catch (const Error& error) {
            failed(entry, error);
            continue;
        }
        for (const ArtifactPlan& artifact : plan.artifacts) {
            std::optional<Target> target = find_target(entry, artifact);
            if (target && !visit(std::move(*target), artifact.document)) {
                return;
            }
        }
    }
}

std::vector<Target> find_targets(std::span<const catalog::Entry> entries, const Kinds& kinds,
                                 const PlanFailed& failed)
{
    std::vector<Target> targets;
    const auto keep = [&](Target&& target, const json::value&) {
        targets.push_back(std::move(target));
        return true;
    };
    visit_targets(entries, kinds, keep, failed);
    return targets;
}

} // namespace skw::publish

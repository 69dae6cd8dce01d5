// SPDX-License-Identifier: Apache-2.0
// Where the artifacts of catalog entries would go.
#include "publish/targets.hpp"

#include "publish/plan.hpp"

#include <utility>

namespace skw::publish {
namespace {

std::optional<RepoId> target_repo(const json::value& plan)
{
    const json::value* target = plan.if_object() != nullptr ? plan.get_object().if_contains("target") : nullptr;
    const json::value* repo =
        target != nullptr && target->is_object() ? target->get_object().if_contains("repo") : nullptr;
    return repo != nullptr && repo->is_string() ? RepoId::parse(repo->get_string()) : std::nullopt;
}

} // namespace

std::vector<Target> find_targets(std::span<const catalog::Entry> entries, const Kinds& kinds,
                                 const std::function<void(const catalog::Entry&, const Error&)>& failed)
{
    std::vector<Target> targets;
    for (const catalog::Entry& entry : entries) {
        Request request;
        request.entry = entry;
        request.scratch = "scratch"; // shown in commands only, which nobody sees here
        try {
            for (ArtifactPlan& artifact : plan_publish(request, kinds).artifacts) {
                std::optional<RepoId> repo = artifact.configured ? target_repo(artifact.document) : std::nullopt;
                if (!repo) {
                    continue;
                }
                const std::string& title = artifact.kind.collection_title;
                const std::string slug = entry.hf_collection.value_or("");
                targets.push_back({entry.key, artifact.kind.name, std::move(*repo),
                                   slug.empty() || title.empty() ? slug : title, !slug.empty() && !title.empty(),
                                   std::move(artifact.document)});
            }
        } catch (const Error& error) {
            failed(entry, error);
        }
    }
    return targets;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// Pins a repository and hands it to a plugin that only looks.
#include "publish/inspect.hpp"

#include "publish/sources.hpp"
#include "publish/telling.hpp"
#include "support/error.hpp"
#include "support/version.hpp"

#include <utility>

namespace skw::publish {

Inspection inspect_repo(const InspectTarget& target, const Kinds& kinds, hub::Client& hub,
                        std::stop_token stop, Observer& observer)
{
    plugin::Artifact& artifact = kinds.artifact(target.kind);
    if (!artifact.can_inspect()) {
        throw Error(ErrorCode::unsupported, "plugin " + artifact.plugin().id,
                    "cannot look into a repository for " + target.kind,
                    "`skulk-weights publish --dry-run` shows what it would do with a catalog entry");
    }
    hub::RepoInfo info = hub.read_repo(target.repo, target.revision);
    hub::Tree tree = hub.read_tree(target.repo, info.head);
    tree.repo = info.id;
    return inspect_input({"source", std::move(info), std::move(tree), {}}, target.kind, target.options, kinds,
                         hub, std::move(stop), observer);
}

Inspection inspect_input(const PinnedInput& input, std::string_view kind, json::object options,
                         const Kinds& kinds, hub::Client& hub, std::stop_token stop, Observer& observer)
{
    const RepoId& repo = input.tree.repo;
    const CommitId& commit = input.tree.commit;
    std::vector<PinnedInput> inputs{input};
    inputs.front().id = "source";
    HubSources sources(hub, inputs);
    Telling events(observer, kind, {});
    plugin::InspectRequest request{repo, commit, std::move(options), &sources, &events, std::move(stop)};
    request.host = {{"name", "skulk-weights"}, {"version", SKW_VERSION}};
    try {
        json::value document = kinds.artifact(kind).inspect(request);
        return {repo, commit, std::string(kind), std::move(document.as_object()), hub.traffic()};
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled ||
            std::string_view(error.what()).find(repo.text()) != std::string_view::npos) {
            throw;
        }
        throw error.inside(repo.text() + "@" + std::string(commit.text().substr(0, 12)));
    }
}

json::object inspect_options(const catalog::Entry& entry, const plugin::Kind& kind)
{
    json::object options;
    for (const std::string& field : kind.entry_fields) {
        const bool elsewhere = field.ends_with("_repo") || field.ends_with("_base_model_relation");
        const json::value* value = elsewhere ? nullptr : entry.fields.if_contains(field);
        if (value != nullptr && !value->is_null()) {
            options[field] = *value;
        }
    }
    const json::value* all = entry.fields.if_contains("artifacts");
    const json::value* own =
        all != nullptr && all->is_object() ? all->get_object().if_contains(kind.name) : nullptr;
    if (own != nullptr && own->is_object()) {
        for (const auto& member : own->get_object()) {
            options[member.key()] = member.value();
        }
    }
    return options;
}

json::value inspection_json(const Inspection& inspection)
{
    json::object out{{"schema", "skw.inspect/1"},
                     {"repo", inspection.repo.text()},
                     {"revision", inspection.commit.text()},
                     {"kind", inspection.kind},
                     {"refused", inspection.refused()}};
    for (const auto& member : inspection.document) {
        if (member.key() != "schema") {
            out.insert(member);
        }
    }
    out["traffic"] = json::object{{"requests", inspection.traffic.requests},
                                  {"received_bytes", inspection.traffic.received_bytes}};
    return out;
}

} // namespace skw::publish

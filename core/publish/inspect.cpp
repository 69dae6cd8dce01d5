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
    const RepoId repo = info.id;
    const CommitId commit = info.head;
    std::vector<PinnedInput> inputs;
    inputs.push_back({"source", std::move(info), std::move(tree), {}});
    HubSources sources(hub, inputs);
    Telling events(observer, target.kind, {});
    plugin::InspectRequest request{repo, commit, target.options, &sources, &events, std::move(stop)};
    request.host = {{"name", "skulk-weights"}, {"version", SKW_VERSION}};
    try {
        json::value document = artifact.inspect(request);
        return {repo, commit, target.kind, std::move(document.as_object()), hub.traffic()};
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled ||
            std::string_view(error.what()).find(repo.text()) != std::string_view::npos) {
            throw;
        }
        throw error.inside(repo.text() + "@" + std::string(commit.text().substr(0, 12)));
    }
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

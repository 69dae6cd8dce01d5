// SPDX-License-Identifier: Apache-2.0
// What only the Hub knows before an artifact is made.
#include "publish/facts.hpp"

#include "publish/front_matter.hpp"
#include "support/error.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

json::array files_json(const std::vector<hub::RemoteFile>& files)
{
    json::array out;
    for (const hub::RemoteFile& file : files) {
        json::object one;
        one["path"] = file.path.text();
        one["size"] = file.size;
        one["blob_id"] = file.blob_id;
        if (file.sha256) {
            one["sha256"] = file.sha256->hex();
        }
        out.push_back(std::move(one));
    }
    return out;
}

TargetState read_target(hub::Client& hub, const json::object& plan)
{
    const std::string name(plan.at("target").at("repo").as_string());
    const std::optional<RepoId> repo = RepoId::parse(name);
    if (!repo) {
        throw Error(ErrorCode::bad_input, name, "is not a repository name of the form owner/name");
    }
    TargetState target{*repo, {}, false, {}, {}};
    const std::optional<hub::RepoInfo> info = hub.find_repo(*repo);
    if (!info) {
        return target;
    }
    target.head = info->head;
    target.is_private = info->is_private;
    hub::Tree tree = hub.read_tree(*repo, info->head);
    static constexpr std::uint64_t largest_card = 1u << 20;
    if (const hub::RemoteFile* readme = tree.find("README.md");
        readme != nullptr && readme->size <= largest_card) {
        target.card = read_front_matter(hub.read_file(*repo, info->head, *readme, largest_card));
    }
    target.files = std::move(tree.files);
    return target;
}

} // namespace

std::string TargetState::foxlight(std::string_view member) const
{
    const json::value* ours = card ? card->if_contains("foxlight") : nullptr;
    const json::object* mapping = ours != nullptr ? ours->if_object() : nullptr;
    const json::value* value = mapping != nullptr ? mapping->if_contains(member) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const hub::RemoteFile* TargetState::find(std::string_view path) const
{
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const hub::RemoteFile& file) { return file.path.text() == path; });
    return found != files.end() ? &*found : nullptr;
}

const PinnedInput* find_source(const Facts& facts, const json::object& plan)
{
    const std::string_view repo = plan.at("card").at("source_repo").as_string();
    const auto found = std::find_if(facts.inputs.begin(), facts.inputs.end(),
                                    [&](const PinnedInput& input) { return input.tree.repo.text() == repo; });
    return found != facts.inputs.end() ? &*found : facts.inputs.empty() ? nullptr : &facts.inputs.front();
}

Facts read_facts(hub::Client& hub, const json::object& plan)
{
    std::vector<PinnedInput> inputs;
    json::object inputs_json;
    for (const json::value& input : plan.at("inputs").as_array()) {
        PinnedInput& pinned = inputs.emplace_back(pin_input(hub, input.as_object()));
        json::object one;
        one["repo"] = pinned.tree.repo.text();
        one["revision"] = pinned.tree.commit.text();
        one["gated"] = pinned.info.gated;
        one["files"] = files_json(pinned.tree.files);
        inputs_json[pinned.id] = std::move(one);
    }
    Facts facts{std::move(inputs), read_target(hub, plan), {}};
    json::object target;
    target["repo"] = facts.target.repo.text();
    target["exists"] = facts.target.head.has_value();
    target["head"] = facts.target.head ? json::value(facts.target.head->text()) : json::value();
    target["files"] = files_json(facts.target.files);
    target["card"] = facts.target.card ? json::value(*facts.target.card) : json::value();
    json::object document;
    document["inputs"] = std::move(inputs_json);
    document["target"] = std::move(target);
    facts.document = std::move(document);
    return facts;
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// Models on the Hub. What a head is, only the plugin knows.
#include "publish/model_facts.hpp"

#include "publish/inspect.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace skw::publish {
namespace {

constexpr std::string_view kind = "mtp";
constexpr std::uint64_t largest_config = 16u << 20; // the largest real ones have 7.4 MB
constexpr std::size_t longest_text = 600;           // of a plugin's sentence in a warning
// How a missing head is told: the beginning of a message that the contract fixes.
constexpr std::string_view no_heads = "no MTP head tensors found in ";

RepoId repo_of(const std::string& id)
{
    const std::optional<RepoId> repo = RepoId::parse(id);
    if (!repo) {
        throw Error(ErrorCode::bad_input, printable(id, 300), "is no name of a repository on the Hub",
                    "names have the form owner/name, at most 96 characters each");
    }
    return *repo;
}

std::string text_of(const json::object& object, std::string_view name)
{
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? printable(value->get_string(), longest_text) : "";
}

catalog::Heads refused(std::string reason, std::string hint)
{
    return {catalog::Heads::State::refused, {}, std::move(reason), std::move(hint)};
}

} // namespace

std::optional<catalog::ModelInfo> HubModelFacts::find_model(const std::string& id)
{
    std::optional<hub::RepoInfo> info = hub_.find_repo(repo_of(id));
    if (!info) {
        return std::nullopt;
    }
    catalog::ModelInfo out{info->id.text(), info->tags};
    known_.insert_or_assign(out.id, std::move(*info));
    return out;
}

const PinnedInput& HubModelFacts::pinned(const std::string& id)
{
    const auto found = pinned_.find(id);
    if (found != pinned_.end()) {
        return found->second;
    }
    const auto known = known_.find(id);
    hub::RepoInfo info = known != known_.end() ? known->second : hub_.read_repo(repo_of(id));
    hub::Tree tree = hub_.read_tree(info.id, info.head);
    return pinned_.emplace(id, PinnedInput{"source", std::move(info), std::move(tree), {}}).first->second;
}

json::value HubModelFacts::read_config(const std::string& id)
{
    const PinnedInput& model = pinned(id);
    const hub::RemoteFile* file = model.tree.find("config.json");
    if (file == nullptr) {
        return {};
    }
    const std::string text = hub_.read_file(model.info.id, model.info.head, *file, largest_config);
    try {
        return parse_json(text, "config.json", {.bytes = largest_config});
    } catch (const Error&) {
        return {}; // whoever loads the model will complain; here it only tells less
    }
}

catalog::Heads HubModelFacts::look_for_heads(const std::string& id)
{
    if (!kinds_.artifact(kind)
             .can_inspect()) { // throws where the plugin cannot be used, which no model is to blame for
        throw Error(ErrorCode::unsupported, "plugin " + kinds_.artifact(kind).plugin().id,
                    "cannot look into a repository", "install this program again");
    }
    const PinnedInput& model = pinned(id);
    try {
        const Inspection found = inspect_input(model, kind, {}, kinds_, hub_, stop_, observer_);
        catalog::Heads heads{catalog::Heads::State::usable};
        if (found.refused()) {
            const json::object& first = found.document.at("refusals").as_array().front().as_object();
            const std::string place = text_of(first, "place");
            heads = refused((place.empty() ? "" : place + ": ") + text_of(first, "message"),
                            text_of(first, "hint"));
        }
        const json::value* details = found.document.if_contains("details");
        const json::value* names = details != nullptr && details->is_object()
                                       ? details->get_object().if_contains("stored_names")
                                       : nullptr;
        if (names != nullptr && names->is_int64() && names->get_int64() >= 0) {
            heads.names = static_cast<std::uint64_t>(names->get_int64());
        }
        return heads;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found && error.reason().starts_with(no_heads)) {
            return {catalog::Heads::State::none, {}, {}, std::string(error.hint())};
        }
        if (error.code() == ErrorCode::bad_input || error.code() == ErrorCode::unsupported) {
            return refused(printable(error.what(), longest_text), printable(error.hint(), longest_text));
        }
        throw;
    }
}

} // namespace skw::publish

// SPDX-License-Identifier: Apache-2.0
// The sources of the selected entries: there, readable, and what making each artifact takes of the disk.
#include "publish/doctor.hpp"

#include "publish/inspect.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::publish {
namespace {

using Status = Check::Status;

std::optional<std::uint64_t> whole(const json::object& totals, std::string_view name)
{
    const json::value* value = totals.if_contains(name);
    boost::system::error_code failure;
    const auto number =
        value != nullptr && value->is_number() ? value->to_number<std::uint64_t>(failure) : std::uint64_t{0};
    return value != nullptr && value->is_number() && !failure ? std::optional(number) : std::nullopt;
}

struct Looked {
    Check check;
    std::optional<std::uint64_t> scratch; // nullopt: not known
};

Looked look(hub::Client& hub, const catalog::Entry& entry, const Target& target, const Kinds& kinds,
            const std::stop_token& stop, Observer& observer)
{
    const std::string of = target.kind + " of " + target.key, id = "source-" + target.key + "-" + target.kind;
    const std::optional<RepoId>& source = target.source;
    if (!source) {
        return {{Status::skipped, id, of + ": the source is no repository of the Hub, so it is not looked at", {}},
                std::nullopt};
    }
    json::object facts{{"key", target.key}, {"artifact", target.kind}, {"source", source->text()}};
    plugin::Artifact& artifact = kinds.artifact(target.kind);
    if (!artifact.can_inspect()) {
        const hub::RepoInfo info = hub.read_repo(*source);
        hub.read_tree(*source, info.head);
        facts["scratch_bytes"] = target.stages ? json::value() : json::value(0);
        return {{Status::ok, id, of + ": source " + source->text() + " is there", {}, std::move(facts)},
                target.stages ? std::nullopt : std::optional<std::uint64_t>(0)};
    }
    const Inspection found =
        inspect_repo({*source, "main", target.kind, inspect_options(entry, artifact.kind())}, kinds, hub, stop,
                     observer);
    const json::object& totals = found.document.at("totals").as_object();
    auto scratch = whole(totals, "scratch_bytes");
    if (!scratch) {
        scratch = whole(totals, "output_bytes");
    }
    const auto fetch = whole(totals, "fetch_bytes");
    facts["scratch_bytes"] = scratch ? json::value(*scratch) : json::value();
    facts["fetch_bytes"] = fetch ? json::value(*fetch) : json::value();
    if (found.refused()) {
        const json::object& refusal = found.document.at("refusals").as_array().front().as_object();
        const json::value* hint = refusal.if_contains("hint");
        return {{Status::failed, id,
                 of + " cannot be made from " + source->text() + ": " + printable(refusal.at("message").as_string()),
                 hint != nullptr && hint->is_string() ? printable(hint->get_string()) : "", std::move(facts)},
                scratch};
    }
    return {{Status::ok, id,
             of + ": source " + source->text() + " is there" +
                 (fetch ? ", " + human_bytes(*fetch) + " to fetch" : "") +
                 (scratch ? ", about " + human_bytes(*scratch) + " of scratch" : ""),
             {}, std::move(facts)},
            scratch};
}

} // namespace

Sources check_sources(hub::Client& hub, std::span<const catalog::Entry> entries,
                      std::span<const Target> targets, const Kinds& kinds, std::stop_token stop,
                      Observer& observer)
{
    Sources sources;
    for (const Target& target : targets) {
        const auto entry =
            std::ranges::find_if(entries, [&](const catalog::Entry& one) { return one.key == target.key; });
        std::optional<std::uint64_t> scratch;
        try {
            Looked looked = look(hub, *entry, target, kinds, stop, observer);
            scratch = looked.scratch;
            sources.checks.push_back(std::move(looked.check));
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled) {
                throw;
            }
            sources.checks.push_back({Status::failed, "source-" + target.key + "-" + target.kind,
                                      target.kind + " of " + target.key + ": " + printable(error.what()),
                                      std::string(error.hint())});
        }
        // One artifact is made after the other, and each clears its room: the largest counts.
        sources.need.whole = sources.need.whole && scratch.has_value();
        if (scratch.value_or(0) > sources.need.bytes || sources.need.of.empty()) {
            sources.need.bytes = std::max(sources.need.bytes, scratch.value_or(0));
            sources.need.of = target.kind + " of " + target.key;
        }
    }
    return sources;
}

} // namespace skw::publish

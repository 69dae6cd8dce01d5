// SPDX-License-Identifier: Apache-2.0
// Whether a reviewed plan still holds: by the catalog and the plugins, then by the Hub.
#include "publish/reviewed_plan.hpp"

#include "publish/pins.hpp"
#include "publish/plan_checks.hpp"
#include "publish/preconditions.hpp"
#include "support/error.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <set>

namespace skw::publish {
namespace {

constexpr const char* next_step = "make a new plan with --plan-out, and review it";
constexpr std::size_t longest_value = 120;

Error stale(const std::string& place, const std::string& reason)
{
    return Error(ErrorCode::stale_plan, place, reason, next_step);
}

std::string value_text(const json::value* value)
{
    return value != nullptr ? printable(canonical_json(*value), longest_value) : "not there";
}

// The first field, by its name, that has another value; "" = they are the same.
std::string difference(const json::object& planned, const json::object& now)
{
    std::set<std::string, std::less<>> names;
    for (const json::object* fields : {&planned, &now}) {
        for (const auto& member : *fields) {
            names.emplace(member.key());
        }
    }
    for (const std::string& name : names) {
        const json::value* was = planned.if_contains(name);
        const json::value* is = now.if_contains(name);
        if (was == nullptr || is == nullptr || canonical_json(*was) != canonical_json(*is)) {
            return printable(name, longest_value) + " was " + value_text(was) + " and is " + value_text(is);
        }
    }
    return "";
}

const catalog::Entry& find_same_entry(const ReviewedEntry& reviewed, const catalog::Catalog& catalog)
{
    const std::string name = "entry " + printable(reviewed.key, 300) + " of the catalog";
    const catalog::Entry* entry = catalog.find(reviewed.key);
    if (entry == nullptr) {
        throw stale("", name + " is gone since the plan was made, or is not read here: the catalog depends on the "
                               "folder, --config and --manifest");
    }
    if (const std::string other = difference(reviewed.fields, entry->fields); !other.empty()) {
        throw stale("", name + " has changed since the plan was made: " + other);
    }
    return *entry;
}

// As if the settings stood on the command line: the file has no more say than that.
std::vector<Setting> read_settings(const std::vector<Setting>& planned, const Kinds& kinds)
{
    std::vector<Setting> settings;
    for (const Setting& one : planned) {
        settings.push_back(parse_setting(one.field + "=" + canonical_json(one.value), kinds));
        if (settings.back().field != one.field || settings.back().value != one.value) {
            throw stale("", "the plan sets " + printable(one.field, longest_value) +
                                " to what --set cannot set it to");
        }
    }
    check_distinct(settings);
    return settings;
}

void require_same_filing(const ReviewedEntry& reviewed, const collection::Policy& policy)
{
    const auto text = [](const std::optional<std::string>& slug) {
        return slug ? printable(*slug, longest_value) : std::string("none");
    };
    if (policy.slug != reviewed.collection) {
        throw stale(printable(reviewed.key, 300),
                    "the collection has changed since the plan was made: it was " +
                        text(reviewed.collection) + " and is " + text(policy.slug) +
                        ", by SKULK_WEIGHTS_COLLECTION or the catalog");
    }
}

std::string identity_text(const PluginIdentity& plugin)
{
    return printable(plugin.id, 100) + " " + printable(plugin.version, 100) + " (" +
           printable(plugin.library_sha256.substr(0, 12), 20) + ")";
}

void require_same_tools(const ReviewedArtifact& was, const std::string& key, const ArtifactPlan& plan)
{
    for (const auto& [name, sha256] : hash_tools(plan.document.as_object())) {
        const auto planned = was.tools.find(name);
        const std::string before = planned != was.tools.end() ? planned->second : "";
        if (before != sha256) {
            throw stale(key + ": " + was.kind,
                        name + " is another build than when the plan was made: it was " +
                            printable(before.substr(0, 12), 20) + " and is " +
                            (sha256.empty() ? "not on PATH" : sha256.substr(0, 12)));
        }
    }
}

void require_same_artifacts(const ReviewedEntry& reviewed, Plan& plan, const Kinds& kinds)
{
    bool same = reviewed.artifacts.size() == plan.artifacts.size();
    for (std::size_t i = 0; same && i < plan.artifacts.size(); ++i) {
        same = reviewed.artifacts[i].kind == plan.artifacts[i].kind.name &&
               reviewed.artifacts[i].configured == plan.artifacts[i].configured;
    }
    if (!same) {
        throw stale(plan.request.entry.key,
                    "this program would now make other artifacts of the entry than the plan says");
    }
    for (std::size_t i = 0; i < plan.artifacts.size(); ++i) {
        const ReviewedArtifact& was = reviewed.artifacts[i];
        const plugin::Candidate& is = kinds.artifact(was.kind).plugin();
        const PluginIdentity now{is.id, is.version, is.library_sha256};
        if (was.configured && was.plugin != now) {
            throw stale(plan.request.entry.key + ": " + was.kind,
                        "the plugin is another one than when the plan was made: it was " +
                            identity_text(was.plugin) + " and is " + identity_text(now));
        }
        if (was.configured) {
            require_same_tools(was, plan.request.entry.key, plan.artifacts[i]);
        }
        plan.artifacts[i].pins = was.pins;
    }
}

// What cannot be planned any more is one more way of not holding.
Plan plan_again(const Request& request, const Kinds& kinds)
{
    try {
        return plan_publish(request, kinds);
    } catch (const Error& error) {
        throw stale(request.entry.key,
                    "what the plan says cannot be planned any more: " + printable(error.what(), 600));
    }
}

// A repository that is gone has changed as well. What the Hub refuses this login is no change of anything.
Facts read_facts_again(hub::Client& hub, const json::object& plan, const std::string& kind)
{
    try {
        return read_facts(hub, plan);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) {
            throw;
        }
        const std::string target = std::string(plan.at("target").at("repo").as_string()) + "@";
        throw stale(kind, (error.place().starts_with(target) ? "the target" : "a source") +
                              std::string(" of the plan cannot be read any more: ") +
                              printable(error.what(), 600));
    }
}

void require_unchanged(const Plan& plan, const ArtifactPlan& artifact, const Kinds& kinds, hub::Client& hub)
{
    const json::object& shown = artifact.document.as_object();
    plugin::Artifact& maker = kinds.artifact(artifact.kind.name);
    check_target(shown, plan.request, maker.plugin());
    const Facts facts = read_facts_again(hub, shown, artifact.kind.name);
    require_pins(artifact.pins.value(), facts, artifact.kind.name);
    require_same_plan(*artifact.pins, make_pinned_plan(plan.request, shown, maker, facts),
                      artifact.kind.name);
}

} // namespace

std::vector<Plan> plan_reviewed(const ReviewedPlan& reviewed, const catalog::Catalog& catalog,
                                const Kinds& kinds, const std::optional<std::string>& collection_variable)
{
    std::vector<Plan> plans;
    for (const ReviewedEntry& entry : reviewed.entries) {
        Request request;
        request.entry = find_same_entry(entry, catalog);
        try {
            apply_settings(read_settings(reviewed.settings, kinds), request.entry, kinds);
        } catch (const Error& error) {
            throw stale(request.entry.key,
                        "the plan's settings cannot be taken: " + printable(error.what(), 600));
        }
        request.artifacts = entry.asked;
        request.pass_over = entry.pass_over;
        request.force = entry.force;
        request.scratch = entry.scratch;
        request.collection = collection::decide_policy(request.entry.hf_collection, collection_variable);
        require_same_filing(entry, request.collection);
        plans.push_back(plan_again(request, kinds));
        require_same_artifacts(entry, plans.back(), kinds);
    }
    return plans;
}

void require_same_hub(const ReviewedPlan& reviewed, const std::string& endpoint)
{
    if (reviewed.endpoint != endpoint) {
        throw stale("", "the plan was made for another Hub: it was " +
                            printable(reviewed.endpoint, longest_value) + " and is " + endpoint +
                            ", by HF_ENDPOINT");
    }
    if (reviewed.version != SKW_VERSION) {
        throw stale("", "the program is another one than when the plan was made: it was " +
                            printable(reviewed.version, longest_value) + " and is " SKW_VERSION);
    }
}

void require_unchanged(const std::vector<Plan>& plans, const Kinds& kinds, hub::Client& hub)
{
    for (const Plan& plan : plans) {
        for (const ArtifactPlan& artifact : plan.artifacts) {
            if (!artifact.configured) {
                continue;
            }
            try {
                require_unchanged(plan, artifact, kinds, hub);
            } catch (const Error& error) {
                if (plans.size() == 1) {
                    throw;
                }
                throw error.inside(plan.request.entry.key);
            }
        }
    }
}

} // namespace skw::publish

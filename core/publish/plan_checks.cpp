// SPDX-License-Identifier: Apache-2.0
// What the host holds a plugin's plan to before it trusts it.
#include "publish/plan_checks.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <set>

namespace skw::publish {
namespace {

[[noreturn]] void broken(const plugin::Candidate& plugin, const std::string& reason)
{
    throw Error(ErrorCode::contract, "plugin " + plugin.id, reason,
                "this is a fault of the plugin; nothing was published");
}

// The parts of a plan that say what it will touch.
json::value touched(const json::object& plan)
{
    const auto pick = [](const json::value& list, std::initializer_list<const char*> names) {
        json::array out;
        for (const json::value& element : list.as_array()) {
            json::object one;
            for (const char* name : names) {
                const json::value* member = element.as_object().if_contains(name);
                one[name] = member != nullptr ? *member : json::value();
            }
            out.push_back(std::move(one));
        }
        return out;
    };
    json::object out;
    out["inputs"] = pick(plan.at("inputs"), {"id", "repo", "patterns"});
    out["outputs"] = pick(plan.at("outputs"), {"id", "repo", "path", "file"});
    out["target"] = plan.at("target").at("repo");
    for (const char* list : {"tools", "mirrors", "folders"}) {
        const json::value* value = plan.if_contains(list);
        out[list] = value != nullptr ? *value : json::value(json::array());
    }
    return out;
}

// What each tool is started with.
std::vector<std::string> commands_of(const json::object& plan)
{
    std::vector<std::string> commands;
    const json::value* steps = plan.if_contains("steps");
    for (const json::value& step : steps != nullptr ? steps->as_array() : json::array()) {
        const json::object* one = step.if_object();
        if (one == nullptr || !one->contains("command")) {
            continue;
        }
        json::object command;
        for (const char* name : {"command", "environment", "uploads", "endpoint_variable"}) {
            const json::value* member = one->if_contains(name);
            command[name] = member != nullptr ? *member : json::value();
        }
        commands.push_back(canonical_json(command));
    }
    return commands;
}

// The Hub's state may show that a tool need not run, but none may come up that was not shown.
bool runs_more(const json::object& shown, const json::object& pinned)
{
    const std::vector<std::string> known = commands_of(shown), wanted = commands_of(pinned);
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& command) {
        return std::find(known.begin(), known.end(), command) == known.end();
    });
}

} // namespace

void check_target(const json::object& plan, const Request& request, const plugin::Candidate& plugin)
{
    const std::string repo(plan.at("target").at("repo").as_string());
    const std::optional<RepoId> target = RepoId::parse(repo);
    if (!target) {
        throw Error(ErrorCode::bad_input, request.entry.key,
                    "the target " + python_repr(repo) + " is not a repository name of the form owner/name");
    }
    const std::string owner = request.entry.hf_repo.substr(0, request.entry.hf_repo.find('/'));
    if (target->owner() != owner) {
        broken(plugin, "plans to publish to " + repo + ", which does not belong to " + owner);
    }
    // The type decides whose repo it may replace, so nobody takes another kind's.
    const std::string type(plan.at("card").at("artifact_type").as_string());
    const std::string kind(plan.at("kind").as_string());
    if (plugin.source != "builtin" && type != kind && !type.starts_with(kind + "-")) {
        broken(plugin, "calls its artifact " + python_repr(type) + ", which must be " + kind +
                           " or begin with " + kind + "-");
    }
    std::set<std::string> paths;
    for (const json::value& output : plan.at("outputs").as_array()) {
        const std::string path(output.at("path").as_string());
        if (output.at("repo").as_string() != repo) {
            broken(plugin, "plans an output outside of its target " + repo);
        }
        if (!RepoPath::parse(path) || path == "README.md" || path == ".gitattributes" ||
            !paths.insert(path).second) {
            broken(plugin, "plans an output at " + python_repr(path) + ", which it may not write");
        }
    }
}

void check_same_work(const json::object& shown, const json::object& pinned, const plugin::Candidate& plugin)
{
    if (canonical_json(touched(shown)) != canonical_json(touched(pinned)) || runs_more(shown, pinned)) {
        broken(
            plugin,
            "plans other inputs, outputs or commands once it knows the Hub's state than it had shown before");
    }
}

void check_outputs(const json::object& plan, const plugin::Execution& execution,
                   const plugin::Candidate& plugin)
{
    const auto staged = [&](std::string_view id) {
        return std::find_if(execution.outputs.begin(), execution.outputs.end(),
                            [&](const plugin::StagedOutput& output) { return output.id == id; });
    };
    const json::array& planned = plan.at("outputs").as_array();
    for (const json::value& output : planned) {
        if (staged(output.at("id").as_string()) == execution.outputs.end()) {
            broken(plugin, "ended without the planned output " + python_repr(output.at("id").as_string()));
        }
    }
    if (planned.size() != execution.outputs.size()) {
        broken(plugin, "made outputs that are not in its plan");
    }
    const json::value* claims = execution.result.as_object().if_contains("outputs");
    if (claims == nullptr || !claims->is_array()) {
        return;
    }
    for (const json::value& claim : claims->get_array()) {
        const json::object& one = claim.as_object();
        const auto output = staged(one.at("id").as_string());
        const json::value* sha256 = one.if_contains("sha256");
        if (output == execution.outputs.end() ||
            (sha256 != nullptr && sha256->is_string() && sha256->get_string() != output->sha256.hex())) {
            broken(plugin, "claims another content of its output than the host saw");
        }
    }
}

} // namespace skw::publish
